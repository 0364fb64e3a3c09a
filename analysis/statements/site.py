"""What is said of a site and the fees that are to pay for it."""

import pandas as pd

from analysis.findings import Figure, Finding, count, finding, months, quantity, share, usd
from analysis.planning import Place

NEVER = " At some capex a reading never breaks even, even if service runs its whole length."


def left_open(place: Place) -> Finding:
    """A part of the page that has no answer; the head of the page says why."""
    return finding("Not answered: {scope} lacks megawatts or capex.", scope=place.title)


def scope(place: Place, *, others: str) -> Finding:
    """What the fee is set against, and whether that is all that it pays for.

    `others` names the other scopes of the terms; empty where there is none.
    """
    if place.mw is None or place.capex_usd is None:
        return left_open(place)
    stated = place.mw["low"] == place.mw["high"]
    text = (
        "Shown is {scope}: {mw_low}"
        + ("" if stated else " to {mw_high}")
        + " ({mw_from}), capex {capex_low} to {capex_high}, "
        "{capex_middle} in the middle ({capex_from}). "
    )
    if not place.widest:
        text += (
            "BEWARE, TWO SCOPES: the fee also pays for what only another scope of the terms "
            "({others}) holds. Every ratio here is as if all of it were paid for {scope} alone, "
            "and flatters the lease."
        )
    elif others:
        text += (
            "The fee as the terms state it covers all of it. The terms also name less ({others}): "
            "set against that alone, the fee would look better than it is."
        )
    else:
        text += "The terms name no other scope."
    parts: dict[str, Figure | str] = {
        "scope": place.title,
        "mw_low": quantity(place.mw["low"], "MW"),
        "mw_high": quantity(place.mw["high"], "MW"),
        "mw_from": place.mw_from,
        "capex_low": usd(place.capex_usd["low"]),
        "capex_middle": usd(place.capex_usd["value"]),
        "capex_high": usd(place.capex_usd["high"]),
        "capex_from": place.capex_from,
    }
    if stated:
        del parts["mw_high"]
    return finding(text, **parts, **({"others": others} if "{others}" in text else {}))


def pays(coverage: pd.DataFrame, limited: pd.DataFrame, place: Place, *, reading: str) -> Finding:
    """The two true statements: how fast fees pay back if all stay, how little is promised."""
    if coverage.empty:
        return finding("Whether it pays for the site cannot be said: {why}.", why=place.why_not)
    own = coverage[coverage.reading == reading].payback_months
    fast, parts = _payback(own, reading)
    low, high = _ends(limited, "firm_to_capex")
    never = own.isna().all()
    debt_low, debt_high = _ends(limited, "debt_to_capex")
    return finding(
        ("Even if" if never else "If")
        + " nobody leaves, the fees pay the site ({scope}) back "
        + fast
        + ". What was promised when "
        "service began covers {firm_low} to {firm_high} of the capex, over readings and capex, "
        "and a lender who counts promised cash alone lends {debt_low} to {debt_high} of it."
        + ("" if never else " Both are true."),
        scope=place.title,
        firm_low=low,
        firm_high=high,
        debt_low=debt_low,
        debt_high=debt_high,
        **parts,
    )


def two_truths_title(coverage: pd.DataFrame, limited: pd.DataFrame, *, reading: str) -> str:
    """The same for the head of a chart."""
    if coverage.empty:
        return ""
    fast, parts = _payback(coverage[coverage.reading == reading].payback_months, reading)
    low, high = _ends(limited, "firm_to_capex")
    text = "Paid back " + fast + " if nobody leaves; promised: {low} to {high} of the capex"
    return str(finding(text, low=low, high=high, **parts))


def _payback(found: pd.Series, reading: str) -> tuple[str, dict[str, Figure]]:
    if found.isna().all():
        return "at no capex within the term", {}
    first, last = months(found.min(), reading), months(found.max(), reading)
    if found.isna().any():
        return "in {paid_first} at best and not at the highest capex", {"paid_first": first}
    if str(first) == str(last):
        return "in {paid_first}", {"paid_first": first}
    return "in {paid_first} to {paid_last}", {"paid_first": first, "paid_last": last}


def _ends(table: pd.DataFrame, column: str) -> tuple[Figure, Figure]:
    low, high = _row(table, column)
    return share(low[column], low.reading), share(high[column], high.reading)


def promised(limited: pd.DataFrame, place: Place) -> Finding:
    """Which reading promises least and most of the capex, at its middle."""
    if limited.empty:
        return left_open(place)
    at = limited[limited.capex_usd == limited.capex_usd.median()]
    least, most = _row(at, "firm_usd")
    return finding(
        "At the middle capex, {least_reading} promises {least_usd}, {least_share} of it, and "
        "{most_reading} {most_usd}, {most_share}; the rest of what the fees are to pay back hangs "
        "on both sides staying.",
        least_reading=least.reading,
        least_usd=usd(least.firm_usd, least.reading),
        least_share=share(least.firm_to_capex, least.reading),
        most_reading=most.reading,
        most_usd=usd(most.firm_usd, most.reading),
        most_share=share(most.firm_to_capex, most.reading),
    )


def _row(table: pd.DataFrame, column: str) -> tuple[pd.Series, pd.Series]:
    """The rows with the least and the greatest value of a column."""
    ranked = table.sort_values(column, kind="stable")
    return ranked.iloc[0], ranked.iloc[-1]


def rates(coverage: pd.DataFrame, *, reading: str, rate: float) -> Finding:
    """Net present value and rate of return if nobody leaves, over capex."""
    own = coverage[coverage.reading == reading]
    low, high = own.npv_usd.min(), own.npv_usd.max()
    if high < 0:
        spread, low, high = "{npv_low} to {npv_high} less", -high, -low
    elif low < 0:
        spread, low = "from {npv_low} less to {npv_high} more", -low
    else:
        spread = "{npv_low} to {npv_high} more"
    text = (
        f"At {{rate}} a year the site with its lease is worth {spread} than it "
        "costs, if nobody leaves and nothing is left in the end; "
    )
    returns = own.irr_year.dropna()
    parts = {
        "rate": share(rate, kind="assumed"),
        "npv_low": usd(low, reading),
        "npv_high": usd(high, reading),
    }
    if returns.empty:
        return finding(text + "no single rate of return exists, so read the curve.", **parts)
    return finding(
        text
        + "its rate of return is {irr_low} to {irr_high} a year. In {lose} of {cases} cases of "
        "capex it is worth less than it costs.",
        irr_low=share(returns.min(), reading),
        irr_high=share(returns.max(), reading),
        lose=count(int((own.npv_usd < 0).sum())),
        cases=count(len(own)),
        **parts,
    )


def rates_title(coverage: pd.DataFrame, *, reading: str) -> str:
    """The same for the head of a chart."""
    if coverage.empty:
        return ""
    npv = coverage[coverage.reading == reading].npv_usd
    if npv.min() < 0 < npv.max():
        text = "Worth {low} at high capex, {high} at low: the cost decides"
        return str(finding(text, low=usd(npv.min()), high=usd(npv.max())))
    text = "Worth {low} to {high} if nobody leaves, at the assumed rate"
    return str(finding(text, low=usd(npv.min()), high=usd(npv.max())))


def lease_or_own(table: pd.DataFrame) -> Finding:
    """What the lease adds to own use alone, over what own use is worth."""
    gain = table.difference_usd
    if gain.min() >= 0:
        verdict = "the lease is better throughout"
    elif gain.max() <= 0:
        verdict = "own use is better throughout"
    else:
        verdict = "which is better turns on what own use is worth, and no owner has published it"
    return finding(
        "Against own use of part of the site, the lease of the whole adds {gain_high} where own "
        "use is worth little and {gain_low} where it is worth much: {verdict}.",
        gain_high=usd(gain.iloc[0]),
        gain_low=usd(gain.iloc[-1]),
        verdict=verdict,
    )


def uncovered(table: pd.DataFrame, *, window: float, reading: str, notice: bool) -> Finding:
    """How much debt stays beyond the cash inside the notice window, over capex."""
    first = table[table.month == 0].uncovered_usd
    still = table[table.uncovered_usd > 0].groupby("case").month.max() + 1
    parts = {
        "window": months(window, reading),
        "debt_first": usd(first.min(), reading),
        "debt_last": usd(first.max(), reading),
    }
    cash = "{window} that notice leaves" if notice else "whole term of {window}, with no notice,"
    if still.empty:
        return finding(
            f"The cash of the {cash} covers the debt throughout: by "
            "{debt_last} to {debt_first} on the first day (negative: nothing uncovered).",
            **parts,
        )
    return finding(
        "When the loan is drawn, {debt_first} to {debt_last} of it lies beyond the cash of the "
        f"{cash}; "
        "debt stays exposed for {exposed_low} to {exposed_high}.",
        exposed_low=months(still.min() if len(still) == table.case.nunique() else 0, reading),
        exposed_high=months(still.max(), reading),
        **parts,
    )


def uncovered_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart, for the case drawn."""
    if table.empty:
        return ""
    still = table[table.uncovered_usd > 0].month
    if still.empty:
        return str(finding("The notice window covers the debt throughout"))
    text = "At middle capex debt exceeds the cash inside the notice window for {exposed}"
    return str(finding(text, exposed=months(still.max() + 1)))


def life(over_capex: pd.DataFrame, resale: pd.DataFrame, *, never: int) -> Finding:
    """How long the customer must stay on average for the site to break even."""
    if over_capex.empty:
        return finding("At no capex does the site break even within the term, however read.")
    text = (
        "Where the site breaks even at all, the customer must stay {stay_low} to {stay_high} on "
        "average, over readings and capex; {kept_low} to {kept_high} of that is promised. If the "
        "site could be sold at the price of a weak source, {resale_low} to {resale_high} would do."
    )
    return finding(
        text + (NEVER if never else ""),
        stay_low=months(over_capex.low.min()),
        stay_high=months(over_capex.high.max()),
        kept_low=months(over_capex.firm_months.min()),
        kept_high=months(over_capex.firm_months.max()),
        resale_low=months(resale.low.min() if len(resale) else float("nan")),
        resale_high=months(resale.high.max() if len(resale) else float("nan")),
    )


def life_title(over_capex: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    if over_capex.empty:
        return ""
    text = "To break even the customer must stay {low} to {high}; diamonds: promised"
    low, high = months(over_capex.low.min()), months(over_capex.high.max())
    return str(finding(text, low=low, high=high))


def offset(table: pd.DataFrame) -> Finding:
    """How many times the fee pays for the site, on all three denominators."""
    ends = table.groupby("basis", sort=False).ratio.agg(["min", "max"])
    return finding(
        "The mean fee is {cash_low} to {cash_high} the cash cost of the site, {accrual_low} to "
        "{accrual_high} its cost with depreciation, and {economic_low} to {economic_high} its "
        "cost with capital recovered at a return. The first alone says little.",
        **{
            f"{basis}_{end}": quantity(ends.loc[basis, column], "multiple")
            for basis in ends.index
            for end, column in (("low", "min"), ("high", "max"))
        },
    )


def offset_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    if table.empty:
        return ""
    middle = table.groupby("basis", sort=False).ratio.median()
    text = "The fee is {cash} the cash cost, but only {economic} the economic cost"
    first, last = middle["cash"], middle["economic"]
    if last < 1 <= first:
        text = "The fee is {cash} the cash cost and does not cover the economic cost ({economic})"
    first, last = quantity(first, "multiple"), quantity(last, "multiple")
    return str(finding(text, cash=first, economic=last))


def sold(table: pd.DataFrame) -> Finding:
    """The share of the site that must be sold to pay fixed cost and debt."""
    if table.share.min() > 1:
        return finding(
            "Selling the whole site at this fee does not pay fixed cost and debt at any capex: it "
            "cannot break even."
        )
    if table.share.max() > 1:
        return finding(
            "At best {sold_low} of the site must be sold at this fee to pay fixed cost and debt; "
            "at the highest capex it cannot break even.",
            sold_low=share(table.share.min()),
        )
    return finding(
        "{sold_low} to {sold_high} of the site must be sold at this fee to pay fixed cost and "
        "debt.",
        sold_low=share(table.share.min()),
        sold_high=share(table.share.max()),
    )


def unpaid(table: pd.DataFrame) -> Finding:
    """What is owed if the customer fails, and what to expect of that in a year."""
    usd_of = table.set_index("measure").usd
    return finding(
        "If billed in arrears, {owed_peak} is owed at worst when the customer fails, "
        "{owed_average} on average; the loss to expect is {expected} a year.",
        owed_peak=usd(usd_of.iloc[0]),
        owed_average=usd(usd_of.iloc[1]),
        expected=usd(usd_of.iloc[2]),
    )


def reletting(table: pd.DataFrame, *, correlation: float) -> Finding:
    """What wrong-way risk adds: the market is low when the customer fails."""
    free = table.iloc[0]
    tied = table.iloc[(table.correlation - correlation).abs().argmin()]
    return finding(
        "The larger loss is letting the capacity again: {loss_free} a month if the customer's "
        "fate and the market have nothing to do with each other, {loss_tied} at a correlation "
        "of {correlation}, as the market then stands at {market_tied} a month.",
        loss_free=usd(free.shortfall_usd),
        loss_tied=usd(tied.shortfall_usd),
        correlation=share(tied.correlation, kind="assumed"),
        market_tied=usd(tied.price_usd),
    )


def reletting_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    first, last = table.shortfall_usd.iloc[0], table.shortfall_usd.iloc[-1]
    if not first:
        return str(finding("Letting again loses more, the closer customer and market are tied"))
    text = "A failure loses up to {times} as much if it comes when the market is down"
    return str(finding(text, times=quantity(last / first, "multiple")))


def concentrated(table: pd.DataFrame, *, effective: float) -> Finding:
    """How few customers the provider's known fees hang on."""
    if len(table) < 2:
        return finding(
            "No other agreement of this provider is in the book: all of its known fees hang on "
            "{top}.",
            top=str(table.customer.iloc[0]),
        )
    return finding(
        "{top} pays {top_share} of this provider's known monthly fees of {book_fees}, which are "
        "spread as over {effective} customers of one size.",
        top=str(table.customer.iloc[0]),
        top_share=share(table.share.iloc[0]),
        book_fees=usd(table.usd.sum()),
        effective=quantity(effective, "number"),
    )


def concentrated_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    text = "{top} pays {share} of what this provider is known to earn"
    top, part = str(table.customer.iloc[0]), share(table.share.iloc[0])
    return str(finding(text, top=top, share=part))
