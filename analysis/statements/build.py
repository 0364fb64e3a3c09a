"""What is said of leasing, building and renting, and of being left by the provider."""

import pandas as pd

from analysis.findings import Figure, Finding, finding, months, quantity, share, usd
from analysis.planning import Place

PER = "USD/MW-month"
GAINS = " The customer's right to leave is what guards it against that."


def left_open(place: Place) -> Finding:
    """A part of the page that has no answer; the head of the page says why."""
    return finding("Not answered: {site} lacks megawatts or capex.", site=place.title)


def unanswered(place: Place) -> Finding:
    """Why the whole question has no answer."""
    return finding("Lease, build or rent cannot be said: {why}.", why=place.why_not)


def choice(ways: pd.DataFrame, delays: pd.DataFrame, *, planned: int) -> Finding:
    """Which way is best as planned, and how fast an own site must be ready to beat the lease."""
    best = ways[ways.best].iloc[0]
    npv = ways.set_index("way").npv_usd
    found = delays.months.dropna()
    text = (
        "With an own site ready in {planned}, the best way is to {best}, worth {best_usd} a "
        "megawatt; leasing alone is worth {lease_usd}, building alone {build_usd}. "
    )
    parts: dict[str, Figure | str] = {
        "planned": months(planned, kind="assumed"),
        "best": str(best.way),
        "best_usd": usd(best.npv_usd),
        "lease_usd": usd(npv["lease"]),
        "build_usd": usd(npv["build"]),
    }
    if found.empty:
        return finding(text + "Building never beats the lease, however fast.", **parts)
    never = " and at the dearest never does" if len(found) < len(delays) else ""
    return finding(
        text + "Building beats leasing if it takes no more than {delay_low} to {delay_high}, by "
        "what capacity is worth and a site costs" + never + ".",
        delay_low=months(found.min()),
        delay_high=months(found.max()),
        **parts,
    )


def choice_title(delays: pd.DataFrame) -> str:
    """The same for the head of a chart, at the middle of all that is assumed."""
    middle = delays[(delays.worth == "value") & (delays.capex == "value")].months.iloc[0]
    if middle != middle:
        return str(finding("Leasing beats building, however fast the site is ready"))
    text = "Building beats leasing if an own site is ready within {delay}"
    return str(finding(text, delay=months(middle)))


def setting(place: Place, *, fee: float, capex_mw: dict, worth: float) -> Finding:  # type: ignore[type-arg]
    """What the page plans with."""
    text = (
        "Planned with: {site}, {site_mw} ({mw_from}), leased at {fee_mw}; an own megawatt costs "
        "{capex_low} to {capex_high} ({capex_from}), and a megawatt is worth {worth} its fee to "
        "the customer."
    )
    if not place.widest:
        text += (
            " BEWARE, TWO SCOPES: the fee also pays for what another scope of the terms holds, so "
            "the fee of a megawatt is too high here."
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
        worth=quantity(worth, "multiple", kind="assumed"),
    )


def break_even(table: pd.DataFrame, *, fee: float, planned: int) -> Finding:
    """The fee at which leasing is as good as building, as planned, over capex."""
    at = table[table.delay_months == planned].usd
    verdict = (
        "the fee agreed is above all of that: whoever can build as planned should"
        if fee > at.max()
        else "the fee agreed is below all of that: leasing is the cheaper way"
        if fee < at.min()
        else "the fee agreed lies within: it turns on what a site costs"
    )
    return finding(
        "Leasing is as good as building at a fee of {even_low} to {even_high} over capex, against "
        "{agreed} agreed: {verdict}.",
        even_low=quantity(at.min(), PER),
        even_high=quantity(at.max(), PER),
        agreed=quantity(fee, PER),
        verdict=verdict,
    )


def break_even_title(table: pd.DataFrame, *, fee: float, planned: int) -> str:
    """The same for the head of a chart."""
    at = table[table.delay_months == planned].usd
    text = "The fee at which leasing is even: {low} to {high}, against {fee} agreed"
    low, high = quantity(at.min(), PER), quantity(at.max(), PER)
    return str(finding(text, low=low, high=high, fee=quantity(fee, PER)))


def speed(table: pd.DataFrame, *, planned: int) -> Finding:
    """What a lease brings before the own site is ready, as planned."""
    at = table[table.delay_months == planned].iloc[0]
    return finding(
        "Leasing until an own site is ready after {ready_after} brings {speed_usd} a megawatt; "
        "the last month of that delay costs {last_usd} to whoever waits instead.",
        ready_after=months(planned, kind="assumed"),
        speed_usd=usd(at.usd),
        last_usd=usd(at.last_month_usd),
    )


def speed_title(table: pd.DataFrame, *, planned: int) -> str:
    """The same for the head of a chart."""
    at = table[table.delay_months == planned].usd.iloc[0]
    text = "Speed is worth {usd} a megawatt if building takes {delay}"
    return str(finding(text, usd=usd(at), delay=months(planned)))


def rent(ways: pd.DataFrame, *, even: float, used: float) -> Finding:
    """Whether to rent on demand instead."""
    npv = ways.set_index("way").npv_usd
    return finding(
        "A lease is cheaper than renting on demand where capacity is used more than {even_share} "
        "of the time; at the {used_share} assumed, renting is worth {rent_usd} a megawatt against "
        "{lease_instead}.",
        even_share=share(even),
        used_share=share(used, kind="assumed"),
        rent_usd=usd(npv["rent on demand"]),
        lease_instead=usd(npv["lease"]),
    )


def reserving(table: pd.DataFrame, *, mw: float) -> Finding:
    """How much to reserve of an uncertain need."""
    best, none = table[table.best].iloc[0], table.iloc[0]
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
    text = "Cheapest: reserve {mw}, {part} of what this agreement holds"
    part = share(best.quantity_mw / mw)
    return str(finding(text, mw=quantity(best.quantity_mw, "MW"), part=part))


def market(fair: pd.DataFrame, *, fee: float, left: float, may_leave: bool) -> Finding:
    """What a fixed fee costs while prices fall; `may_leave`: whether the customer may leave."""
    if fair.empty:
        return finding("No month of service is left on the valuation date.")
    slow, fast = fair.iloc[0], fair.iloc[-1]
    return finding(
        "If prices fall, a fee fixed for the {left} left should be {fair_low} to {fair_high}, not "
        "{fixed}: {over_low} to {over_high} a megawatt is overpaid if both sides stay, and in the "
        "end the fee is up to {ends_at} the market."
        + (GAINS if may_leave and fair.overpaid_usd.min() > 0 else ""),
        left=months(left),
        fair_low=quantity(min(slow.fair_usd, fast.fair_usd), PER),
        fair_high=quantity(max(slow.fair_usd, fast.fair_usd), PER),
        fixed=quantity(fee, PER),
        over_low=usd(fair.overpaid_usd.min()),
        over_high=usd(fair.overpaid_usd.max()),
        ends_at=quantity(fair.end_ratio.max(), "multiple"),
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
    return finding(
        "Hardware gets cheaper, so buying can wait: the cheapest is to buy after {buy_low} to "
        "{buy_high} of leasing, the later the more a site costs today. Time to build is not "
        "counted.",
        buy_low=Figure(float(best.years.min()), "year"),
        buy_high=Figure(float(best.years.max()), "year"),
    )


def buying_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    best = table[table.best]
    if best.empty:
        return str(finding("Leasing for ever is cheapest"))
    if not best.years.max():
        return str(finding("Cheapest at every capex: buy at once"))
    text = "Cheapest: lease for {low} to {high}, then buy"
    low, high = Figure(float(best.years.min()), "year"), Figure(float(best.years.max()), "year")
    return str(finding(text, low=low, high=high))


def loss(table: pd.DataFrame, *, mw: float, firm_left: float) -> Finding:
    """What it costs the customer if the provider gives notice as soon as it may."""
    if table.empty:
        return finding("The provider cannot leave before what is left of the term has ended.")
    total = table.groupby("replacement_months").usd.sum()
    first, last = total.index.min(), total.index.max()
    part = table[table.replacement_months == last].sort_values("usd").part.iloc[-1]
    return finding(
        "If the provider gives notice at the earliest that notice may be given, {firm_left} of "
        "service are left. That costs {loss_low} to "
        "{loss_high} a megawatt, {all_low} to {all_high} in all, if a replacement takes "
        "{lead_low} to {lead_high}; largest part at the slow end: {part}.",
        firm_left=months(firm_left),
        loss_low=usd(total.min()),
        loss_high=usd(total.max()),
        all_low=usd(total.min() * mw),
        all_high=usd(total.max() * mw),
        lead_low=months(first, kind="assumed"),
        lead_high=months(last, kind="assumed"),
        part=str(part),
    )


def loss_title(table: pd.DataFrame, *, mw: float) -> str:
    """The same for the head of a chart."""
    if table.empty:
        return ""
    total = table.groupby("replacement_months").usd.sum() * mw
    text = "The provider's exit costs the customer {low} to {high} in all"
    return str(finding(text, low=usd(total.min()), high=usd(total.max())))


def revenue(covered: dict, hours: float, *, worth: float, used: float) -> Finding:  # type: ignore[type-arg]
    """Whether revenue carries the fee, and what a dollar buys."""
    text = (
        "What a lab is assumed to earn with a megawatt is {cover_low} to {cover_high} its fee, "
        "{cover} in the middle; this page plans with a worth of {worth_again}"
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
