"""What is said of how much of a site to lease out."""

import pandas as pd

from analysis.findings import Finding, count, finding, months, quantity, share, usd
from analysis.planning import Place

MIXED = (
    " BEWARE, TWO SCOPES: the fee also pays for what another scope of the terms holds, so the fee "
    "of a megawatt is too high here."
)

FIRST = "recall may first be asked for after {gate}."
RANGE = (
    " The range of the megawatts ({mw_low} to {mw_high}) moves every price by the megawatt, and no "
    "share."
)


def left_open(place: Place) -> Finding:
    """A part of the page that has no answer; the head of the page says why."""
    return finding("Not answered: {site} lacks megawatts.", site=place.title)


def unanswered(place: Place) -> Finding:
    """Why the whole question has no answer."""
    return finding("How much to lease out cannot be said: {why}.", why=place.why_not)


def _of(best: pd.DataFrame, notice: str) -> pd.Series:
    return best[best.notice == notice].iloc[0]


def how_much(best: pd.DataFrame, *, own: str, reading: str) -> Finding:
    """How much to lease under the agreement's notice, against no recall at all."""
    with_right, without = _of(best, own), best.iloc[-1]
    if own == without.notice:
        return finding(
            "The provider has no right to take capacity back: the best start is to lease "
            "{own_share} of the site ({own_mw}); leasing all of it would lose {own_lost}.",
            own_share=share(with_right.share, reading),
            own_mw=quantity(with_right.leased_mw, "MW", reading),
            own_lost=usd(with_right.lost_by_leasing_all_usd, reading),
        )
    lost, held = without.lost_by_leasing_all_usd, with_right.lost_by_leasing_all_usd
    text = (
        "With the right to take capacity back on {own} notice the best start is to lease "
        "{own_share} of the site ({own_mw}); without it, {firm_share}. Leasing everything at once "
        "falls {own_lost} short of the best with that right, {firm_lost} without: "
    )
    text += (
        "the notice clause takes away {removed} of what makes leasing everything a mistake."
        if held < lost
        else "here the notice clause takes away {removed} of that."
    )
    return finding(
        text,
        own=f"{own}'" if own.endswith("s") else f"{own}'s",
        own_share=share(with_right.share, reading),
        own_mw=quantity(with_right.leased_mw, "MW", reading),
        firm_share=share(without.share, reading),
        own_lost=usd(held, reading),
        firm_lost=usd(lost, reading),
        removed=share(1 - held / lost if lost else 0.0, reading),
    )


def how_much_title(best: pd.DataFrame, *, own: str) -> str:
    """The same for the head of a chart."""
    with_right, without = _of(best, own), best.iloc[-1]
    if own == without.notice:
        text = "Without recall the best start leases {share} of the site"
        return str(finding(text, share=share(without.share)))
    text = "Best start: lease {own} of the site with {notice} to recall, {firm} without"
    own_share, firm_share = share(with_right.share), share(without.share)
    return str(finding(text, own=own_share, notice=own, firm=firm_share))


def price(best: pd.DataFrame, *, own: str, reading: str) -> Finding:
    """What notice costs over the term against recall at once, and what recall is worth at all."""
    at_once, with_right, without = best.iloc[0], _of(best, own), best.iloc[-1]
    if own == without.notice:
        return finding(
            "Over the whole term, each at its best start: recall at once would be worth "
            "{all_recall} more than none, which is what the agreement gives.",
            all_recall=usd(at_once.worth_usd - without.worth_usd, reading),
        )
    return finding(
        "Over the whole term, each at its best start: recall at once is worth {all_recall} more "
        "than none; needing this agreement's notice gives up {given_up} of that.",
        all_recall=usd(at_once.worth_usd - without.worth_usd, reading),
        given_up=usd(at_once.worth_usd - with_right.worth_usd, reading),
    )


def setting(place: Place, *, fee_mw: float, gate: int | None, own_use: float) -> Finding:
    """What the page plans with."""
    if place.mw is None:
        return left_open(place)
    low, high = place.mw["low"], place.mw["high"]
    ends = {"mw_low": quantity(low, "MW"), "mw_high": quantity(high, "MW")} if low != high else {}
    return finding(
        "Planned with: {site}, {site_mw} ({mw_from}), leased at {fee_mw}; own use is worth "
        "{own_use} the fee where there is demand for it; "
        + ("there is no right to recall." if gate is None else FIRST)
        + (RANGE if ends else "")
        + ("" if place.widest else MIXED),
        site=place.title,
        site_mw=quantity(place.mw["value"], "MW"),
        mw_from=place.mw_from,
        fee_mw=quantity(fee_mw, "USD/MW-month"),
        own_use=quantity(own_use, "multiple", kind="assumed"),
        **ends,
        **({} if gate is None else {"gate": months(gate)}),
    )


def ways_back(table: pd.DataFrame) -> Finding:
    """What a callable lease and buying elsewhere add, seen for one month."""
    none, call, buy = (
        table[table.best & (table.way == way)].iloc[-1]
        for way in ("no way back", "callable lease", "bought elsewhere")
    )
    return finding(
        "In a single month the owner leases {none_mw} with no way back, {call_mw} in a callable "
        "lease, which adds {call_gain} a month, and {buy_mw} where it can buy elsewhere, which "
        "adds {buy_gain}.",
        none_mw=quantity(none.leased_mw, "MW"),
        call_mw=quantity(call.leased_mw, "MW"),
        call_gain=usd(call.usd_month - none.usd_month),
        buy_mw=quantity(buy.leased_mw, "MW"),
        buy_gain=usd(buy.usd_month - none.usd_month),
    )


def ways_back_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    best = table[table.best].groupby("way", sort=False).usd_month.last()
    if best.max() <= best["no way back"]:
        return str(finding("No way to get a megawatt back is worth its price"))
    text = "A {way} earns {gain} a month more than a lease with no way back"
    way, gain = str(best.idxmax()), usd(best.max() - best["no way back"])
    if way == "bought elsewhere":
        text = "Buying elsewhere earns {gain} a month more than a lease with no way back"
        return str(finding(text, gain=gain))
    return str(finding(text, way=way, gain=gain))


def notice_price(table: pd.DataFrame, *, own: int | None, discount: float, shorter: int) -> Finding:
    """What the agreement's notice loses, and what a shorter one is worth to the provider."""
    if own is None:
        last = table[table.notice_months == table.notice_months.max()]
        return finding(
            "The provider has no right to recall. If it had one on {longest} of notice, needing "
            "the notice would lose {loss_low} to {loss_high} a month.",
            longest=months(last.notice_months.max()),
            loss_low=usd(last.usd_month.min()),
            loss_high=usd(last.usd_month.max()),
        )
    at = table[table.notice_months == own]
    return finding(
        "Needing {own_notice} of notice loses the provider {loss_low} to {loss_high} a month "
        "against recall at once, {part_low} to {part_high} of the fee, by how own demand is "
        "forecast. Notice of {short_notice} would be worth a discount of {discount} to it.",
        own_notice=months(own),
        loss_low=usd(at.usd_month.min()),
        loss_high=usd(at.usd_month.max()),
        part_low=share(at.fee_share.min()),
        part_high=share(at.fee_share.max()),
        short_notice=months(shorter),
        discount=quantity(discount, "USD/MW-month"),
    )


def notice_price_title(table: pd.DataFrame, *, own: int | None) -> str:
    """The same for the head of a chart."""
    ahead = table.notice_months.max() if own is None else own
    at = table[table.notice_months == ahead].fee_share
    text = "No right to recall; with one, {notice} of notice would cost {low} to {high} of the fee"
    if own is not None:
        text = "Needing {notice} of notice costs the provider {low} to {high} of the fee"
    low, high = share(at.min()), share(at.max())
    return str(finding(text, notice=months(ahead), low=low, high=high))


def followed(table: pd.DataFrame, *, seed: int) -> Finding:
    """What happened on the simulated path."""
    served = table[["demand_mw", "kept_mw"]].min(axis=1).sum()
    asked = table.demand_mw.sum()
    recalls = table[table.recalled > 0]
    return finding(
        "On this path (seed {seed}) notice is given in {notices} months, {back_mw} come back in "
        "all, and {path_served} of the owner's own demand is served; cash adds up to {path_usd}.",
        seed=count(seed, kind="assumed"),
        notices=count(len(recalls)),
        back_mw=quantity(table.leased_mw.iloc[0] - table.leased_mw.iloc[-1], "MW"),
        path_served=share(served / asked if asked else 1.0),
        path_usd=usd(table.usd.sum()),
    )


def followed_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    back = table.leased_mw.iloc[0] - table.leased_mw.iloc[-1]
    if not back:
        return str(finding("On one simulated path nothing is taken back"))
    text = "On one simulated path {back} are taken back as own demand grows"
    return str(finding(text, back=quantity(back, "MW")))


def all_or_nothing(table: pd.DataFrame, *, site_mw: float) -> Finding:
    """From which own demand on the whole site is taken back."""
    start = table[table.recall]
    if start.empty:
        return finding("If all must be taken back or nothing, the lease is never ended.")
    first = start.iloc[0]
    return finding(
        "If all must be taken back for ever or nothing, notice is given once own demand reaches "
        "{recall_mw}, {recall_share} of the site; below, waiting is worth more.",
        recall_mw=quantity(first.demand_mw, "MW"),
        recall_share=share(first.demand_mw / site_mw),
    )


def all_or_nothing_title(table: pd.DataFrame) -> str:
    """The same for the head of a chart."""
    start = table[table.recall]
    if start.empty:
        return str(finding("All or nothing: the lease is never ended"))
    text = "All or nothing: take the site back from {demand} of own demand on"
    return str(finding(text, demand=quantity(start.demand_mw.iloc[0], "MW")))
