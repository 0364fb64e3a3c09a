"""What is said of a site and the fees that are to pay for it."""

import math

import pandas as pd

from analysis.contract.terms import Agreement
from analysis.models.planning import THE_SITE, Place
from analysis.page.findings import (
    Figure,
    Finding,
    between,
    count,
    finding,
    months,
    quantity,
    share,
    usd,
)

NEVER = " At some capex a reading never breaks even, even if service runs its whole length."


def scope(place: Place, *, others: str) -> Finding:
    """What the fee is set against, and whether that is all that it pays for.

    `others` names the other scopes of the terms; empty where there is none.
    """
    if place.mw is None or place.capex_usd is None:
        return unanswered(place)
    size, sizes = between("mw", quantity(place.mw["low"], "MW"), quantity(place.mw["high"], "MW"))
    cost, costs = between("capex", usd(place.capex_usd["low"]), usd(place.capex_usd["high"]))
    middle = {"capex_middle": usd(place.capex_usd["value"])} if len(costs) > 1 else {}
    text = (
        f"Shown is {{scope}}: {size} ({{mw_from}}), capex {cost}"
        + (", {capex_middle} in the middle" if middle else "")
        + " ({capex_from}). "
    )
    if not place.widest:
        text += (
            "BEWARE, TWO SCOPES: the fee also pays for what only another scope or tranche of the "
            "terms ({others}) holds. Every ratio here is as if all of it were paid for {scope} "
            "alone, and flatters the lease."
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
        "mw_from": place.mw_from,
        "capex_from": place.capex_from,
    }
    parts |= sizes | costs | middle
    return finding(text, **parts, **({"others": others} if "{others}" in text else {}))


def unanswered(place: Place) -> Finding:
    """Why the whole question has no answer."""
    return finding(
        "Whether it pays for the site cannot be said: {why}. The parts below that need them are "
        "left out.",
        why=place.why_not,
    )


def pays(coverage: pd.DataFrame, limited: pd.DataFrame, place: Place, *, reading: str) -> Finding:
    """The two true statements: how fast fees pay back if all stay, how little is promised."""
    if coverage.empty:
        return unanswered(place)
    own = coverage[coverage.reading == reading].payback_months
    fast, parts = _payback(own, reading)
    covers, firms = between("firm", *_ends(limited, "firm_to_capex"))
    lends, debts = between("debt", *_ends(limited, "debt_to_capex"))
    never = own.isna().all()
    named = {} if place.title == THE_SITE else {"scope": place.title}
    return finding(
        ("Even if" if never else "If")
        + " nobody leaves, the fees pay the site "
        + ("({scope}) back " if named else "back ")
        + fast
        + f". What was promised when service began covers {covers} of the capex, over readings"
        + (", capex and the undisclosed discount" if _open(limited) else " and capex")
        + f", and a lender who counts promised cash alone lends {lends} of it."
        + ("" if never else " Both are true."),
        **firms,
        **debts,
        **named,
        **parts,
    )


def _open(table: pd.DataFrame) -> bool:
    """Whether a range of `cases.over_discounts` carries an undisclosed discount."""
    return "discount" in table and table.discount.nunique() > 1


def paid_back_title(coverage: pd.DataFrame, *, reading: str) -> str:
    """How fast it pays back, for the head of a chart."""
    if coverage.empty:
        return ""
    fast, parts = _payback(coverage[coverage.reading == reading].payback_months, reading)
    return str(finding("If nobody leaves, paid back " + fast, **parts))


def paid_back(after: float, *, served: int, reading: str) -> Finding:
    """When the middle capex is paid back, beside what has been served on the valuation date."""
    parts = {"served": months(served, reading)}
    over = "{served} of service had been completed on the valuation date"
    if after != after:
        return finding(f"At the middle capex the term ends before that; {over}.", **parts)
    parts["paid_middle"] = months(after, reading)
    return finding(f"At the middle capex that takes {{paid_middle}}; {over}.", **parts)


def promised_title(limited: pd.DataFrame) -> str:
    """How little is promised, for the head of a chart."""
    if limited.empty:
        return ""
    low, high = _ends(limited, "firm_to_capex")
    text, parts = between("firm", low, high)
    return str(finding("Promised when service began: " + text + " of the capex", **parts))


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
        return unanswered(place)
    at = limited[limited.capex_usd == limited.capex_usd.median()]
    least, most = _row(at, "firm_usd")
    doubt = ", over the undisclosed discount" if _open(at) else ""
    if at.firm_months.ge(at.stated_months).all():
        return finding(
            "Nobody can leave before the end, so at the middle capex {most_usd} are promised, all "
            "that the fees are to pay.",
            most_usd=usd(most.firm_usd, most.reading),
        )
    if least.reading == most.reading or least.firm_usd == most.firm_usd:
        usd_, ends = between("promised", *(usd(row.firm_usd, row.reading) for row in (least, most)))
        part, shares = between(
            "promised_share", *(share(row.firm_to_capex, row.reading) for row in (least, most))
        )
        return finding(
            f"At the middle capex {usd_} are promised{doubt}, {part} of it; the rest of what the "
            "fees are to pay back hangs on both sides staying.",
            **ends,
            **shares,
        )
    return finding(
        f"At the middle capex{doubt}, {{least_reading}} promises {{least_usd}}, {{least_share}} "
        "of it, and {most_reading} {most_usd}, {most_share}; the rest of what the fees are "
        "to pay back hangs on both sides staying.",
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
    """Net present value and rate of return over capex, if nobody leaves and if the customer does.

    The second is left out where the customer cannot leave before the end.
    """
    own = coverage[coverage.reading == reading]
    losing = int((own.npv_usd < 0).sum())
    worth, parts = more_or_less("npv", own.npv_usd, reading)
    stays, found = _rate("irr", own.irr_year, reading)
    text = (
        f"At {{rate}} a year the site with its lease is worth {worth} than it costs, if nobody "
        "leaves and nothing is left in the end"
    )
    parts |= found | {"rate": share(rate, kind="assumed")}
    if 0 < losing < len(own):
        of = "cases of capex and discount" if _open(own) else "cases of capex"
        text += f" (less in {{lose}} of {{cases}} {of})"
        parts |= {"lose": count(losing), "cases": count(len(own))}
    text += f"; {stays}."
    if own.firm_months.lt(own.stated_months).any():
        early, ends = more_or_less("early_npv", own.firm_npv_usd, reading)
        leaves, returns = _rate("early_irr", own.firm_irr_year, reading)
        text += f" If the customer leaves as soon as it may, it is worth {early}; {leaves}."
        parts |= ends | returns
    return finding(text, **parts)


def more_or_less(name: str, npv: pd.Series, reading: str = "") -> tuple[str, dict[str, Figure]]:
    """Net present values for a sentence: how much less or more than the cost."""
    low, high = float(npv.min()), float(npv.max())
    if low < 0 <= high:
        ends = {f"{name}_low": usd(-low, reading), f"{name}_high": usd(high, reading)}
        return f"from {{{name}_low}} less to {{{name}_high}} more", ends
    text, parts = between(name, *(usd(end, reading) for end in sorted((abs(low), abs(high)))))
    return text + (" less" if high < 0 else " more"), parts


def _rate(name: str, found: pd.Series, reading: str) -> tuple[str, dict[str, Figure]]:
    """Rates of return for a sentence, least to greatest."""
    known = found.dropna()
    if known.empty:
        return "no single rate of return exists, so read the curve", {}
    text, parts = between(name, share(known.min(), reading), share(known.max(), reading))
    return f"its rate of return is {text} a year", parts


def rates_title(coverage: pd.DataFrame, *, reading: str, rate: float) -> str:
    """The same for the head of a chart."""
    if coverage.empty:
        return ""
    npv = coverage[coverage.reading == reading].npv_usd
    if npv.min() < 0 < npv.max():
        text = "At {rate} worth {low} at high capex, {high} at low: the cost decides"
        parts = {"low": usd(npv.min()), "high": usd(npv.max())}
    else:
        range_, parts = between("npv", usd(npv.min()), usd(npv.max()))
        text = "At {rate} worth " + range_ + " if nobody leaves"
    return str(finding(text, rate=share(rate, kind="assumed"), **parts))


def lease_or_own(table: pd.DataFrame) -> Finding:
    """What the lease adds to own use alone, over what own use is worth."""
    gain = table.difference_usd
    if gain.min() >= 0:
        verdict = "the lease is better throughout"
    elif gain.max() <= 0:
        verdict = "own use is better throughout"
    else:
        verdict = "which is better turns on what own use is worth, and no owner has published it"
    first, last = gain.iloc[0], gain.iloc[-1]
    return finding(
        "Against own use of part of the site, the lease of the whole "
        f"{_verb(first)} {{own_cheap}} where own use is worth little and {_verb(last)} "
        "{own_dear} where it is worth much: {verdict}.",
        own_cheap=usd(abs(first)),
        own_dear=usd(abs(last)),
        verdict=verdict,
    )


def _verb(gain: float) -> str:
    return "adds" if gain >= 0 else "loses"


def uncovered(table: pd.DataFrame, *, window: float, reading: str) -> Finding:
    """How much debt stays beyond the cash before the customer may be gone, over capex.

    `window`: months from the first day served in which it cannot have left.
    """
    first = table[table.month == 0].uncovered_usd
    by = [name for name in ("case", "discount") if name in table]
    still = (
        table.month.add(1).where(table.uncovered_usd > 0, 0).groupby([table[b] for b in by]).max()
    )
    parts = {"window": months(window, reading)}
    cash = "the cash of {window}, in which the customer cannot have left"
    if not still.any():
        spare, ends = between("spare", usd(-first.max(), reading), usd(-first.min(), reading))
        return finding(
            f"On the first day {cash}, covers the debt with {spare} to spare, and it goes on to.",
            **parts,
            **ends,
        )
    most = usd(first.max(), reading)
    beyond, ends = between("beyond", usd(first.min(), reading), most)
    if first.min() <= 0 < first.max():
        beyond, ends = "up to {beyond_high}", {"beyond_high": most}
    elif first.max() <= 0:
        beyond, ends = "none", {}
    exposed, lengths = between(
        "exposed", months(still.min(), reading), months(still.max(), reading)
    )
    return finding(
        f"When the loan is drawn, {beyond} of it lies beyond {cash}; debt stays exposed for "
        f"{exposed}.",
        **parts,
        **ends,
        **lengths,
    )


def uncovered_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart, for the case drawn."""
    if table.empty:
        return ""
    still = table[table.uncovered_usd > 0].month
    if still.empty:
        return str(finding("The cash before the customer may be gone covers the debt throughout"))
    text = "At middle capex debt exceeds the cash that is sure for {exposed}"
    return str(finding(text, exposed=months(still.max() + 1)))


def lenders(coverage: pd.DataFrame, *, reading: str) -> Finding:
    """How a loan of the usual share of capex is covered, if nobody leaves and by what is sure."""
    own = coverage[coverage.reading == reading]
    over = {
        "dscr": own.least_coverage,
        "llcr": own.loan_life_coverage,
        "sure_llcr": own.firm_loan_life_coverage,
    }
    found = {
        name: between(name, *(quantity(end, "multiple") for end in (ratio.min(), ratio.max())))
        for name, ratio in over.items()
    }
    dscr, llcr, sure = (text for text, _ in found.values())
    parts = {name: part for _, each in found.values() for name, part in each.items()}
    return finding(
        f"A loan of the usual share of capex has a least DSCR of {dscr} and an LLCR of {llcr} if "
        f"nobody leaves; on what this reading promises alone the LLCR is {sure}.",
        **parts,
    )


def life(over_capex: pd.DataFrame, resale: pd.DataFrame, *, never: int) -> Finding:
    """How long the customer must stay on average for the site to break even."""
    if over_capex.empty:
        return finding("At no capex does the site break even within the term, however read.")
    over = {
        "stay": (over_capex.low.min(), over_capex.high.max()),
        "kept": (over_capex.firm_months.min(), over_capex.firm_months.max()),
        "resale": (resale.low.min(), resale.high.max()) if len(resale) else (math.nan, math.nan),
    }
    found = {name: between(name, *map(months, ends)) for name, ends in over.items()}
    stay, kept, sold = (text for text, _ in found.values())
    text = (
        f"Where the site breaks even at all, the customer must stay {stay} on average, over "
        f"readings, capex and any undisclosed discount; {kept} of that is "
        "promised. If the site could then be sold, at the "
        f"resale price that a weak source gives, {sold} would do."
    )
    parts = {name: part for _, each in found.values() for name, part in each.items()}
    return finding(text + (NEVER if never else ""), **parts)


def life_title(over_capex: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    if over_capex.empty:
        return ""
    ends = months(over_capex.low.min()), months(over_capex.high.max())
    text, parts = between("stay", *ends)
    text = "To break even the customer must stay " + text + "; diamonds: promised"
    return str(finding(text, **parts))


def offset(table: pd.DataFrame) -> Finding:
    """How many times the fee pays for the site, on all three denominators."""
    texts: dict[str, str] = {}
    parts: dict[str, Figure] = {}
    for basis, ratio in table.groupby("basis", sort=False).ratio:
        ends = (quantity(ratio.min(), "multiple"), quantity(ratio.max(), "multiple"))
        texts[str(basis)], found = between(str(basis), *ends)
        parts |= found
    return finding(
        f"The mean fee is {texts['cash']} the cash cost of the site, {texts['accrual']} its cost "
        f"with depreciation, and {texts['economic']} its cost with capital recovered at a return. "
        "The first alone says little.",
        **parts,
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
    text, parts = between("sold", share(table.share.min()), share(table.share.max()))
    return finding(
        text + " of the site must be sold at this fee to pay fixed cost and debt.", **parts
    )


def unpaid(table: pd.DataFrame, late: pd.DataFrame, terms: Agreement) -> Finding:
    """What is owed if the customer fails, by the terms and as assumed, and the loss to expect.

    Both tables are `cases.unpaid`, `late` as if billed in arrears.
    """
    if not table.usd.any() and not late.usd.any() and terms.take_or_pay:
        return finding(
            "No fee for capacity is due; what the customer owes of the metered minimum if it "
            "fails is not worked out here."
        )
    if not table.usd.any() and not late.usd.any():
        return finding("No fee is due, so nothing is owed if the customer fails.")
    text = (
        "Paid in {timing}, as the terms at hand have it, {owed_peak} is owed at worst when the "
        "customer fails, all grace used up, {owed_average} on average; the loss to expect is "
        "{expected} a year."
    )
    parts = dict(zip(("owed_peak", "owed_average", "expected"), map(usd, table.usd), strict=True))
    if terms.payment.timing == "arrears":
        return finding(text, timing="arrears", **parts)
    text += " Billed in arrears it would be {late_peak}, {late_average} and {late_expected}."
    late_ = dict(
        zip(("late_peak", "late_average", "late_expected"), map(usd, late.usd), strict=True)
    )
    return finding(text, timing="advance", **parts, **late_)


def reletting(table: pd.DataFrame, *, correlation: float) -> Finding:
    """What wrong-way risk adds: the market is low when the customer fails."""
    free = table.iloc[0]
    tied = table.iloc[(table.correlation - correlation).abs().argmin()]
    return finding(
        "Letting the capacity again then loses {loss_free} of every month's fee if the customer's "
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
