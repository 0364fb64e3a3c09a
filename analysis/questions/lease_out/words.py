"""What is said of how much of a site to lease out."""

from datetime import date

import pandas as pd

from analysis.contract.terms import Agreement
from analysis.models.planning import Place, none_left
from analysis.page.findings import (
    Figure,
    Finding,
    between,
    count,
    days,
    finding,
    months,
    quantity,
    share,
    usd,
)

NEVER = "no recall"
MIXED = (
    " BEWARE, TWO SCOPES: the fee also pays for what another scope or tranche of the terms holds, "
    "so the fee of a megawatt is too high here."
)

FIRST = "recall may first be asked for after {gate}."
RANGE = (
    " The range of the megawatts ({mw_low} to {mw_high}) moves every price by the megawatt, and no "
    "share."
)


def unanswered(place: Place, agreement: Agreement, *, on: date) -> Finding:
    """Why the whole question has no answer on a day."""
    return finding(
        "How much to lease out cannot be said: {why}. The parts below are left out.",
        why=place.why_not or none_left(agreement, on),
    )


def _of(best: pd.DataFrame, notice: str) -> pd.Series:
    return best[best.notice == notice].iloc[0]


def how_much(
    best: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    own: str,
    left: int,
    reading: str,
    days_left: int | None = None,
) -> Finding:
    """How much to lease under the agreement's notice, against no recall at all.

    `shares`: the same over what own use may be worth (`everything.over_worth`, the own notice and
    none); `left`: months for which it is asked; `days_left`: where recall is too late.
    """
    with_right, without = _of(best, own), best.iloc[-1]
    none = shares.notice_months.isna()
    late = days_left is not None or own == without.notice
    mw = "own_mw" if late else ""
    bare, bares = _over(shares[none], "bare", without.share, reading, mw=mw)
    if days_left is not None:
        return finding(
            "The provider's right to take capacity back comes too late: its notice of {own} brings "
            "nothing back before the stated end, {late_left} ahead. Till then the best is to lease "
            + bare
            + " of the site"
            + (", by what own use is worth; in the middle" if len(bares) > 1 else ";")
            + " leasing all of it would lose {own_lost}.",
            own=own,
            late_left=days(days_left, reading),
            own_mw=quantity(with_right.leased_mw, "MW", reading),
            own_lost=usd(with_right.lost_by_leasing_all_usd, reading),
            **bares,
        )
    if own == without.notice:
        return finding(
            "The provider has no right to take capacity back: for {left} the best is to lease "
            + bare
            + " of the site"
            + (", by what own use is worth; in the middle" if len(bares) > 1 else ";")
            + " leasing all of it would lose {own_lost}.",
            left=months(left, reading),
            own_mw=quantity(with_right.leased_mw, "MW", reading),
            own_lost=usd(with_right.lost_by_leasing_all_usd, reading),
            **bares,
        )
    leased, ends = _over(shares[~none], "own", with_right.share, reading, mw="own_mw")
    lost, held = without.lost_by_leasing_all_usd, with_right.lost_by_leasing_all_usd
    text = (
        "For {left}, with the right to take capacity back on {own} notice, the best is to lease "
        f"{leased} of the site at first"
        + (", by what own use is worth" if len(ends | bares) > 2 else "")
        + f"; without it, {bare}. "
        + ("In the middle leasing" if len(ends | bares) > 2 else "Leasing")
        + " everything falls {own_lost} short of the best with that right, {firm_lost} without: "
    )
    text += (
        "the notice clause takes away {removed} of what makes leasing everything a mistake."
        if held < lost
        else "here the notice clause takes away {removed} of that."
    )
    return finding(
        text,
        left=months(left, reading),
        own=f"{own}'" if own.endswith("s") else f"{own}'s",
        own_mw=quantity(with_right.leased_mw, "MW", reading),
        own_lost=usd(held, reading),
        firm_lost=usd(lost, reading),
        removed=share(1 - held / lost if lost else 0.0, reading),
        **ends,
        **bares,
    )


def _over(
    shares: pd.DataFrame, name: str, middle: float, reading: str, *, mw: str
) -> tuple[str, dict[str, Figure]]:
    """A share over what own use may be worth, with that in the middle where it is a range.

    `mw` names the megawatts that the one in the middle comes to, if they are said.
    """
    low, high = share(shares.share.min(), reading), share(shares.share.max(), reading)
    text, parts = between(name, low, high)
    within = {f"{name}_share": share(middle, reading)}
    size = f"{{{mw}}}" if mw else ""
    if len(parts) == 1:
        return f"{{{name}_share}}" + (f" ({size})" if mw else ""), within
    inside = f"{{{name}_share}}" + (f" or {size}" if mw else "")
    return f"{text} ({inside} in the middle)", parts | within


def how_much_title(best: pd.DataFrame, *, own: str, late: bool = False) -> str:
    """The same for the head of a chart."""
    with_right, without = _of(best, own), best.iloc[-1]
    if late or own == without.notice:
        text = "Without recall in time" if late else "Without recall"
        text += " the best start leases {share} of the site"
        return str(finding(text, share=share(without.share)))
    text = "Best start: lease {own} of the site with {notice} to recall, {firm} without"
    own_share, firm_share = share(with_right.share), share(without.share)
    return str(finding(text, own=own_share, notice=own, firm=firm_share))


def everything(
    reach: pd.DataFrame, made_up: pd.DataFrame, *, idle: float, worth: float, own: str
) -> Finding:
    """Under which notice it is best to lease everything, or everything that stands idle.

    `reach` and `made_up` are of `everything.reach`; `worth` is the most that own use may be
    worth, in fees, for leasing everything to be best under the agreement's `own` notice.
    """
    instance = made_up.iloc[0]
    parts: dict[str, Figure | str] = {
        "idle": share(idle),
        "none_low": share(reach.none_share.min()),
        "none_high": share(reach.none_share.max()),
        "made_notice": months(instance.all_notice),
        "made_none": share(instance.none_share),
        "worth_for_all": quantity(worth, "multiple"),
    }
    most, some = reach.all_notice, reach.idle_notice
    if most.isna().all():
        text = "As recall has to wait, leasing everything is best under no notice, however short; "
    elif not most.max():
        text = "Leasing everything is best only if recall is at once; "
    else:
        text = "Leasing everything is best under up to {all_notice} of notice; "
        parts["all_notice"] = months(most.max())
    text += "leasing all that the owner does not use today ({idle}) is best under "
    if some.isna().all():
        text += "no notice either. "
    elif some.isna().any():
        text += (
            "up to {idle_high} of notice where own use is worth least, and under none where most. "
        )
        parts["idle_high"] = months(some.max())
    else:
        text += "up to {idle_low} to {idle_high} of notice, by what own use is worth. "
        parts |= {"idle_low": months(some.fillna(0).min()), "idle_high": months(some.max())}
    where = "with no recall"
    if own != NEVER:
        where, parts["own_called"] = "on this agreement's notice of {own_called}", own
    return finding(
        text + "With no recall the best is to lease {none_low} to {none_high}. "
        "For everything to be best " + where + ", own use could be worth no more than "
        "{worth_for_all} the fee, or the owner would have to need nothing at first: on a made-up "
        "site of that kind everything is best leased under up to {made_notice} of notice, and "
        "{made_none} of it with no recall. There the notice clause is what makes leasing "
        "everything rational.",
        **parts,
    )


def everything_title(reach: pd.DataFrame, *, idle: float) -> str:
    """The same for the head of a chart."""
    low, high = reach.none_share.min(), reach.none_share.max()
    parts = {"low": share(low), "high": share(high)}
    if reach.idle_notice.isna().any():
        text = "The longer the notice, the less is best leased: {low} to {high} with no recall"
        return str(finding(text, **parts))
    text = "Whatever own use is worth, all idle {idle} is leased on up to {notice} of notice; " + (
        "without recall {low} to {high}" if high < idle else "without recall as little as {low}"
    )
    if high >= idle:
        del parts["high"]
    return str(finding(text, notice=months(reach.idle_notice.min()), idle=share(idle), **parts))


def recall_price(table: pd.DataFrame, *, for_all: float) -> Finding:
    """What a recall may cost, in fees, in a callable lease for leasing everything to be best."""
    last = table.iloc[-1]
    return finding(
        "In a callable lease leasing everything is best only if a recall costs no more than "
        "{all_price} the fee of the month, so that it hands back what was earned; at {dear_price}, "
        "what own use is worth, the right adds nothing and {dear_share} is best leased.",
        all_price=quantity(for_all, "multiple"),
        dear_price=quantity(last.recall_to_fee, "multiple", kind="assumed"),
        dear_share=share(last.share),
    )


def recall_price_title(*, for_all: float) -> str:
    """The same for the head of a chart."""
    text = "Callable: everything is leased only if a recall costs no more than {price} the fee"
    return str(finding(text, price=quantity(for_all, "multiple")))


def shapes(table: pd.DataFrame) -> Finding:
    """What the shape of own demand does to the best quantity."""
    ranked = table.sort_values("leased_mw", kind="stable")
    least, most = ranked.iloc[0], ranked.iloc[-1]
    return finding(
        "The shape of own demand, at one mean and spread, moves the quantity with no way back "
        "from {shape_low} ({least}) to {shape_high} ({most}).",
        shape_low=quantity(least.leased_mw, "MW"),
        shape_high=quantity(most.leased_mw, "MW"),
        least=str(least["shape"]),
        most=str(most["shape"]),
    )


def price(best: pd.DataFrame, *, own: str, reading: str) -> Finding:
    """What notice costs over the term against recall at once, and what recall is worth at all."""
    at_once, with_right, without = best.iloc[0], _of(best, own), best.iloc[-1]
    if own == without.notice:
        return finding(
            "Over what is left, each at its best start: recall at once would be worth "
            "{all_recall} more than none, which is what the agreement gives.",
            all_recall=usd(at_once.worth_usd - without.worth_usd, reading),
        )
    return finding(
        "Over what is left, each at its best start: recall at once is worth {all_recall} more "
        "than none; needing this agreement's notice gives up {given_up} of that.",
        all_recall=usd(at_once.worth_usd - without.worth_usd, reading),
        given_up=usd(at_once.worth_usd - with_right.worth_usd, reading),
    )


def setting(place: Place, *, fee_mw: float, gate: int | None, own_use: float) -> Finding:
    """What the page plans with."""
    assert place.mw is not None
    low, high = place.mw["low"], place.mw["high"]
    first = "recall may be asked for at once." if gate == 0 else FIRST
    ends = {"mw_low": quantity(low, "MW"), "mw_high": quantity(high, "MW")} if low != high else {}
    return finding(
        "Planned with: {site}, {site_mw} ({mw_from}), leased at {fee_mw}; own use is worth "
        "{own_use} the fee where there is demand for it; "
        + ("there is no right to recall." if gate is None else first)
        + (RANGE if ends else "")
        + ("" if place.widest else MIXED),
        site=place.title,
        site_mw=quantity(place.mw["value"], "MW"),
        mw_from=place.mw_from,
        fee_mw=quantity(fee_mw, "USD/MW-month"),
        own_use=quantity(own_use, "multiple", kind="assumed"),
        **ends,
        **({"gate": months(gate)} if gate else {}),
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
            "The provider has no right to recall. If it had one, needing {longest} of notice would "
            "lose it {loss_low} to {loss_high} a month against recall at once.",
            longest=months(last.notice_months.max()),
            loss_low=usd(last.usd_month.min()),
            loss_high=usd(last.usd_month.max()),
        )
    at = table[table.notice_months == own]
    change: dict[str, Figure] = {}
    if shorter != own:
        change["discount"] = quantity(abs(discount), "USD/MW-month")
        change["short_notice"] = months(shorter)
    return finding(
        "Needing {own_notice} of notice loses the provider {loss_low} to {loss_high} a month "
        "against recall at once, {part_low} to {part_high} of the fee, by how own demand is "
        "forecast. That is a month by itself, leased anew for each; what the term gives up is from "
        "one start, after which nothing taken back is leased again."
        + (f" Notice of {{short_notice}} {_worth(shorter < own)}" if change else ""),
        own_notice=months(own),
        loss_low=usd(at.usd_month.min()),
        loss_high=usd(at.usd_month.max()),
        part_low=share(at.fee_share.min()),
        part_high=share(at.fee_share.max()),
        **change,
    )


def _worth(shorter: bool) -> str:
    if shorter:
        return "would be worth a discount of {discount} to it."
    return "would have to be paid with {discount} more."


def notice_price_title(table: pd.DataFrame, *, own: int | None) -> str:
    """The same for the head of a chart."""
    ahead = table.notice_months.max() if own is None else own
    at = table[table.notice_months == ahead].fee_share
    text = "No right to recall; if there were, {notice} of notice would cost {low} to {high} of fee"
    if own is not None:
        text = "Needing {notice} of notice costs the provider {low} to {high} of the fee"
    low, high = share(at.min()), share(at.max())
    return str(finding(text, notice=months(ahead), low=low, high=high))


def followed(table: pd.DataFrame, *, seed: int, given: bool, may_recall: bool) -> Finding:
    """What happened on the path, simulated or `given` by the reader."""
    served = table[["demand_mw", "kept_mw"]].min(axis=1).sum()
    asked = table.demand_mw.sum()
    notices = int((table.recalled > 0).sum())
    parts = {} if given else {"seed": count(seed, kind="assumed")}
    parts |= {
        "path_served": share(served / asked if asked else 1.0),
        "path_usd": usd(table.usd.sum()),
    }
    if not may_recall:
        text = "nothing can be taken back: "
    elif not notices:
        text = "notice is never given: "
    else:
        text = "notice is given in {notices}, {back_mw} come back in all, and "
        parts["notices"] = months(notices)
        parts["back_mw"] = quantity(_back(table), "MW")
    return finding(
        ("On the path given " if given else "On this path (seed {seed}) ")
        + text
        + "{path_served} of the owner's own demand is served; "
        "cash adds up to {path_usd}.",
        **parts,
    )


def _back(table: pd.DataFrame) -> float:
    return float(table.leased_mw.iloc[0] - table.leased_mw.iloc[-1])


def followed_title(table: pd.DataFrame, *, given: bool, may_recall: bool) -> str:
    """The same for the head of a chart."""
    if not may_recall:
        return str(finding("With no right to recall, own demand goes unserved as it grows"))
    path = "On the path given" if given else "On one simulated path"
    if not _back(table):
        return str(finding(path + " nothing is taken back"))
    text = path + " {back} are taken back as own demand grows"
    return str(finding(text, back=quantity(_back(table), "MW")))


def all_or_nothing(table: pd.DataFrame, *, site_mw: float, may_recall: bool) -> Finding:
    """From which own demand on the whole site is taken back."""
    start = table[table.recall]
    without = "If" if may_recall else "There is no such right here; with one that acts at once, if"
    if start.empty:
        return finding(without + " all must be taken back or nothing, the lease is never ended.")
    first = start.iloc[0]
    if len(start) == len(table):
        return finding(
            without + " all must be taken back for ever or nothing, notice is given at once."
        )
    return finding(
        without + " all must be taken back for ever or nothing, notice is given once own demand "
        "reaches {recall_mw}, {recall_share} of the site; below, waiting is worth more.",
        recall_mw=quantity(first.demand_mw, "MW"),
        recall_share=share(first.demand_mw / site_mw),
    )


def all_or_nothing_title(table: pd.DataFrame, *, may_recall: bool) -> str:
    """The same for the head of a chart."""
    start = table[table.recall]
    if start.empty:
        return str(finding("All or nothing: the lease is never ended"))
    text = "All or nothing: take the site back from {demand} of own demand on"
    if not may_recall:
        text = "With a right to all or nothing: take the site back from {demand} of own demand on"
    return str(finding(text, demand=quantity(start.demand_mw.iloc[0], "MW")))
