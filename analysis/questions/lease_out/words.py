"""What is said of how much of a site to lease out."""

from analysis.questions.lease_out.answer import Answer


def heading(found: Answer) -> str:
    """The best initial lease, with the right and without."""
    if found.recalls != "in time":
        return "Without recall in time, the best is to lease {bare_share} of the site"
    return "Best initial lease: {own_share} of the site with recall, {bare_share} without"


def lead(found: Answer) -> str:
    """How much to lease under the own notice, against no recall."""
    if found.recalls == "never":
        return (
            "The provider has no right to recall capacity. With internal use assumed worth "
            "{own_use_times} the fee, the best is to lease {bare_share} ({own_mw}) for the "
            "{left_months} left."
        )
    if found.recalls == "too late":
        return (
            "The provider's notice of {called} brings nothing back before the stated end, "
            "{late_days} ahead. Until then the best is to lease {bare_share} ({own_mw})."
        )
    return (
        "With recall on notice of {called}, the best is to lease {own_share} ({own_mw}) at first; "
        "without, {bare_share}. Internal use is assumed worth {own_use_times} the fee."
    )


by_notice_subtitle = (
    "Gain over leasing nothing, dollars over the months left, by share leased at first; points: "
    "best"
)


def by_notice_title(found: Answer) -> str:
    """What leasing everything loses."""
    if found.recalls != "in time":
        return "Leasing everything loses {bare_lost_usd}"
    return "Leasing everything loses {own_lost_usd} with recall, {bare_lost_usd} without"


def price(found: Answer) -> str:
    """What recall is worth over the term, and what notice gives up."""
    text = (
        "Over the {left_months} left, recall on the shortest notice compared is worth "
        "{all_recall_usd}"
    )
    if found.recalls == "never":
        return text + "."
    return text + "; this agreement's notice gives up {given_up_usd} of that."


def setting(found: Answer) -> str:
    """What the page plans with."""
    right = "notice may be given at once."
    if found.recalls == "never":
        right = "there is no right to recall."
    elif found.site.gate_months:
        right = "notice may first be given after {gate_months}."
    text = "The site holds {capacity_mw} ({mw_from}), leased at {fee_usd_mw_month}; "
    return text + right + found.beware


best_shares_subtitle = "Share of the site best leased at first, a line a value of internal use"
best_shares_title = "Best initial lease by notice: {bare_share:range} without recall"


price_of_notice_subtitle = (
    "Dollars lost a month against recall at once, a line a forecast of internal demand"
)


def price_of_notice_title(found: Answer) -> str:
    """What the notice costs."""
    if found.recalls == "never":
        return "If there were a right to recall: monthly loss by length of notice"
    return "Notice of {called} costs the provider {loss_share:range} of the fee"


def notice_price(found: Answer) -> str:
    """What the agreement's notice loses, and what another one is worth."""
    if found.recalls == "never":
        return (
            "There is no right to recall. On the longest notice drawn it would lose "
            "{loss_usd:range} a month against recall at once."
        )
    text = (
        "Notice of {called} loses {loss_usd:range} a month against recall at once, if each month "
        "is leased anew; over the term there is one start. "
    )
    if found.compared_months == found.notice:
        return text
    even = "a discount of" if found.discount_usd_mw_month >= 0 else "an addition of"
    return (
        text
        + f"Notice of {{compared_months}} breaks even at {even} {{discount_usd_mw_month:size}}."
    )
