"""What is said of leasing, building and renting, and of being left by the provider."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from analysis.contract.terms import Agreement
from analysis.models.planning import Bound, Place, none_left
from analysis.page.findings import Figure, Finding, between, finding, months, quantity, share, usd

PER = "USD/MW-month"
GAINS = " The customer's right to leave is what guards it against that."


def unanswered(place: Place, agreement: Agreement, *, on: date) -> Finding:
    """Why the whole question has no answer on a day."""
    return finding(
        "Lease, build or rent cannot be said: {why}. The parts below are left out.",
        why=place.why_not or none_left(agreement, on),
    )


def choice(turns: pd.DataFrame, *, left: float) -> Finding:
    """Which way is best in the middle of what is assumed, and what turns that: `ranges.turns`."""
    middle, turned = turns.iloc[0], turns[turns.turns_usd > 0]
    text = (
        "For the {planned_for} left the best, in the middle of what is assumed, is {best}: "
        "{best_usd} a megawatt, {ahead} more than the next way. "
    )
    parts: dict[str, Figure | str] = {
        "planned_for": months(left),
        "best": f"to {middle.best}",
        "best_usd": usd(middle.usd),
        "ahead": usd(middle.ahead_usd),
    }
    if turned.empty:
        return finding(text + "No assumption alone turns that, from end to end of it.", **parts)
    most = turned.sort_values("turns_usd", ascending=False, kind="stable").iloc[0]
    others = [name for name in dict.fromkeys(turned.assumption) if name != most.assumption]
    text += "It turns most on {turning}: at {turn_at}, the best is {turn_to}, worth {turn_usd} more"
    text += " than that"
    if others:
        text += "; also on {others}"
        parts["others"] = _listed(others)
    return finding(
        text + ".",
        turning=str(most.assumption),
        turn_at=quantity(float(most["at"]), str(most.unit), kind="assumed"),
        turn_to=f"to {most.best}",
        turn_usd=usd(most.turns_usd),
        **parts,
    )


def turned(turns: pd.DataFrame) -> Finding:
    """What is best at each end of an assumption that turns the choice, the rest in the middle."""
    rows = turns[turns.turns_usd > 0]
    each, parts = [], dict[str, Figure | str]()
    for letter, row in zip("abcdefghijk", rows.to_dict("records"), strict=False):
        parts |= {
            f"at_{letter}": quantity(row["at"], row["unit"], kind="assumed"),
            f"best_{letter}": f"to {row['best']}",
        }
        each.append(f"{{best_{letter}}} if {row['assumption']} is {{at_{letter}}}")
    if not each:
        return finding("No assumption, at either end, turns the choice alone.")
    return finding("All else in the middle, the best is " + ", ".join(each) + ".", **parts)


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def choice_title(delays: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    found = delays.months.dropna()
    if found.empty:
        return str(finding("Leasing alone beats building alone, however fast the site is ready"))
    low, high = months(found.min()), months(found.max())
    text = "Building alone beats leasing alone if ready within {low} to {high}, by worth and capex"
    if len(found) < len(delays):
        text = "Building alone beats leasing alone if ready within {low} to {high}, or never"
    return str(finding(text, low=low, high=high))


def middle(ways: pd.DataFrame, delays: pd.DataFrame) -> Finding:
    """What each way is worth in the middle case and over all, and when building beats leasing."""
    by, ready = ways.set_index("way"), delays.months.dropna()
    text = " Building alone never beats leasing alone, however fast."
    parts = {}
    if len(ready):
        never = ", and in some cases it never does" if len(ready) < len(delays) else ""
        text = " Building alone beats leasing alone if it takes no more than {delay_low} to "
        text += "{delay_high}" + never + "."
        parts = {"delay_low": months(ready.min()), "delay_high": months(ready.max())}
    return finding(
        "Over the cases leasing alone is worth {lease_low} to {lease_high} a megawatt, building "
        "alone {build_low} to {build_high}, and leasing while building {both_low} to {both_high}; "
        "in the middle {lease_usd}, {build_usd} and {both_usd}." + text,
        **parts,
        **{
            f"{name}_{end}": usd(by[f"{column}_usd"][way])
            for name, way in (
                ("lease", "lease"),
                ("build", "build"),
                ("both", "lease while building"),
            )
            for end, column in (("low", "low"), ("usd", "value"), ("high", "high"))
        },
    )


def middle_title(table: pd.DataFrame, *, planned: int) -> str:
    """Which way is the best as planned, in the middle of all that is assumed.

    `table` is `choices.against_delay`.
    """
    at = table[table.delay_months == planned].set_index("way").npv_usd
    text = "In the middle case, with an own site ready in {planned}, the best of these is to {best}"
    return str(finding(text, planned=months(planned), best=str(at.idxmax())))


def setting(
    place: Place,
    *,
    fee: float,
    capex_mw: Mapping[Bound, float],
    worth: Mapping[Bound, float],
    rental: Mapping[Bound, float],
    market: str,
) -> Finding:
    """What the page plans with.

    `rental`: the price of renting over the fee; `market`: the series that it was seen in, or empty.
    """
    text = (
        "Planned with: {site}, {site_mw} ({mw_from}), leased at {fee_mw}; an own megawatt costs "
        "{capex_low} to {capex_high} ({capex_from}), and a megawatt is worth {worth_low} to "
        "{worth_high} its fee to the customer, {worth} in the middle. Renting costs {rental_low} "
        "to {rental_high} the fee, {rental} in the middle"
    )
    text += ", by what the accelerators count: {market}." if market else ": assumed, as no price "
    text += "" if market else "of the same capacity is known."
    if not place.widest:
        text += (
            " BEWARE, TWO SCOPES: the fee also pays for what another scope or tranche of the terms "
            "holds, so the fee of a megawatt is too high here."
        )
    return finding(
        text,
        site=place.title,
        site_mw=quantity(place.mw["value"] if place.mw else float("nan"), "MW"),
        mw_from=place.mw_from,
        fee_mw=quantity(fee, PER),
        capex_low=usd(capex_mw["low"]),
        capex_high=usd(capex_mw["high"]),
        capex_from=place.capex_from,
        worth=quantity(worth["value"], "multiple", kind="assumed"),
        worth_low=quantity(worth["low"], "multiple", kind="assumed"),
        worth_high=quantity(worth["high"], "multiple", kind="assumed"),
        rental=quantity(rental["value"], "multiple"),
        rental_low=quantity(rental["low"], "multiple"),
        rental_high=quantity(rental["high"], "multiple"),
        **({"market": market} if market else {}),
    )


def break_even(fees: Sequence[float], *, fee: float) -> Finding:
    """The fee at which leasing is as good as building, as planned, over all cases."""
    low, high = min(fees), max(fees)
    verdict = (
        "is above all of that, so whoever can build as planned should"
        if fee > high
        else "is below all of that, so leasing is the cheaper way"
        if fee < low
        else "lies within, so it turns on what capacity is worth and a site costs"
    )
    return finding(
        "Leasing is as good as building at a fee of {even_low} to {even_high}, by what capacity is "
        "worth and a site costs; the fee agreed, {agreed}, {verdict}.",
        even_low=quantity(low, PER),
        even_high=quantity(high, PER),
        agreed=quantity(fee, PER),
        verdict=verdict,
    )


def break_even_title(fees: Sequence[float], *, fee: float) -> str:
    """The same for the head of a chart."""
    text = "The fee at which leasing is even: {low} to {high}, against {fee} agreed"
    low, high = quantity(min(fees), PER), quantity(max(fees), PER)
    return str(finding(text, low=low, high=high, fee=quantity(fee, PER)))


def speed(table: pd.DataFrame, *, planned: int) -> Finding:
    """What a lease brings before the own site is ready, as planned, over its worth."""
    at = table[table.delay_months == planned]
    return finding(
        "Leasing until an own site is ready after {ready_after} brings {speed_low} to {speed_high} "
        "a megawatt, by what capacity is worth; the last month of that delay costs {last_low} to "
        "{last_high} to whoever waits instead.",
        ready_after=months(planned, kind="assumed"),
        speed_low=usd(at.usd.min()),
        speed_high=usd(at.usd.max()),
        last_low=usd(at.last_month_usd.min()),
        last_high=usd(at.last_month_usd.max()),
    )


def speed_title(table: pd.DataFrame, *, planned: int) -> str:
    """The same for the head of a chart."""
    at = table[table.delay_months == planned].usd
    text = "Speed is worth {low} to {high} a megawatt if building takes {delay}"
    return str(finding(text, low=usd(at.min()), high=usd(at.max()), delay=months(planned)))


def rent(table: pd.DataFrame, *, used: float) -> Finding:
    """Whether to rent on demand instead, over its price; what capacity is worth cancels.

    `table` is `choices.renting`.
    """
    by = table.set_index("bound")
    even = float(by.even_utilisation["value"])
    text = (
        "A lease is cheaper than renting on demand where capacity is used more than {even_share} "
        "of the time, in the middle; "
        if even < 1
        else "In the middle renting on demand is cheaper than a lease at any use; "
    )
    parts = {"even_share": share(even)} if even < 1 else {}
    low, high = by.more_usd.min(), by.more_usd.max()
    if low < 0 < high:
        cost = "from {rent_low} less to {rent_high} more"
        ends = {"rent_low": usd(-low), "rent_high": usd(high)}
    else:
        cost, ends = between("rent", *(usd(end) for end in sorted((abs(low), abs(high)))))
        cost += " more" if high > 0 else " less"
    return finding(
        text + "at the {used_share} assumed, renting to the horizon costs " + cost + " a megawatt, "
        "over the price of renting and whatever capacity is worth.",
        used_share=share(used, kind="assumed"),
        **parts,
        **ends,
    )


def reserving(table: pd.DataFrame, *, mw: float) -> Finding:
    """How much to reserve of an uncertain need."""
    best, none = table[table.best].iloc[0], table.iloc[0]
    if not best.quantity_mw:
        return finding(
            "Renting on demand costs no more than the fee, in the middle: nothing need be "
            "reserved, and {none_usd} a month are paid on average.",
            none_usd=usd(none.usd_month),
        )
    return finding(
        "Of an uncertain need the customer should reserve {reserve_mw}, {reserve_share} of this "
        "agreement, and rent the rest on demand: {reserve_usd} a month on average, against "
        "{none_usd} with nothing reserved.",
        reserve_mw=quantity(best.quantity_mw, "MW"),
        reserve_share=share(best.quantity_mw / mw),
        reserve_usd=usd(best.usd_month),
        none_usd=usd(none.usd_month),
    )


def reserving_title(table: pd.DataFrame, *, mw: float) -> str:
    """The same for the head of a chart."""
    best = table[table.best].iloc[0]
    if not best.quantity_mw:
        return str(finding("Cheapest: reserve nothing and rent on demand"))
    text = "Cheapest: reserve {mw}, {part} of what this agreement holds"
    part = share(best.quantity_mw / mw)
    return str(finding(text, mw=quantity(best.quantity_mw, "MW"), part=part))


def market(fair: pd.DataFrame, *, fee: float, left: float, may_leave: bool) -> Finding:
    """What a fixed fee costs while prices fall; `may_leave`: whether the customer may leave."""
    if fair.empty:
        return finding("No whole month of service is left on the valuation date.")
    low, high = fair.overpaid_usd.min(), fair.overpaid_usd.max()
    if low < 0 < high:
        paid = "from {over_low} saved to {over_high} overpaid"
        ends = {"over_low": usd(-low), "over_high": usd(high)}
    else:
        paid, ends = between("over", *(usd(end) for end in sorted((abs(low), abs(high)))))
        paid += " overpaid" if high > 0 else " saved"
    return finding(
        "If prices fall from where the market stands, a fee fixed for the {left} left should be "
        f"{{fair_low}} to {{fair_high}}, not {{fixed}}: {paid} a megawatt if both sides stay, and "
        "in the end the fee is up to {ends_at} the market."
        + (GAINS if may_leave and high > 0 else ""),
        left=months(left),
        fair_low=quantity(fair.fair_usd.min(), PER),
        fair_high=quantity(fair.fair_usd.max(), PER),
        fixed=quantity(fee, PER),
        ends_at=quantity(fair.end_ratio.max(), "multiple"),
        **ends,
    )


def market_title(fair: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    if fair.empty:
        return ""
    low, high = fair.end_ratio.min(), fair.end_ratio.max()
    text = "In the end the fee is {low} to {high} the market price"
    return str(finding(text, low=quantity(low, "multiple"), high=quantity(high, "multiple")))


def buying(table: pd.DataFrame) -> Finding:
    """When to stop leasing and buy, over capex."""
    best = table[table.best]
    if best.empty:
        return finding("At these prices leasing for ever is cheapest.")
    if not best.years.max():
        return finding("At every capex buying at once is cheapest. Time to build is not counted.")
    low, high = _years(best.years)
    return finding(
        "Hardware gets cheaper, so buying can wait: the cheapest is to buy "
        + ("at once or after up to {buy_high}" if low is None else "after {buy_low} to {buy_high}")
        + " of leasing, the later the more a site costs today. Time to build is not counted.",
        buy_high=high,
        **({} if low is None else {"buy_low": low}),
    )


def _years(found: pd.Series) -> tuple[Figure | None, Figure]:
    """The shortest and the longest time; None for the shortest where it is none at all."""
    low, high = (Figure(float(end), "year") for end in (found.min(), found.max()))
    return low if found.min() else None, high


def buying_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    best = table[table.best]
    if best.empty:
        return str(finding("Leasing for ever is cheapest"))
    if not best.years.max():
        return str(finding("Cheapest at every capex: buy at once"))
    low, high = _years(best.years)
    if low is None:
        return str(finding("Cheapest: buy at once, or lease for up to {high} first", high=high))
    return str(finding("Cheapest: lease for {low} to {high}, then buy", low=low, high=high))


def loss(table: pd.DataFrame, *, mw: float, firm_left: float) -> Finding:
    """What it costs the customer if the provider gives notice as soon as it may.

    `table` is `ranges.losses`.
    """
    if table.empty:
        return finding("The provider cannot leave before what is left of the term has ended.")
    low, high = table.usd.min(), table.usd.max()
    return finding(
        "If the provider gives notice at the earliest that notice may be given, {firm_left} of "
        "service are left. That costs {loss_low} to {loss_high} a megawatt, {all_low} to "
        "{all_high} in all, by what capacity is worth and by a replacement that takes {lead_low} "
        "to {lead_high}.",
        firm_left=months(firm_left),
        loss_low=usd(low),
        loss_high=usd(high),
        all_low=usd(low * mw),
        all_high=usd(high * mw),
        lead_low=months(table.replacement_months.min(), kind="assumed"),
        lead_high=months(table.replacement_months.max(), kind="assumed"),
    )


def loss_title(table: pd.DataFrame) -> str:
    """What the chart shows, in the middle of what capacity is worth: `choices.loss`."""
    if table.empty:
        return ""
    total = table.groupby("replacement_months").usd.sum()
    text = "In the middle case the provider's exit costs the customer {low} to {high} a megawatt"
    return str(finding(text, low=usd(total.min()), high=usd(total.max())))


def online(bound: float, drawn: float, table: pd.DataFrame) -> Finding:
    """Reserving as demand shows, with no forecast: `choices.online`.

    `bound` and `drawn`: the most it can cost, as a multiple of the least in hindsight, by the fixed
    rule and by one that draws its threshold at random.
    """
    usd_of = table.set_index("way").usd
    return finding(
        "With no forecast, capacity can be reserved block by block as demand shows: never worse "
        "than {online_bound} the least cost in hindsight, {online_drawn} on average with a "
        "threshold drawn at random. On one simulated path, nothing idle sold, that rule costs "
        "{online_usd} a month, against {demand_usd} all on demand and {ahead_usd} with the "
        "quantity above reserved throughout.",
        online_bound=quantity(bound, "multiple"),
        online_drawn=quantity(drawn, "multiple"),
        online_usd=usd(usd_of["as demand shows"]),
        demand_usd=usd(usd_of["all on demand"]),
        ahead_usd=usd(usd_of["reserved throughout"]),
    )


def shapes(table: pd.DataFrame) -> Finding:
    """What the shape of demand does to the quantity to reserve."""
    ranked = table.sort_values("quantity_mw", kind="stable")
    least, most = ranked.iloc[0], ranked.iloc[-1]
    if not most.quantity_mw:
        return finding("That holds for every shape of the need.")
    return finding(
        "The shape of that need, at one mean and spread, moves the quantity from {shape_low} "
        "({least}) to {shape_high} ({most}).",
        shape_low=quantity(least.quantity_mw, "MW"),
        shape_high=quantity(most.quantity_mw, "MW"),
        least=str(least["shape"]),
        most=str(most["shape"]),
    )


def revenue(covered: dict, hours: float, *, worth: float, used: float) -> Finding:  # type: ignore[type-arg]
    """Whether revenue carries the fee, and what a dollar buys."""
    text = (
        "What a lab is assumed to earn with a megawatt is {cover_low} to {cover_high} its fee, "
        "{cover} in the middle; in its middle case this page plans with a worth of {worth_again}"
        + (", which no lab has been seen to earn." if worth > covered["high"] else ".")
    )
    parts = {
        "worth_again": quantity(worth, "multiple", kind="assumed"),
        "cover_low": quantity(covered["low"], "multiple"),
        "cover_high": quantity(covered["high"], "multiple"),
        "cover": quantity(covered["value"], "multiple"),
    }
    if hours != hours:
        return finding(
            text + " Without a count of accelerators, no compute by the dollar.", **parts
        )
    return finding(
        text + " A dollar buys {hours} hours of an accelerator at its peak, at {flops} of peak "
        "arithmetic in running jobs (which is no share of time).",
        hours=quantity(hours, "number"),
        flops=share(used, kind="assumed"),
        **parts,
    )


def revenue_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    needed, assumed = table.iloc[0], table.iloc[1]
    text = "The fee asks for {low} to {high} of revenue a megawatt and year"
    if assumed.high < needed.low:
        text += ": more than any lab is assumed to earn"
    return str(finding(text, low=usd(needed.low), high=usd(needed.high)))
