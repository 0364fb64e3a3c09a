"""What is said of the price: high or not, beside what, and what would change that."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from analysis.findings import Figure, Finding, Kind, count, day, finding, quantity, usd
from analysis.pricing import Fee

HOUR = "USD/H100e-hour"
IF = {
    "high": "The price is high",
    "low": "It is low",
    "in line": "It is among those",
    "open": "Whether it is high cannot be told",
}
"""What a verdict says, in the order in which it is said."""


Parts = dict[str, Figure | str]


def between(
    parts: Parts, key: str, low: float, high: float, unit: str, kind: Kind = "derived"
) -> str:
    """The place in a sentence of a range, of one figure where both ends read alike.

    >>> parts = {}
    >>> between(parts, "fee", 1.0, 2.0, "USD"), parts["fee_high"]
    ('{fee_low} to {fee_high}', Figure(value=2.0, unit='USD', reading='headline', kind='derived'))
    """
    ends = quantity(low, unit, kind=kind), quantity(high, unit, kind=kind)
    if str(ends[0]) == str(ends[1]):
        parts[key] = ends[0]
        return f"{{{key}}}"
    parts |= {f"{key}_low": ends[0], f"{key}_high": ends[1]}
    return f"{{{key}_low}} to {{{key}_high}}"


def headed(text: str, low: float, high: float, unit: str, **more: Figure | str) -> str:
    """The head of a chart, with a range in place of SPAN."""
    parts: Parts = dict(more)
    return str(finding(text.replace("SPAN", between(parts, "span", low, high, unit)), **parts))


def lead(
    fee: Fee,
    verdicts: pd.DataFrame,
    held: pd.DataFrame,
    bought: pd.DataFrame,
    *,
    as_of: date,
    end: date,
) -> Finding:
    """Whether the price is high against prices by contract, or why that cannot be said."""
    begin = ""
    parts: Parts = {"as_of": day(as_of, kind="assumed")}
    if as_of >= end:
        begin = "On {as_of} nothing is left to serve; the fee is that of the last day served. "
    if not fee.usd_month:
        why = begin or "On {as_of}: "
        return finding(why + "The terms name no fee, so there is no price.", **parts)
    parts["fee"] = usd(fee.usd_month, kind="reported")
    if held.empty:
        text = "Whether the price is high cannot be said: no H100 price by contract was seen in the"
        text += " half year to {as_of}. The full fee is {fee} a month"
        return finding(begin + text + _priced(verdicts, parts) + ".", **parts)
    seen = between(parts, "seen", held.usd_hour.min(), held.usd_hour.max(), HOUR, "reported")
    beside = f"H100s by contract, {seen} in the half year to {{as_of}}"
    if verdicts.empty:
        ours = bought[bought.gpu == "H100"]
        ours = ours[ours.tier.isin(held.tier)]
        parts |= {
            "even_low": count(ours.accelerators.min()),
            "even_high": count(ours.accelerators.max()),
        }
        text = (
            "Whether the price is high cannot be said: the terms name no number of accelerators. "
            f"Beside {beside}, the full fee of {{fee}} a month is high if it buys fewer than "
            "{even_low} H100-equivalents and low if it buys more than {even_high}."
        )
        return finding(begin + text, **parts)
    return finding(begin + _judged(verdicts, parts, beside), **parts)


def _priced(verdicts: pd.DataFrame, parts: Parts) -> str:
    """The fee's price without a market beside it."""
    if verdicts.empty:
        return ""
    return ", " + between(parts, "lead", verdicts.low.min(), verdicts.high.max(), HOUR)


def _judged(verdicts: pd.DataFrame, parts: Parts, beside: str) -> str:
    """Each verdict with the scopes that it holds for; adds its figures to `parts`."""
    said = []
    for verdict, rows in _grouped(verdicts):
        key = verdict.replace(" ", "_")
        parts[f"{key}_scopes"] = _listed(list(rows.scope))
        price = between(parts, key, rows.low.min(), rows.high.max(), HOUR)
        times = rows.times_low.min(), rows.times_high.max()
        of = between(parts, f"{key}_times", *times, "multiple")
        clause = f"{IF[verdict]} if the fee pays for {{{key}_scopes}}: {price}, {of} those prices"
        said.append(clause)
    first, *more = said
    text = f"Beside {beside}: {first[0].lower()}{first[1:]}"
    text += "".join(f". {clause}" for clause in more)
    return text + ". The full fee is {fee} a month, ramp discounts aside."


def _grouped(verdicts: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [
        (name, verdicts[verdicts.verdict == name]) for name in IF if name in set(verdicts.verdict)
    ]


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def ladder_title(verdicts: pd.DataFrame, held: pd.DataFrame) -> str:
    """The head of the ladder: the verdict, or what is shown where there is none."""
    if verdicts.empty or held.empty:
        return (
            "What the market charged for an H100 and hour"
            if verdicts.empty
            else ("The fee for an H100-equivalent and hour")
        )
    short = {"high": "High", "low": "Low", "in line": "In line", "open": "Open"}
    said = [
        f"{short[name]} if for {_listed(list(rows.scope))}" for name, rows in _grouped(verdicts)
    ]
    return "; ".join([said[0], *(text[0].lower() + text[1:] for text in said[1:])]) + (
        ", beside prices by contract"
    )


def scales(table: pd.DataFrame, *, metric: str, hours_month: float, fee: Fee) -> Finding:
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
        return finding("The fee has no price in any unit: {why}.", why="; ".join(missing))
    parts |= {
        "metric": metric,
        "hours": count(hours_month, kind="assumed"),
        "priced_on": day(fee.day),
    }
    text = "The full fee on {priced_on}, over all scopes: " + ", ".join(said) + "; "
    text += "{hours} hours a month, accelerators weighed by {metric}."
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
    theirs = between(parts, "deal", deals.low.min(), deals.high.max(), "USD/MW-month")
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
    firm = deals[deals.grade != "imputed"]
    if firm.empty:
        return "The fee for a megawatt and month"
    cheapest = float(firm.low.min())
    ends = rung.low.min() / cheapest, rung.high.max() / cheapest
    text = "A megawatt costs SPAN what the cheapest deal with stated megawatts pays"
    return headed(text, *ends, "multiple")


def since(counted: pd.DataFrame, rung: pd.DataFrame, moments: pd.DataFrame) -> Finding:
    """When the market last stood as high as the fee."""
    if counted.empty:
        return finding("No price of this kind was known by then.")
    if rung.empty:
        parts: Parts = {}
        said = []
        for n, row in enumerate(counted.itertuples()):
            parts |= {f"series_{n}": str(row.series), f"first_{n}": day(row.first, kind="reported")}  # type: ignore[arg-type]
            said.append(f"{{series_{n}}} from {{first_{n}}}")
        text = "The fee has no price to hold against " + " and ".join(said) + "."
        return finding(text, **parts)
    parts = {"mark": quantity(rung.low.min(), HOUR)}
    said = []
    rows: Any = counted.itertuples()
    for n, row in enumerate(rows):
        parts |= {
            f"series_{n}": row.series,
            f"above_{n}": count(row.above),
            f"prices_{n}": count(row.prices),
        }
        text = f"{{series_{n}}} in {{above_{n}}} of {{prices_{n}}} prices"
        if row.above:
            text += f", last on {{last_{n}}}"
            parts[f"last_{n}"] = day(row.last_above, kind="reported")
        said.append(text)
    text = "At its lowest the fee is {mark}. The market stood there or higher: " + "; ".join(said)
    if len(moments):
        last: Any = moments.iloc[-1]
        text += ". The last {tier}, of {on}, was {latest}"
        parts |= {
            "tier": f"{last.tier} ({last.source})",
            "on": day(last.date, kind="reported"),
            "latest": quantity(last.usd_hour, "USD/GPU-hour", kind="reported"),
        }
    return finding(text + ".", **parts)


def since_title(counted: pd.DataFrame, rung: pd.DataFrame) -> str:
    """The head of the history."""
    if counted.empty or rung.empty:
        return "What an H100 and hour cost"
    high = counted[counted.above > 0]
    mark = quantity(rung.low.min(), HOUR)
    if high.empty:
        return str(finding("The market never stood as high as the fee, {mark}", mark=mark))
    last = max(high.last_above)
    text = "The market last stood at {mark}, the fee's low end, on {on}"
    return str(finding(text, mark=mark, on=day(last)))


def axis(unit: str, *, hours_month: float, metric: str = "") -> str:
    """The unit on an axis, with hours in a month and the metric of the weights."""
    weighed = f"{metric}, " if metric else ""
    return f"$/{unit} ({weighed}{hours_month:g} h a month)"


def yardstick(found: pd.DataFrame) -> str:
    """The one market price that ratios are taken to, in words."""
    if found.empty:
        return "a market price"
    row: Any = found.iloc[0]
    price = quantity(row.usd_hour, "USD/GPU-hour")
    return f"{price} for an {row.gpu} ({row.tier}, {row.source}, {row.date:%d %b %Y})"


def deal(found: pd.DataFrame) -> str:
    """The one other deal that ratios by the megawatt are taken to, in words."""
    if found.empty:
        return "another deal"
    row: Any = found.iloc[0]
    price = quantity(row.low, "USD/MW-month")
    return f"{price} of {row['name']} ({row.basis} MW, {row.grade}, {row.date:%b %Y})"


def why_no_ratio(rung: pd.DataFrame) -> str:
    """Why there is no ratio to the market: no denominator, or no price."""
    return "the terms name nothing to divide by" if rung.empty else "none was seen by then"


def otherwise(table: pd.DataFrame, *, market: str, why_not: str, key: str) -> Finding:
    """What moves the ratio of fee to market most, and least; `key` keeps figures apart."""
    if table.empty:
        return finding("No ratio to {market}: {why}.", market=market, why=why_not)
    stands, others = table.iloc[0], table.iloc[1:]
    parts: Parts = {"market": market}
    now = between(parts, key, stands.low, stands.high, "multiple")
    text = f"As it stands the fee is {now} {{market}}"
    if others.empty:
        return finding(text + "; no other reading is known.", **parts)
    read = between(parts, f"{key}_other", others.low.min(), others.high.max(), "multiple")
    parts |= {"most_by": _named(others.iloc[0]), "least_by": _named(others.iloc[-1])}
    text += f"; other readings put it at {read}. Farthest goes {{most_by}}, least far {{least_by}}."
    return finding(text, **parts)


def _named(row: Any) -> str:
    return f"{row.varied} ({row.reading})"


def otherwise_title(table: pd.DataFrame) -> str:
    """The head of the ratios."""
    if table.empty:
        return ""
    text = "By how its terms are read, the fee is SPAN the market price"
    return headed(text, table.low.min(), table.high.max(), "multiple")


def power(table: pd.DataFrame, *, assumed: tuple[float, float]) -> Finding:
    """How little of the fee power takes, and what a kilowatt-hour of the fee costs."""
    if table.empty:
        return finding("Power's share is not known: the terms name no megawatts or accelerators.")
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
    return headed("Power takes SPAN of the full fee", *ends, "fraction")


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
        said.append(f"{many} {{{key}_kind}} ({draw})")
    text = "At prices seen the fee rents " + ", ".join(said)
    return finding(text + "; megawatts imputed, low to high, from kilowatts each.", **parts)


def buys_title(table: pd.DataFrame) -> str:
    """The head of what the fee would rent."""
    if table.empty:
        return ""
    h100 = table[table.gpu == "H100"]
    rows = h100 if len(h100) else table
    ends = rows.accelerators.min(), rows.accelerators.max()
    text = "At prices seen the same fee would rent SPAN {kind}"
    return headed(text, *ends, "count", kind=str(rows.gpu.iloc[0]))
