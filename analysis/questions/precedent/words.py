"""What is said of one agreement among other deals, of its book, and of a softer market."""

from analysis.questions.precedent.answer import Answer


def heading(found: Answer) -> str:
    """Where its price lies."""
    if not found.scope_known:
        return "No precedent: the terms do not say what the fee buys"
    if not found.among.price:
        return "No precedent: the fee has no price per GW"
    above = "{cheaper_count}" if found.cheaper_count else "none"
    below = "{dearer_count}" if found.dearer_count else "none"
    return f"Priced above {above} of {{others_count}} {{scope}} deals, below {below}"


def lead(found: Answer) -> str:
    """Whether it can set a precedent, and beside how many deals."""
    if not found.scope_known:
        return (
            "No precedent can be read from it: prices are compared within hosting, bare metal or "
            "managed cloud, and nothing says which it is (parameter sold_as)."
        )
    if not found.among.price:
        text = "It sets no precedent: without megawatts or accelerators the fee has no unit price."
        if not found.others_count:
            return text
        return text + (
            " At {others_count} other {scope} deals' prices it buys {bought_low_mw:bare} to "
            "{bought_high_mw}."
        )
    text = "It sets no precedent yet: " if found.few else "Price and commitment can be compared: "
    return text + (
        "termination terms are public for {firm_known_count} of {others_count} other {scope} "
        "deals with a price."
    )


prices_subtitle = "Fee of a year over facility power; bars: range of capacity and of estimates"


def prices_title(found: Answer) -> str:
    """Its price against those of its scope."""
    if not found.among.price:
        return "Other {scope} deals by price; this one has none"
    beside = "{price_high_usd_gw_year}, beside {others_count} other {scope} deals"
    if found.price_low_usd_gw_year == found.price_high_usd_gw_year:
        return beside
    return "{price_low_usd_gw_year:bare} to " + beside


def ranked(found: Answer) -> str:
    """What is open of the order, and what it rests on."""
    text = ""
    if found.among.price and found.others_count:
        text = "Other price intervals that overlap its own: {unsure_count}"
        text += "; apart only by an estimate: {leaning_count}. " if found.leaning_count else ". "
        text += (
            "Rows of one capacity count once. " if found.others.deal.str.contains(";").any() else ""
        )
    return text + (
        "In all {priced_count} deals have a price; {estimated_count} of these rest on an estimate. "
        "The table was last looked through on {looked_date}."
    )


runoff_subtitle = "Fees by month of service and counterparty, dollars; dark: committed"
runoff_title = "{book_firm_usd} of the book's {book_usd} is committed"


def book(found: Answer) -> str:
    """How much of the book is committed."""
    if not found.held_count:
        return "On {as_of_date} the book of {company} holds no fee that is left."
    who = "The {held_count} agreements of {company} have"
    if found.held_count == 1:
        who = "The agreement of {company} has"
    text = who + " {book_usd} of fees left; {book_firm_usd} of that, {book_firm_share}, is "
    text += "committed {commits}."
    if not found.top_share < 1:
        return text
    return text + (
        " The largest pays {top_share} of monthly fees: as concentrated as "
        "{effective_number} counterparties of one size."
    )


partners_subtitle = "Reported totals by year, spread evenly over their terms, dollars"
partners_title = "{tally_hard_usd} of {tally_usd} reported is largely non-cancellable"


def partners(found: Answer) -> str:
    """How much of it is hard, and how much can be cancelled."""
    if not found.tally:
        return ""
    text = (
        "{tally} counts {tally_usd} with {partners_count} partners: {tally_hard_share} largely "
        "non-cancellable, {tally_notice_share} largely on short notice."
    )
    if found.peak_times != found.peak_times:
        return text
    return text + (
        " The dearest dated year takes {peak_usd}, {peak_times} the {revenue_usd} of annualised "
        "revenue announced by {revenue_date}; a further {undated_usd} has no dates."
    )


explained_subtitle = (
    "Committed at the reporting date, dollars, one interpretation changed at a time; lines: "
    "undisclosed discounts"
)
explained_title = "In the base case the book is {explained_share} of the {sales_usd} reported"


def explained(found: Answer) -> str:
    """Which part of the reported figure the book explains, and which it does not."""
    if not found.against:
        return "Not compared: {company} disclosed nothing of its contracts in the data."
    text = "When signed" if found.at_signing else "At {close_date}"
    text += (
        " the agreements here came to {nominal_usd}, {explained_usd} of it committed: "
        "{explained_share} of the {sales_usd} reported. "
    )
    if found.nearest and found.explained_share < 1:
        return text + (
            "“{nearest}” gives {nearest_usd}, {nearest_share}; the {nearest_left_usd} left may be "
            "a ramp that is not in the files."
        )
    return text + "A ramp that is not in the files may be the difference."


def forecast(found: Answer) -> str:
    """What the next report will show if the customer is this agreement: it can fail."""
    if found.forecast_usd != found.forecast_usd:
        return ""
    text = "Forecast that can fail"
    text += ", made on {known_date}" if found.agreement.known else ""
    return text + (
        ": if {served} is Customer B and served throughout, the quarter to {forecast_date} shows "
        "{forecast_usd} from it."
    )


def customer(found: Answer) -> str:
    """Whether the agreement in service that quarter can be Customer B."""
    if not found.quarter:
        return ""
    if not found.quarter.served:
        return "No agreement of the book was in service in the quarter reported."
    text = "Customer B paid {customer_low_usd:bare} to {customer_high_usd} and is not named. "
    if len(found.quarter.served) > 1:
        return text + "Several agreements were in service then: {served}."
    text += "Only {served} was served then; "
    text += "it fits {fitting}." if found.fitting else "no way to book revenue fits."
    if not found.saved_low_usd > 0 or found.profit_usd != found.profit_usd:
        return text
    text += (
        " If so, the ramp was {saved_low_usd:bare} to {saved_high_usd} below the full fee, as "
        "billed. By press, {served} told investors to expect {profit_usd} of operating profit then"
    )
    if found.saved_low_usd > found.profit_usd:
        return text + ", less than that discount."
    return text + ("." if found.saved_high_usd > found.profit_usd else ", more than that discount.")


def rents(found: Answer) -> str:
    """How far rents fall if labs sublet a share of what is idle."""
    if found.kept.empty:
        return ""
    if not found.fall_high_share:
        return "With nothing idle to sublet, rents stay where they are."
    return (
        "If labs sublet {offered_share} of idle capacity, rents fall by {fall_share} "
        "({fall_low_share:bare} to {fall_high_share} over all elasticities): assumed, not measured."
    )
