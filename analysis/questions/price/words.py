"""What is said of the price: high or not, beside what, and what would change that."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from analysis.contract.units import Interval
from analysis.models.pricing import Even, FullFee, cheapest
from analysis.page.findings import (
    Bare,
    Figure,
    Finding,
    Kind,
    about,
    count,
    day,
    finding,
    quantity,
    usd,
)

HOUR = "USD/H100e-hour"
H100 = "the market price of an H100"
DEAL = "the cheapest deal by the megawatt"
IF = {
    "high": "the price is high",
    "low": "the price is low",
    "in line": "the price is the market's",
    "open": "whether the price is high is open",
}
"""What a verdict says, in the order in which it is said."""


SAID = {"both": "number and mix", "hours": "hours in a month"}
IMPUTED = "as many accelerators for a dollar as the provider's other agreements (imputed)"

Parts = dict[str, Figure | str]


def between(
    parts: Parts, key: str, low: float, high: float, unit: str, kind: Kind = "derived"
) -> str:
    """The place in a sentence of a range, of one figure where both ends read alike.

    >>> parts = {}
    >>> between(parts, "fee", 1.0, 2.0, "USD"), parts["fee_high"]
    ('{fee_low} to {fee_high}', Figure(value=2.0, unit='USD', reading='', kind='derived'))
    """
    ends = quantity(low, unit, kind=kind), quantity(high, unit, kind=kind)
    if str(ends[0]) == str(ends[1]):
        parts[key] = ends[0]
        return f"{{{key}}}"
    parts |= {f"{key}_low": Bare(float(low), unit, kind=kind), f"{key}_high": ends[1]}
    return f"{{{key}_low}} to {{{key}_high}}"


def headed(text: str, low: float, high: float, unit: str, **more: Figure | str) -> str:
    """The head of a chart, with a range in place of SPAN."""
    parts: Parts = dict(more)
    return str(finding(text.replace("SPAN", between(parts, "span", low, high, unit)), **parts))


def lead(
    fee: FullFee,
    verdicts: pd.DataFrame,
    held: pd.DataFrame,
    even: Even | None,
    *,
    others: pd.DataFrame,
    as_of: date,
    imputed: str = "",
) -> Finding:
    """Whether the price is high, or why that cannot be said.

    `held`: the prices that it is judged by, see `judged_by`; `others`: those beside it.
    """
    parts: Parts = {"as_of": day(as_of, kind="assumed")}
    begin = ""
    if as_of > fee.day:  # service is over
        begin = "On {as_of} nothing is left to serve; the fee is that of the last day served. "
    if not fee.usd_month and fee.minimum_usd_month:
        text = (
            "No fee for capacity is due, so there is no price by accelerator or megawatt; due is "
        )
        text += "a metered minimum of {minimum} a month."
        parts["minimum"] = usd(fee.minimum_usd_month, kind="reported")
        return finding((begin or "On {as_of}: ") + text, **parts)
    if not fee.usd_month:
        return finding((begin or "On {as_of}: ") + "No fee is due, so there is no price.", **parts)
    parts["fee"] = usd(fee.usd_month, kind="reported")
    if held.empty or (verdicts.empty and not even):
        text = (
            "Whether the price is high cannot be said: too few H100 prices of the series that it "
            "is judged by were known on {as_of}. The full fee is {fee} a month"
        )
        return finding(begin + text + _priced(verdicts, parts) + ".", **parts)
    market, beside = _at_market(held, parts), _beside(others, parts)
    if "{as_of}" not in begin + beside:
        del parts["as_of"]
    if len(verdicts) and not imputed:
        return finding(begin + _judged(verdicts, parts, market) + beside, **parts)
    text = _unknown(even, parts, market)
    if len(verdicts):
        price = between(parts, "imputed", verdicts.low.min(), verdicts.high.max(), HOUR)
        text += (
            f" If it buys {IMPUTED}, its price is {price}, {_times(verdicts, parts, 'imputed')}."
        )
    return finding(begin + text + beside, **parts)


def _at_market(held: pd.DataFrame, parts: Parts) -> str:
    """The prices that the fee is judged by: whose, the last quoted and its day; the first leads."""
    said = []
    for n, row in enumerate(held.itertuples()):
        which: Any = row
        parts |= {
            f"market_{n}": about(quantity(which.usd_hour, HOUR)),
            f"series_{n}": str(which.source),
            f"quoted_{n}": quantity(which.quoted, "USD/GPU-hour", kind="reported"),
            f"last_on_{n}": day(which.date, kind="reported"),
        }
        price = f"{{market_{n}}} by " if n else ""
        said.append(f"{price}{{series_{n}}}: {{quoted_{n}}} on {{last_on_{n}}}, carried on")
    return f"at a market price of {{market_0}} ({'; '.join(said)})"


def _beside(others: pd.DataFrame, parts: Parts) -> str:
    """The other prices of an H100 seen, from the lowest to the highest, each by its name."""
    if others.empty:
        return ""
    ordered = others.sort_values("usd_hour", kind="stable")
    for end, row in (("least", ordered.iloc[0]), ("most", ordered.iloc[-1])):
        parts[end] = quantity(row.usd_hour, "USD/GPU-hour", kind="reported")
        parts[f"{end}_source"] = str(row.source)
    parts["others"] = count(len(others))
    text = " Other prices seen in the half year to {as_of}, {others} of them, run from {least} "
    return text + "({least_source}) to {most} ({most_source})."


def _times(verdicts: pd.DataFrame, parts: Parts, key: str) -> str:
    """The fee over the market price; two digits, as the price is known no better."""
    low, high = (float(f"{x:.1e}") for x in (verdicts.times_low.min(), verdicts.times_high.max()))
    return between(parts, f"{key}_times", low, high, "multiple") + " the market price"


def marked(found: Finding, imputed: str) -> Finding:
    """A finding that says first that its denominator is imputed, where it is."""
    return finding("Imputed: " + _inside(found.sentence), **found.parts) if imputed else found


def titled(title: str, imputed: str) -> str:
    """The same for the head of a chart."""
    return f"Imputed: {_inside(title)}" if imputed and title else title


def _inside(text: str) -> str:
    """A sentence after a colon."""
    return text[:1].lower() + text[1:]


def _priced(verdicts: pd.DataFrame, parts: Parts) -> str:
    """The fee's price without a market beside it."""
    if verdicts.empty:
        return ""
    return ", " + between(parts, "lead", verdicts.low.min(), verdicts.high.max(), HOUR)


def _unknown(even: Even | None, parts: Parts, market: str) -> str:
    """What the fee would have to buy to be at the market, where that is not disclosed."""
    if even is None:
        return "Whether the price is high cannot be said."
    least, most = (about(count(end)) for end in _both(even.h100_equivalents))
    parts |= {"even_low": least, "even_high": most}
    limits = "fewer than {even_low} H100-equivalents, low if it buys more than {even_high}"
    if str(least) == str(most):
        limits = "fewer than {even_low} H100-equivalents, low if it buys more"
    text = (
        "Whether the price is high cannot be said: the terms name no number of accelerators. "
        f"{market[0].upper()}{market[1:]} the full fee of {{fee}} a month is high if it buys "
        f"{limits}"
    )
    if even.accelerators and even.mw:
        number = between(parts, "even_kind", *_both(even.accelerators), "count")
        power = between(parts, "even_mw", *_both(even.mw), "MW")
        parts["kind"] = even.kind
        text += f"; that is {number} of the reported {{kind}}, or {power} at imputed power each"
    return text + "."


def _both(span: Interval) -> tuple[float, float]:
    return span.low, span.high


def _judged(verdicts: pd.DataFrame, parts: Parts, market: str) -> str:
    """Each verdict with the scopes that it holds for; adds its figures to `parts`."""
    said: list[str] = []
    for verdict, rows in _grouped(verdicts):
        key = verdict.replace(" ", "_")
        parts[f"{key}_scopes"] = _listed(list(rows.scope))
        price = between(parts, key, rows.low.min(), rows.high.max(), HOUR)
        text = f"{IF[verdict]} if the fee pays for {{{key}_scopes}}: {price} is "
        text += _times(rows, parts, key)
        if verdict == "open":
            parts["turns"] = " and ".join(dict.fromkeys(" and ".join(rows.turns).split(" and ")))
            text += ", and what turns the answer is {turns}"
        said.append(text + ".")
    first, *rest = said
    told = [f"{market} {first}", *rest, "The full fee is {fee} a month, ramp discounts aside."]
    return " ".join(text[0].upper() + text[1:] for text in told)


def _grouped(verdicts: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [
        (name, verdicts[verdicts.verdict == name]) for name in IF if name in set(verdicts.verdict)
    ]


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def ladder_title(verdicts: pd.DataFrame, held: pd.DataFrame, *, imputed: str = "") -> str:
    """The head of the ladder: the verdict, or what is shown where there is none."""
    if imputed and len(verdicts):
        return "Nothing is named to divide by: the fee as it would be, imputed, beside the market"
    if verdicts.empty or held.empty:
        return (
            "What the market charged for an H100 and hour"
            if verdicts.empty
            else "The fee for an H100-equivalent and hour"
        )
    short = {"high": "High", "low": "Low", "in line": "In line", "open": "Open"}
    said = [
        f"{short[name]} if for {_listed(list(rows.scope))}" for name, rows in _grouped(verdicts)
    ]
    return "; ".join([said[0], *(text[0].lower() + text[1:] for text in said[1:])]) + (
        ", beside the market price"
    )


def scales(table: pd.DataFrame, *, metric: str, hours_month: float, fee: FullFee) -> Finding:
    """The fee in all four units, with the conventions that they hang on."""
    ends: Any = (
        table.dropna(subset=["low"])
        .groupby("unit", sort=False)
        .agg(low=("low", "min"), high=("high", "max"))
    )
    parts: Parts = {}
    said = []
    for unit, row in ends.iterrows():
        key = str(unit).removeprefix("USD/").replace("-", "_").replace("/", "_").lower()
        said.append(between(parts, key, row.low, row.high, str(unit)))
    missing = sorted(set(table[table.low.isna()].how))
    if not said:
        text = "The fee has no price in any unit: {why}. State them under capacity, and it has."
        return finding(text, why=max(missing, key=len))
    parts |= {
        "metric": metric,
        "hours": count(hours_month, kind="assumed"),
        "priced_on": day(fee.day),
    }
    text = "The full fee on {priced_on}, over all scopes: " + ", ".join(said) + "; "
    text += "{hours} hours a month, accelerators weighed by {metric}."
    if fee.discounted:
        text += " On that day a discount lowers what is paid."
    if missing:
        text += " Some scopes have no price: {why}."
        parts["why"] = "; ".join(missing)
    return finding(text, **parts)


def by_gpu(rung: pd.DataFrame, seen: pd.DataFrame) -> Finding:
    """The fee by the accelerator beside the newest hardware whose price was seen."""
    if rung.empty or seen.empty:
        why = "no number of accelerators is named" if rung.empty else "no price was seen lately"
        return finding("By the accelerator nothing can be set beside the market: {why}.", why=why)
    parts: Parts = {}
    ours = between(parts, "gpu", rung.low.min(), rung.high.max(), "USD/GPU-hour")
    said = []
    for gpu, rows in seen.groupby("gpu", sort=False):
        key, ends = str(gpu).lower(), (rows.usd_hour.min(), rows.usd_hour.max())
        parts[f"{key}_name"] = str(gpu)
        price = between(parts, f"{key}_seen", *ends, "USD/GPU-hour", "reported")
        said.append(f"{{{key}_name}} {price}")
    text = f"Whatever its kind, an accelerator costs {ours}; seen over all tiers: "
    return finding(text + ", ".join(said) + ".", **parts)


def gpu_title(rung: pd.DataFrame) -> str:
    """The head of the ladder by the accelerator."""
    if rung.empty:
        return "What the market charged for an accelerator and hour"
    ends = rung.low.min(), rung.high.max()
    return headed("An accelerator costs SPAN, whatever its kind", *ends, "USD/GPU-hour")


def by_mw(rung: pd.DataFrame, deals: pd.DataFrame, *, sold_as: str) -> Finding:
    """The fee by the megawatt beside other deals of one kind."""
    if rung.empty:
        return finding(
            "By the megawatt nothing can be set beside other deals: the terms name neither "
            "megawatts nor accelerators."
        )
    parts: Parts = {"how": "; ".join(dict.fromkeys(rung.how))}
    ours = between(parts, "mw", rung.low.min(), rung.high.max(), "USD/MW-month")
    text = f"A megawatt costs {ours} by scope (megawatts {{how}})"
    if deals.empty:
        return finding(text + "; no other deal of this kind was known by then.", **parts)
    theirs = between(parts, "deal", deals.low_usd.min(), deals.high_usd.max(), "USD/MW-month")
    parts |= {
        "sold_as": sold_as,
        "deals": count(len(deals)),
        "bases": _listed(sorted(set(deals.basis))),
    }
    text += f"; in {{deals}} other rows of {{sold_as}} deals {theirs}, on {{bases}} megawatts"
    several = len(set(deals.basis)) > 1
    return finding(text + (": compare sizes, not cents." if several else "."), **parts)


def mw_title(rung: pd.DataFrame, deals: pd.DataFrame) -> str:
    """The head of the ladder by the megawatt."""
    if rung.empty:
        return "What other deals pay for a megawatt"
    firm = cheapest(deals)
    if firm.empty:
        return "The fee for a megawatt and month"
    least = float(firm.low_usd.iloc[0])
    ends = rung.low.min() / least, rung.high.max() / least
    text = "A megawatt costs SPAN what the cheapest deal with stated megawatts pays"
    return headed(text, *ends, "multiple")


def since(counted: pd.DataFrame, past: pd.DataFrame, moments: pd.DataFrame) -> Finding:
    """When the market last stood as high as the fee, for each scope."""
    parts: Parts = {}
    if past.empty:
        return finding("No price of these sources was known by then.")
    text = _since_first(past, parts)
    for n, (scope, rows) in enumerate(counted.groupby("scope", sort=False)):
        parts |= {f"scope_{n}": str(scope), f"mark_{n}": quantity(rows.usd_hour.iloc[0], HOUR)}
        said = [_stood(row, f"{n}_{m}", parts) for m, row in enumerate(rows.itertuples())]
        text += f". At {{mark_{n}}}, the fee's low end if for {{scope_{n}}}, or higher stood "
        text += ", ".join(said)
    if len(moments):
        last: Any = moments.iloc[-1]
        text += ". The last {single}, of {on}, was {latest}"
        parts |= {
            "single": f"{last.tier} ({last.source})",
            "on": day(last.date, kind="reported"),
            "latest": quantity(last.usd_hour, "USD/GPU-hour", kind="reported"),
        }
    return finding(text + ".", **parts)


def _since_first(past: pd.DataFrame, parts: Parts) -> str:
    """From when on each series is known, and its last price."""
    said = []
    for n, (series, rows) in enumerate(past.groupby("series", sort=False)):
        parts |= {
            f"series_{n}": str(series),
            f"first_{n}": day(min(rows.date), kind="reported"),
            f"then_{n}": quantity(rows.usd_hour.iloc[0], "USD/GPU-hour", kind="reported"),
            f"last_{n}": quantity(rows.usd_hour.iloc[-1], "USD/GPU-hour", kind="reported"),
            f"until_{n}": day(max(rows.date), kind="reported"),
        }
        span = f"{{then_{n}}} on {{first_{n}}} to {{last_{n}}} on {{until_{n}}}"
        said.append(f"{{series_{n}}} went from {span}")
    return "An H100 " + "; ".join(said)


def _stood(row: Any, key: str, parts: Parts) -> str:
    """How many prices of one series were as high, and the last of them."""
    name = str(row.series).partition(" (")[0]
    parts |= {
        f"name_{key}": name,
        f"above_{key}": count(row.above),
        f"prices_{key}": count(row.prices),
    }
    text = f"{{above_{key}}} of {{prices_{key}}} {{name_{key}}} prices"
    if row.above:
        parts[f"last_above_{key}"] = day(row.last_above, kind="reported")
        text += f" (the last on {{last_above_{key}}})"
    return text


def since_title(counted: pd.DataFrame) -> str:
    """The head of the history."""
    if counted.empty:
        return "What an H100 and hour cost"
    dearest = counted[counted.scope == counted.scope.iloc[0]]
    parts: Parts = {"scope": str(dearest.scope.iloc[0])}
    parts["mark"] = quantity(dearest.usd_hour.iloc[0], HOUR)
    high = dearest[dearest.above > 0]
    if high.empty:
        text = "None of these series ever stood at {mark}, the fee's low end if for {scope}"
        return str(finding(text, **parts))
    text = "The market last stood at {mark}, the fee's low end if for {scope}, on {on}"
    return str(finding(text, **parts, on=day(max(high.last_above))))


def axis(unit: str, *, hours_month: float, metric: str = "") -> list[str]:
    """The unit on an axis, and below it hours in a month and the metric of the weights."""
    return [f"$/{unit}", *filter(None, [metric]), f"{hours_month:g} hours a month"]


def otherwise(
    table: pd.DataFrame, market: pd.DataFrame, *, scope: str, why_not: str, key: str
) -> Finding:
    """What moves the ratio of fee to market most, and least; `key` keeps figures apart."""
    parts: Parts = {}
    to = _market(market, parts, key)
    if table.empty:
        return finding(f"No ratio to {to}: {{why}}.", why=why_not, **parts)
    stands, others = table.iloc[0], table.iloc[1:]
    parts["scope"] = scope
    now = between(parts, key, stands.low, stands.high, "multiple")
    text = f"As it stands, over {{scope}}, the fee is {now} {to}"
    if others.empty:
        return finding(text + "; no other reading is known.", **parts)
    read = between(parts, f"{key}_other", others.low.min(), others.high.max(), "multiple")
    parts |= {"most": _named(others.iloc[0]), "least": _named(others.iloc[-1])}
    text += f". Other readings put it at {read}: {{most}} moves it most, {{least}} least."
    return finding(text, **parts)


def _market(found: pd.DataFrame, parts: Parts, key: str) -> str:
    """The one market price, or other deal, that ratios are taken to."""
    if found.empty:
        return "a market price"
    row: Any = found.iloc[0]
    parts[f"{key}_on"] = day(row.date, kind="reported")
    if "usd_hour" in found:
        parts[f"{key}_market"] = about(quantity(row.usd_hour, "USD/GPU-hour"))
        carried = ", carried on from" if "quoted" in found else ","
        parts["of"] = f"an {row.gpu} ({row.tier}, {row.source}{carried}"
        return f"the {{{key}_market}} of {{of}} {{{key}_on}})"
    parts[f"{key}_market"] = quantity(row.low_usd, "USD/MW-month")
    parts["of"] = f"{row['name']} ({row.basis} MW, {row.grade}"
    return f"the {{{key}_market}} of {{of}}, {{{key}_on}})"


def why_no_ratio(rung: pd.DataFrame) -> str:
    """Why there is no ratio to the market: no denominator, or no price."""
    if rung.empty:
        return "the terms name nothing to divide the fee by"
    return "none of this kind and source was known by then, or not for half a year"


def _named(row: Any) -> str:
    return f"{SAID.get(row.varied, row.varied)} ({row.reading})"


def otherwise_title(table: pd.DataFrame, *, to: str) -> str:
    """The head of the ratios."""
    if table.empty:
        return ""
    text = "By how it is read, the fee is SPAN {to}"
    return headed(text, table.low.min(), table.high.max(), "multiple", to=to)


def power(table: pd.DataFrame, *, assumed: tuple[float, float]) -> Finding:
    """How little of the fee power takes, and what a kilowatt-hour of the fee costs."""
    if table.empty:
        return finding(
            "Power's share cannot be said: no fee for capacity is due, or no megawatts and no "
            "accelerators are named."
        )
    parts: Parts = {}
    price = between(parts, "power_price", *assumed, "USD/MWh", "assumed")
    part = between(parts, "power", table.low.min(), table.high.max(), "fraction")
    kwh = between(parts, "kwh", table.fee_kwh_low.min(), table.fee_kwh_high.max(), "USD/kWh")
    return finding(
        f"At {price} power takes {part} of the full fee, every accelerator at full draw; the fee "
        f"is {kwh} of capacity held, power and all.",
        **parts,
    )


def power_title(table: pd.DataFrame) -> str:
    """The head of power's share."""
    if table.empty:
        return ""
    ends = table.low.min(), table.high.max()
    return headed("At full draw power takes SPAN of the full fee", *ends, "fraction")


def buys(table: pd.DataFrame) -> Finding:
    """What the fee would rent at the prices seen."""
    if table.empty:
        return finding("No price was seen lately, so what the fee would buy cannot be said.")
    parts: Parts = {}
    said = []
    for gpu, rows in table.groupby("gpu", sort=False):
        key = str(gpu).lower()
        parts[f"{key}_kind"] = str(gpu)
        number = rows.accelerators.min(), rows.accelerators.max()
        many = between(parts, f"{key}_count", *number, "count")
        draw = between(parts, f"{key}_mw", rows.mw_low.min(), rows.mw_high.max(), "MW")
        said.append(f"{many} {{{key}_kind}}s ({draw})")
    text = "At prices seen the fee rents " + ", ".join(said)
    return finding(text + "; megawatts imputed, low to high, from kilowatts each.", **parts)


def buys_title(table: pd.DataFrame) -> str:
    """The head of what the fee would rent."""
    if table.empty:
        return ""
    h100 = table[table.gpu == "H100"]
    rows = h100 if len(h100) else table
    ends = rows.accelerators.min(), rows.accelerators.max()
    text = "At prices seen the same fee would rent SPAN {kind}s"
    return headed(text, *ends, "count", kind=str(rows.gpu.iloc[0]))
