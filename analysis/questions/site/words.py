"""What is said of a site and the fees that pay for it."""

from analysis.questions.site.answer import Answer

PAYBACK = {
    "never": "in no cost case within the term",
    "some": "in {payback_low_months} at best and not at the highest capex",
    "always": "in {payback_months:range}",
}


def heading(found: Answer) -> str:
    """How fast it pays back, and how much of it is committed."""
    paid = {
        "never": "Never paid back",
        "some": "Payback {payback_low_months} at best",
        "always": "Payback {payback_months} if nobody leaves",
    }
    return paid[found.pays_back] + "; committed fees cover {committed_share} of capex"


def lead(found: Answer) -> str:
    """How fast fees pay back if nobody leaves, and how much of capex is committed."""
    if_ = "Even if" if found.pays_back == "never" else "If"
    by = f", by {found.cases}" if found.cases and found.pays_back == "always" else ""
    across = ", {committed_across_share:range} across interpretations"
    ends = ("low_share", "high_share")
    same = all(found.same_words(f"committed_{e}", f"committed_across_{e}") for e in ends)
    return (
        f"{if_} nobody leaves, fees repay the capex {PAYBACK[found.pays_back]}{by}. "
        "Fees committed at the start cover {committed_share:range} of it"
        + ("" if same else across)
        + "."
    )


def scope(found: Answer) -> str:
    """What the fee is set against, and whether that is all that it pays for."""
    base = ", {capex_usd} as base. " if len(found.sites) > 1 else ". "
    text = "Set against {capacity_mw:range} ({mw_from}), capex {capex_usd:range} ({capex_from})"
    if not found.place.widest:
        beside = "BEWARE, TWO SCOPES: the fee also pays for {other_scopes}, so set against "
        return text + base + beside + "{place_title} alone every ratio is too high."
    if not found.other_scopes:
        return text + base
    return text + base + "Set against less ({other_scopes}), the whole fee would overstate returns."


paid_back_subtitle = "Cash less capex by month of service, dollars, a line a capex"


def paid_back_title(found: Answer) -> str:
    """How fast it pays back."""
    served = "; {served_months} served" if found.served_months else ""
    return f"If nobody leaves, paid back {PAYBACK[found.pays_back]}{served}"


def claimed(found: Answer) -> str:
    """What the provider claims of its payback, tested."""
    if found.claimed_months != found.claimed_months:
        return ""
    text = "The provider claims payback of new compute capital within {claimed_months}; here "
    if not found.cases:
        return text + ("it does" if found.within_count else "it does not") + ", if nobody leaves."
    return text + (
        f"{{within_count}} of {{combinations_count}} cases of {found.cases} pay back by then, "
        "if nobody leaves."
    )


committed_subtitle = (
    "Fees committed at the start of service ÷ capex; bars: by capex and discount, tick: base"
)


def committed_title(found: Answer) -> str:
    """What is committed of capex, and whether anybody can leave."""
    when = "Nobody can leave" if found.all_committed else "Committed at the start of service"
    return when + ": {committed_across_share:range} of capex"


lenders = (
    "Debt capacity on committed cash is {debt_across_share:range} of capex. If nobody leaves, "
    "the usual loan has a minimum DSCR of {least_dscr_times:range} and an LLCR of "
    "{llcr_times:range}. On committed cash alone its LLCR is {committed_llcr_times:range}."
)
choose_subtitle = "Net present value when service begins, dollars, no residual value"
choose_title = "NPV by interpretation, capex and discount rate"


def returns(found: Answer) -> str:
    """Net present value and rate of return, if nobody leaves and if the customer does."""
    irr = "IRR {irr_rate:range}" if found.irr_rate == found.irr_rate else "no single IRR exists"
    text = f"At {{discount_rate}} a year, NPV is {{npv_usd:range}} if nobody leaves ({irr})"
    if not found.may_leave:
        return text + "."
    return text + "; if the customer leaves as early as it may, {left_npv_usd:range}."


def lives(found: Answer) -> str:
    """How long the customer must stay on average for the site to break even."""
    if found.all_committed:
        return ""
    if found.lives.empty:
        return "At no capex does the site break even within the term, under any interpretation."
    text = (
        "Where it can break even, the customer must stay {break_even_months:range} on average; "
        "{committed_months:range} of that is committed. With resale at the assumed residual value, "
        "{resold_months:range} would do."
    )
    if found.never_breaks_even:
        text += " At some capex an interpretation never breaks even."
    return text


def debt(found: Answer) -> str:
    """How much debt stays beyond the cash of the months in which the customer cannot have left."""
    cash = "the cash of the {sure_months} in which the customer cannot have left"
    low, _, high = found.ends_of("uncovered_usd")
    if not found.ends_of("exposed_months")[-1]:
        return (
            f"Throughout, {cash} covers the loan, at first by {{uncovered_high_usd:size}} or more."
        )
    beyond = "{uncovered_usd:range}"
    if low <= 0:
        beyond = "up to {uncovered_high_usd}" if high > 0 else "none"
    return (
        f"When the loan is drawn, {beyond} of it exceeds {cash}. Debt stays exposed for "
        "{exposed_months:range}."
    )


def leased(found: Answer) -> str:
    """The share of the site that must be leased to pay fixed cost and debt."""
    low, _, high = found.ends_of("leased_share")
    if low > 1:
        return "Leasing all of the site at the contract rate pays fixed cost and debt at no capex."
    share = "at least {leased_low_share}" if high > 1 else "{leased_share:range}"
    never = "; at the highest capex all of it is not enough" if high > 1 else ""
    text = (
        "To pay fixed cost and debt, " + share + " of the site must be leased at the contract rate"
    )
    return text + never + "."


def owed(found: Answer) -> str:
    """What is owed if the customer defaults, and the loss expected of it."""
    if not found.fee_usd_month:
        if found.position.terms.take_or_pay:
            return "No fee for capacity is due; a metered minimum that is owed is not counted here."
        if found.next_fee:
            return "No fee is due on {as_of_date}: nothing is owed if the customer then defaults."
        return "No fee is due, so nothing is owed if the customer defaults."
    text = (
        "Paid in {timing}, at most {owed_usd} is owed when the customer defaults; the loss "
        "expected in a year is {expected_loss_usd}."
    )
    late = " Billed in arrears, at most {arrears_usd} would be."
    return text if found.timing == "arrears" else text + late


def releasing(found: Answer) -> str:
    """What re-leasing loses after a default, if the market is then down."""
    if found.releasing.empty:
        return ""
    return (
        "Re-leasing the capacity then loses {free_loss_usd_month} if customer and market are "
        "independent, {tied_loss_usd_month} at a correlation of {correlation_share}."
    )
