"""What is said of the right to leave: who owns it, what it is worth, the life it leaves."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from analysis.contract.terms import Agreement
from analysis.models.exits import ownership
from analysis.models.exits.lifetimes import NOTABLE, private_why_not
from analysis.models.exits.ownership import FEE, Study
from analysis.models.market.standing import Standing
from analysis.page.findings import (
    Figure,
    Finding,
    about,
    count,
    day,
    days,
    finding,
    months,
    quantity,
    share,
    usd,
)

HOUR = "USD/H100e-hour"
ODDS = 0.1  # to which chances of draws are said, "at least"
NO_DIGIT = "next to nothing"
NEARER = 0.03  # of the nearer end of a band, the same where the band leans to one side
DOUBT = 0.02  # of a band: several times what another net to sum it over moves its middle by
STEP = 0.6  # at most, of a band, to which its ends are said
LIVES = 0.9  # share of the term, from which an agreement is said to live


def unanswered(found: Study) -> Finding:
    """Why a part of the page has no answer."""
    return finding("Not answered here: {why}.", why=found.why_not)


def under(found: Study, sentence: str, /, **parts: Figure | str) -> Finding:
    """A finding whose figures hold under the reading that was studied."""
    held = {
        name: replace(part, reading=found.ahead.reading) if isinstance(part, Figure) else part
        for name, part in parts.items()
    }
    return finding(sentence, **held)


def settled(figure: Figure, doubt: float) -> Figure:
    """A middle value in the finest step, of three digits at most, that its doubt does not turn.

    The middle process is summed over a net, and another net moves a value by up to its doubt.
    Without one, two digits as of `about`.

    >>> print(settled(usd(11.49e9), 0.1e9), settled(usd(11.54e9), 0.1e9))
    $11.5bn $11.5bn
    """
    value = float(figure.value)  # type: ignore[arg-type]
    if not (doubt > 0 and value and math.isfinite(value)):
        return about(figure)
    power = 10.0 ** max(math.floor(math.log10(doubt)), math.floor(math.log10(abs(value))) - 2)
    steps = (times * power * 10.0**n for n in range(4) for times in (1, 2, 5))
    return about(figure, step=next(s for s in steps if _alike(value, doubt, s)))


def middle(row: Any, reading: str = "", *, right: bool = False) -> Figure | str:
    """The middle `usd` of a row with its band; in words where its doubt leaves no digit of it."""
    doubt = DOUBT * (row.high_usd - row.low_usd)
    if not right:  # a right is never worth less than nothing, so its nearer end says little
        doubt = min(doubt, NEARER * min(row.high_usd - row.usd, row.usd - row.low_usd))
    found = settled(usd(row.usd, reading), doubt)
    return found if found.value or not row.usd else NO_DIGIT


def _alike(value: float, doubt: float, step: float) -> bool:
    """Whether a value reads as one number of steps across its doubt."""
    return round((value - doubt) / step) == round((value + doubt) / step)


def odds(leads: float) -> Figure:
    """A share of draws in whole steps, the one below.

    >>> print(odds(0.947))
    90 %
    """
    return about(share(ODDS * math.floor(leads / ODDS + 1e-9)))


def band(name: str, low: float, high: float) -> dict[str, Figure | str]:
    """Both ends of the middle nine tenths of draws, in steps that fit how far apart they are."""
    wide = (high - low) * STEP
    power = 10.0 ** math.floor(math.log10(wide)) if wide > 0 else 0.0
    step = power * max([n for n in (1, 2, 5) if n * power <= wide], default=0.0)
    ends = {f"{name}_low": low, f"{name}_high": high}
    return {key: about(usd(end), step=step) for key, end in ends.items()}


def price(value: float, reading: str) -> Figure:
    return quantity(value, HOUR, reading)


def owner(found: Study, agreement: Agreement, *, as_of: date) -> Finding:
    """Who holds the more valuable right and what it is worth, or why that cannot be said."""
    reading = agreement.reading.name
    if found.why_not:
        return _no_owner(found, agreement, as_of=as_of)
    assert found.now is not None
    ahead, series = found.ahead, found.now.series
    named: dict[str, Figure | str] = {
        "as_of": day(as_of, kind="assumed"),
        "fee": price(ahead.fee_usd_hour(), reading),
        "scope": ahead.scope,
        "market": about(price(found.now.spot_usd_hour, reading)),
        "series": series.source,
        "quoted": quantity(series.usd_gpu_hour[-1], "USD/GPU-hour", kind="reported"),
        "last_on": day(series.dates[-1], kind="reported"),
    }
    start = (
        "At a market price of {market} ({series}: {quoted} on {last_on}, carried on) the fee "
        "is {fee} if it pays for {scope}: "
    )
    if found.rights.empty:
        whole: Any = found.values.set_index("case").loc["none"]
        return finding(
            start + "under {reading} nobody may leave and nobody owns an exit. On {as_of}, held to "
            "its end, the agreement is worth {value} to the customer ({whole_low} to "
            "{whole_high}).",
            **named,
            **band("whole", whole.low_usd, whole.high_usd),
            reading=reading,
            value=middle(whole, reading),
        )
    worth: Any = found.rights.set_index("party")
    parts: dict[str, Figure | str] = {}
    said = []
    for party, row in worth.iterrows():
        right = middle(row, reading, right=True)
        if not row.usd or row.months < NOTABLE or right == NO_DIGIT:
            said.append(f"the {party}'s right is worth next to nothing")
            continue
        assert isinstance(right, Figure)
        lasting = float(right.value) * row.months / row.usd  # type: ignore[arg-type]
        fees = f" ({{{party}_months}} of fee)"
        if not math.isfinite(lasting):  # no fee is due then
            fees = ""
        elif lasting < 1:
            fees = f" ({{{party}_share}} of a month's fee)"
            parts[f"{party}_share"] = about(share(lasting, reading))
        else:
            parts[f"{party}_months"] = about(months(lasting, reading))
        said.append(f"the {party}'s right is worth {{{party}}}{fees}")
        parts[f"{party}"] = right
    owned, chances = _owner(worth, found)
    text = start + owned + ". Alone, " + ", ".join(said) + ". " + _window_words(found)
    return finding(text, **named, **chances, **parts, **_window(found, reading))


def _owner(worth: Any, found: Study) -> tuple[str, dict[str, Figure | str]]:
    """Whose right is worth more, in how many of the draws and by which price series."""
    owned = ownership.owner(worth.reset_index())
    if owned == "nobody":
        return "the exit is worth nothing to anybody", {}
    first = str((worth.usd if len(worth) == 1 else worth.leads).idxmax())
    if len(worth) == 1:
        return f"the {first} alone may leave", {}
    assert found.now is not None
    by = [now.series.source for now in (found.now, *found.beside)]
    parts: dict[str, Figure | str] = {
        "leads": odds(worth.leads[first]),
        "by": " and ".join(by),
    }
    how_often = "in at least {leads} of the draws by {by}"
    if owned == "open":
        return f"who holds the more valuable right is open, the {first} {how_often}", parts
    return f"the {first} holds the more valuable right, {how_often}", parts


def _window_words(found: Study) -> str:
    """The loud sentence where both rights are free and equal, or come too late."""
    if _too_late(found):
        return (
            "Notice given on {as_of} ends nothing before the stated end: the agreement is worth "
            "its last {rest}, {signed} to the customer."
        )
    if not found.solutions[found.signed].note:
        return (
            "With the rights as signed, on {as_of} the agreement is worth {signed} to the customer."
        )
    return (
        "But both may leave free of charge on equal notice: on {as_of} the agreement is worth its "
        "next {window} and nothing more, whatever its end date says, {signed} to the customer."
    )


def _too_late(found: Study) -> bool:
    """Whether no right to leave ends anything before the stated end."""
    ahead = found.ahead
    rights = {"customer": ahead.customer, "provider": ahead.provider}
    ends = [
        ahead.left_on(party, right.first_month + right.notice_months)
        for party, right in rights.items()
        if right
    ]
    return bool(ends) and min(ends) >= ahead.end


def _window(found: Study, reading: str) -> dict[str, Figure | str]:
    solution = found.solutions[found.signed]
    as_signed = found.values.set_index("case").loc[found.signed]
    parts: dict[str, Figure | str] = {"signed": middle(as_signed, reading)}
    if _too_late(found):
        return parts | {"rest": days((found.ahead.end - found.ahead.start).days, reading)}
    if solution.note and solution.game.customer:
        right, ahead = solution.game.customer, found.ahead
        ends = ahead.left_on("customer", right.first_month + right.notice_months)
        parts["window"] = days((ends - ahead.start).days, reading)
    return parts


def _no_owner(found: Study, agreement: Agreement, *, as_of: date) -> Finding:
    reading, ahead = agreement.reading.name, found.ahead
    start = "Who holds the more valuable right cannot be said on {as_of}: {why}."
    valued = day(as_of, kind="assumed")
    due = ahead.fee_usd_month > 0 and any(ahead.fees_usd_month)
    if not due or ahead.accelerators or found.now is None:
        return finding(start, as_of=valued, why=found.why_not)
    spot = found.now.spot_usd_hour
    return finding(
        start + " At the market's {market} its {fee} a month would buy {even} H100-equivalents: "
        "with fewer the fee lies above the market and the customer's right is the one that counts, "
        "with more the provider's.",
        as_of=valued,
        why=found.why_not,
        market=about(price(spot, reading)),
        fee=usd(ahead.fee_usd_month, reading, "reported"),
        even=about(count(ahead.fee_usd_month / (spot * ahead.hours_month), reading)),
    )


def converted(table: pd.DataFrame, found: Study, *, hours_month: float) -> Finding:
    """How far scope and metric move the fee's price."""
    known: Any = table.dropna(subset=["low_usd_hour"])
    if known.empty:
        if (table.accelerators > 0).any():
            return unanswered(found)
        return finding(
            "No scope states a number of accelerators, so the fee has no price in {unit}.",
            unit="$/H100e-hour",
        )
    return finding(
        "One fee, {low_fee} to {high_fee} by what it is taken to pay for, at {hours} hours a "
        "month: {low_times} to {high_times} the market price.",
        low_fee=quantity(known.low_usd_hour.min(), HOUR),
        high_fee=quantity(known.high_usd_hour.max(), HOUR),
        hours=count(hours_month, kind="assumed"),
        low_times=about(quantity(known.low_times.min(), "multiple")),
        high_times=about(quantity(known.high_times.max(), "multiple")),
    )


def observed(now: Standing | None) -> Finding:
    """Which prices the market is read from, and how old the last one is."""
    if now is None:
        return finding("Too few market prices of this kind were known by then.")
    series = now.series
    return finding(
        "The market is {gpu} {tier} from one source, {source} ({basis}): {observations} prices "
        "from {first} to {last}, the last {last_price}; carried on to {day}, "
        "{old} later, it is {spot}.",
        gpu=series.gpu,
        tier=series.tier,
        source=series.source,
        basis=series.basis,
        observations=count(len(series.dates)),
        first=day(series.dates[0], kind="reported"),
        last=day(series.dates[-1], kind="reported"),
        last_price=quantity(series.usd_gpu_hour[-1], "USD/GPU-hour", kind="reported"),
        day=day(now.day),
        old=days((now.day - series.dates[-1]).days),
        spot=about(quantity(now.spot_usd_hour, "USD/GPU-hour")),
    )


def learned_title(now: Standing | None) -> Finding:
    """Which parameters the data speak of."""
    if now is None:
        return finding("No prices, nothing learned")
    found = now.calibration
    told: Any = found.learned.set_index("parameter").learned
    names = [NAMES[str(p)] for p in told.index if told[p] < LITTLE]
    return (
        finding(
            "Prices say much about level and volatility, little about {unknown}",
            unknown=" and ".join(names) or "nothing",
        )
        if told["level_usd_hour"] >= LITTLE and told["sigma_year"] >= LITTLE
        else finding("Prices say little about {unknown}", unknown=" and ".join(names))
    )


LITTLE = 0.5
NAMES = {
    "kappa_year": "speed of return",
    "level_usd_hour": "level",
    "sigma_year": "volatility",
    "noise_log": "noise",
    "drift_year": "drift",
}


def clouded(found: Study) -> Finding:
    """How wide the doubt about the market makes the value held to the end."""
    if found.why_not:
        return unanswered(found)
    table: Any = found.values.set_index("case")
    parts: dict[str, Figure | str] = {
        "draws": count(len(found.now.draws) if found.now else 0),
        **band("none", table.low_usd["none"], table.high_usd["none"]),
    }
    text = (
        "Through {draws} processes that fit the prices, the agreement held to its end is worth "
        "{none_low} to {none_high} to the customer (middle nine tenths)"
    )
    if found.signed != "none":
        text += "; with the rights as signed {signed_low} to {signed_high}"
        parts |= band("signed", table.low_usd[found.signed], table.high_usd[found.signed])
    return under(found, text + ".", **parts)


def values_title(found: Study) -> Finding:
    """The head of the chart of values."""
    if found.rights.empty:
        return finding("Nobody may leave: the value moves with the market to the end")
    worth: Any = found.rights.set_index("party")
    first = str(worth.usd.idxmax())
    return finding(
        "The {first}'s right alone moves the value by {worth}",
        first=first,
        worth=middle(worth.loc[first], right=True),
    )


def cases(found: Study) -> Finding:
    """What each combination of rights is worth, and where owner and price part."""
    if found.why_not:
        return unanswered(found)
    curves: Any = found.curves.pivot(index="price", columns="case", values="usd")
    values: Any = found.values.set_index("case")
    parts: dict[str, Figure | str] = {"none_usd": middle(values.iloc[0])}
    text = "Nobody may leave: {none_usd} to the customer."
    words = {"customer": "only the customer", "provider": "only the provider", "both": "both"}
    for case, row in values.iloc[1:].iterrows():
        text += f" {words[str(case)].capitalize()}: {{{case}_usd}}."
        parts[f"{case}_usd"] = middle(row)
    if {"customer", "provider"} <= set(curves):
        gap = (curves.customer - curves.none) - (curves.none - curves.provider)
        crossing = gap.index[(gap.shift(1) > 0) & (gap <= 0)]
        if len(crossing):
            text += " Above a market price of about {switch} the provider's right is worth more."
            parts["switch"] = about(quantity(crossing[0], HOUR))
    return under(found, text, **parts)


def scoped(table: pd.DataFrame, found: Study) -> Finding:
    """Whether the owner depends on what the fee is taken to pay for."""
    if found.why_not and table.empty:
        return unanswered(found)
    if found.ahead.customer is None and found.ahead.provider is None:
        return under(found, "Nobody may leave under any scope.")
    if len(table) == 1:
        return under(found, "Only one scope states accelerators: {scope}.", scope=table.scope[0])
    owners: dict[str, list[str]] = {}
    rows: Any = table.itertuples()
    for row in rows:
        who = row.owner if row.owner == "nobody" else f"the {row.owner}"
        if row.owner == "open":
            who = f"open, the customer in at least {odds(row.leads)} of the draws,"
        owners.setdefault(who, []).append(str(row.scope))
    said = "; ".join(f"{who} under {', '.join(names)}" for who, names in owners.items())
    least = NOTABLE * found.ahead.fee_usd_month
    customer, parts = _over(table, "customer", "scope", least)
    provider, others = _over(table, "provider", "scope_provider", least)
    return under(
        found,
        (
            "Whose right is worth more hangs on the scope: {owners}. "
            if len(owners) > 1
            else "Whose right is worth more is the same under every scope: {owners}. "
        )
        + f"The customer's right alone is worth {customer}, the provider's {provider}.",
        owners=said,
        **parts,
        **others,
    )


def _over(
    table: pd.DataFrame, party: str, name: str, least: float
) -> tuple[str, dict[str, Figure]]:
    """What a party's right is worth over the scopes; what is below `least` is not counted out."""
    low, high = table[f"{party}_low_usd"].min(), table[f"{party}_high_usd"].max()
    if high < least:
        return "next to nothing", {}
    if low < least:
        return f"next to nothing to {{{name}_most}}", {f"{name}_most": about(usd(high))}
    parts = {f"{name}_least": about(usd(low)), f"{name}_most": about(usd(high))}
    return f"{{{name}_least}} to {{{name}_most}}", parts


def trigger_title(found: Study) -> Finding:
    """The head of the chart of trigger prices."""
    acts: Any = found.triggers.dropna(subset=["price"]) if len(found.triggers) else found.triggers
    if acts.empty:
        return finding("The market as seen and as expected, and the fee")
    row = acts.iloc[0]
    side = "below" if row.party == "customer" else "above"
    return finding(
        "The market stands at {market}; on {since} the {party} alone leaves {side} {trigger}",
        market=about(quantity(found.market_usd_hour, HOUR)),
        party=str(row.party),
        side=side,
        trigger=about(quantity(row.price, HOUR)),
        since=day(row.date),
    )


def triggered(found: Study) -> Finding:
    """At which prices each party would leave, now or as soon as it may."""
    if found.why_not:
        return unanswered(found)
    text, parts = "", dict[str, Figure | str]()
    for party, rows in found.triggers.groupby("party", sort=False):
        known = rows[rows.price.notna()]
        if known.empty:
            text += f"The {party} alone would leave at no price on the grid. "
            continue
        way = "below" if party == "customer" else "above"
        first: Any = known.iloc[0]
        text += f"On {{{party}_from}} the {party} alone would leave {way} {{{party}_price}}"
        early = (rows.date < first.date).any()
        text += "; before, at no price within the market's reach. " if early else ". "
        parts |= {
            f"{party}_from": day(first.date),
            f"{party}_price": about(quantity(first.price, HOUR)),
        }
    if not text:
        return under(found, "Nobody may leave, so no price makes anybody leave.")
    return under(found, text.strip(), **parts)


def fan_title(table: pd.DataFrame) -> Finding:
    """The head of the chart of lives."""
    alone = table[table.group == "market value alone"]
    rows = alone if len(alone) else table
    if rows.empty:
        return finding("Nothing is left to live")
    last: Any = rows.iloc[-1]
    if list(rows.life) == [ownership.CASES["none"]]:
        return finding("Nobody may leave, so it lasts to {median}", median=day(last.q50))
    if len(alone):
        return finding(
            "Ruled by market value alone, half of all courses end by {median}", median=day(last.q50)
        )
    return finding(
        "At a chance of leaving of {chance}, half of all courses end by {median}",
        chance=str(last.life),
        median=day(last.q50),
    )


def survival_title(found: Study) -> Finding:
    """The head of the chart of survival."""
    if not found.solutions:
        return finding("Nothing is left to live")
    ends: Any = found.solutions[found.signed].ends.groupby("by").probability.sum()
    return finding(
        "With the rights as signed, {whole} of all courses reach the stated end",
        whole=about(share(ends.get("term", 0.0))),
    )


def survived(found: Study) -> Finding:
    """How many courses reach the end in each case, and who leaves first."""
    if found.why_not:
        return unanswered(found)
    if found.rights.empty:
        return under(found, "Nobody may leave, so every course reaches the stated end.")
    text, parts = "If each side looks at the market price alone: ", dict[str, Figure | str]()
    said = []
    for case, solution in found.solutions.items():
        if case == "none":
            continue
        ends: Any = solution.ends.groupby("by").probability.sum()
        words = [f"{{{case}_term}} of all courses reach the stated end"]
        parts[f"{case}_term"] = about(share(ends.get("term", 0.0)))
        if case == "both":
            words += [
                f"the {by} leaves first in {{{case}_{by}}}" for by in ("customer", "provider")
            ]
            for by in ("customer", "provider"):
                parts[f"{case}_{by}"] = about(share(ends.get(by, 0.0)))
        said.append(f"if {ownership.CASES[case]} leave, " + ", ".join(words))
    return under(found, text + "; ".join(said) + ".", **parts)


def lives(table: pd.DataFrame, found: Study) -> Finding:
    """Expected life and fees received against the headline."""
    if table.empty:
        return under(found, "Nothing is left to serve.")
    if found.ahead.customer is None and found.ahead.provider is None:
        return under(
            found,
            "Nobody may leave: all of the {left} left on paper is due, over {life}.",
            left=usd(table.headline_usd.iloc[0]),
            life=months(found.ahead.term_months),
        )
    chance = table[table.group == "constant chance"]
    least, most = chance.fees_usd.min(), chance.fees_usd.max()
    ends = dict.fromkeys([chance.life.iloc[0], chance.life.iloc[-1]])
    text = (
        "At a chance of leaving of {chances}, {chance_low} to {chance_high} of the {left} left on "
        "paper is expected to be received."
    )
    parts: dict[str, Figure | str] = {
        "chances": " to ".join(ends).replace(" a month to", " to"),
        "chance_low": usd(least),
        "chance_high": usd(most),
        "left": usd(table.headline_usd.iloc[0]),
    }
    if len(game := table[table.group == "market value alone"]):
        last: Any = game.iloc[-1]
        text += (
            " If both sides look at the market price alone, service lasts {life} and brings "
            "{fees}, {fee_share} of it."
        )
        parts |= {
            "life": months(last.months),
            "fees": usd(last.fees_usd),
            "fee_share": share(last.share),
        }
    return under(found, text, **parts)


def lived_title(table: pd.DataFrame) -> Finding:
    """The head of the map of lives."""
    if table.empty:
        return finding("What it takes to live to the end")
    whole, lives = table.months.max(), share(LIVES, kind="assumed")
    free = table[table.moving == table.moving.min()]
    alive = free[free.lived >= LIVES]
    if table.lived.max() < LIVES:
        return finding("Nothing tried here makes the agreement live longer than {best}",
                       best=months(whole))  # fmt: skip
    if alive.empty:
        return finding("Where moving costs least it does not live {lives} of its term", lives=lives)
    if alive.own_use.min() == alive.moving.min() == 0:
        return finding(
            "It lives {lives} of its term or longer even with free moving and no own use",
            lives=lives,
        )
    return finding(
        "Where moving costs least, it lives {lives} of its term or longer from own use of {own} of "
        "the fee on",
        lives=lives,
        own=share(alive.own_use.min()),
    )


def lived(table: pd.DataFrame, found: Study, assumed: Mapping[str, float]) -> Finding:
    """What it takes to live to the end, and whether the rights hurt both."""
    if why := private_why_not(found):
        return under(found, "Not answered here: {why}.", why=why)
    own_use, moving = assumed["own_use_share"], assumed["moving_cost_months"]
    near = (table.own_use - own_use).abs() + (table.moving - moving).abs()
    here: Any = table.iloc[int(near.argmin())]
    alive = table[table.lived >= LIVES]
    parts: dict[str, Figure | str] = {
        "own": share(here.own_use, kind="assumed"),
        "moving": months(here.moving, kind="assumed"),
        "expected": about(months(here.months)),
        "term": months(found.ahead.term_months),
    }
    text = (
        "With {own} of the fee in own use and {moving} of fee for moving, service is expected to "
        "last {expected} of {term}. "
    )
    if (alive[["own_use", "moving"]] == 0).all(axis=1).any():
        text += "It lives {lives} of its term or longer without either. "
        parts["lives"] = share(LIVES, kind="assumed")
    elif len(alive):
        easiest: Any = alive[alive.own_use == alive.own_use.min()].sort_values("moving").iloc[0]
        text += (
            "It takes {least_moving} of fee for moving to live {lives} of its term or longer with "
            "own use of {least_own}. "
        )
        parts |= {
            "lives": share(LIVES, kind="assumed"),
            "least_moving": months(easiest.moving),
            "least_own": share(easiest.own_use),
        }
    return under(found, text.strip(), **parts)


def hurt(table: pd.DataFrame, at_fee: pd.DataFrame, found: Study) -> Finding | None:
    """Whether the rights cost both sides at once: at today's market, and were it at the fee."""
    if private_why_not(found):
        return None
    here, there = table[table.hurt], at_fee[at_fee.hurt]
    parts: dict[str, Figure | str] = {"tried": count(len(table)), "hurt": count(len(here))}
    text = (
        "Rights to leave can hurt both sides: each loses more by the other's right than it gains "
        "by its own. Of {tried} cases that is so in {hurt} at today's market"
    )
    parts["hurt_at_fee"] = count(len(there))
    if there.empty:
        return under(found, text + " and in {hurt_at_fee} if it stood at the fee.", **parts)
    lost = pd.DataFrame(
        {
            "customer": there.customer_bound_usd - there.customer_usd,
            "provider": there.provider_bound_usd - there.provider_usd,
        }
    )
    worst = int(lost.min(axis=1).argmax())
    case: Any = there.iloc[worst]
    parts |= {
        "lost_customer": about(usd(lost.customer.iloc[worst])),
        "lost_provider": about(usd(lost.provider.iloc[worst])),
        "worst_own": share(case.own_use, kind="assumed"),
        "worst_moving": months(case.moving, kind="assumed"),
    }
    return under(
        found,
        text + " and in {hurt_at_fee} if the market stood at the fee: there, with {worst_own} of "
        "the fee in own use and {worst_moving} of fee for moving, the rights cost the customer "
        "{lost_customer} and the provider {lost_provider}.",
        **parts,
    )


def slopes(table: pd.DataFrame, found: Study) -> Finding:
    """What moves the value as signed most."""
    if table.empty:
        return unanswered(found)
    column = f"{found.signed}_usd"
    table = table[table.parameter != FEE]
    largest: Any = table.iloc[int(table[column].abs().argmax())]
    return under(
        found,
        "Of what the market and the discount rate decide, the value as signed moves most with the "
        "{parameter}: {effect} for the change shown.",
        parameter=str(largest.parameter).split(",")[0],
        effect=about(usd(largest[column])),
    )


def jumped(table: pd.DataFrame, found: Study, assumed: Mapping[str, float]) -> Finding:
    """What jumps would do, as a scenario."""
    if table.empty:
        return unanswered(found)
    rows: Any = table.set_index("case")
    return under(
        found,
        "Scenario, not estimated: with {jumps} of them a year the agreement held to its end "
        "changes by {bound_change}, as signed by {signed_change}.",
        jumps=quantity(assumed["jumps_year"], "number", kind="assumed"),
        bound_change=about(usd(rows.change_usd["none"])),
        signed_change=about(usd(rows.change_usd[found.signed])),
    )
