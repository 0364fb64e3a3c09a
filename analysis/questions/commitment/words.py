"""What is said of how much is committed."""

from analysis.contract.deadlines import NO_SERVICE
from analysis.data.texts import listed
from analysis.models.units import CENT_USD
from analysis.questions.commitment.answer import Answer

HEADINGS = {
    "not begun": "Nothing is committed before service begins",
    "fee to leave": "Before service begins only {committed_usd} to terminate is committed",
    "over": "Service has ended: nothing is committed any more",
    "no fee": "No fee is due any more: nothing is committed",
    "free": "Nothing is committed: the {party} can terminate at no cost",
    "whole": "All {remaining_usd} of remaining contract value is committed",
    "open": "{committed_share} of the remaining contract value is committed",
}
BEFORE = "notice given now ends the agreement before service begins on {service_start_date}."
LEADS = {
    "not begun": "nothing is committed yet on {as_of_date}: " + BEFORE,
    "fee to leave": "only {committed_usd} to terminate is committed on {as_of_date}: " + BEFORE,
    "over": "nothing is committed any more on {as_of_date}: the last day of service was "
    "{last_service_date}.",
    "no fee": "no fee is due from {as_of_date} on; the last day of service is {last_service_date}.",
    "free": "nothing of the {remaining_usd} remaining on {as_of_date} is "
    "committed: the {party} can terminate on {committed_end_date} and then owes nothing.",
    "whole": "the {party} {right}: all {remaining_usd} from {as_of_date} is "
    "committed, {service_days} of service.",
}
AGREED = {
    "alone": ".",
    "one": ", under {interpretation}.",
    "same": ". Every interpretation that still lets the {party} terminate gives the same.",
    "apart": ", under {interpretation}. Interpretations give {open_usd:range}.",
}


def heading(found: Answer) -> str:
    """The committed share of the remaining contract value, or what the rest hangs on."""
    return ladder_title(found) if found.hangs else HEADINGS[found.case]


def bullet(found: Answer) -> str:
    """Its line in the brief."""
    if found.hangs or found.case != "open":
        return lead(found)
    text = "Of {remaining_usd} remaining contract value, {committed_usd} is committed"
    if not len(found.notice_periods):
        return text + "."
    text += "; {shortest_notice_days:bare} to {longest_notice_days} of notice would commit "
    if found.same_words("shortest_notice_usd", "longest_notice_usd"):
        return text + "{longest_notice_usd} each."
    return text + "{shortest_notice_usd:bare} to {longest_notice_usd}."


def lead(found: Answer) -> str:
    """How much is committed of what remains, and up to when; or what the rest hangs on."""
    if found.hangs:
        return laddered(found)
    if found.case != "open":
        return _under(found, LEADS[found.case])
    ends = " to {stated_end_date}, the end that the file states" if found.ends_earlier else ""
    return (
        "Of {remaining_usd} remaining contract value" + ends + ", {committed_usd} "
        "({committed_share}) is committed, up to {committed_end_date}" + AGREED[found.agreed]
    )


def laddered(found: Answer) -> str:
    """What is conditional, cancellable and committed of what remains, and who stands behind it."""
    parts = ["{conditional_usd} is conditional on delivery"] if found.conditional_usd else []
    parts += ["{above_usd} is above the commitment"] if found.above_usd else []
    parts += ["{cancellable_usd} is cancellable"] if found.cancellable_usd else []
    backed = ", backed by {backers}" if found.backers else ""
    if not parts:
        return "All {remaining_usd} of remaining contract value is committed" + backed + "."
    if not found.firm_usd and len(parts) == 1:
        what = parts[0].partition("} ")[2]
        return "All {remaining_usd} of remaining contract value " + what + "; nothing is committed."
    parts.append("{firm_usd} is committed" + backed)
    return "Of {remaining_usd} remaining contract value, " + listed(parts) + "."


def ladder_title(found: Answer) -> str:
    """How much is committed of what remains."""
    if found.same_words("firm_usd", "remaining_usd"):
        return "All {remaining_usd} of remaining contract value is committed"
    hangs = "; {conditional_usd} is conditional on delivery" if found.conditional_usd else ""
    return "{firm_usd} of {remaining_usd} is committed" + hangs


def _under(found: Answer, text: str) -> str:
    """What holds under an interpretation, which is named where there are others."""
    if found.alone:
        return text[0].upper() + text[1:]
    return "Under {interpretation}, " + text


def choice(found: Answer) -> str:
    """What is committed under the interpretation, and on the day, that a reader chooses."""
    if found.case == "open":
        return (
            "On {as_of_date}, {committed_usd} of {remaining_usd} is committed under "
            "{interpretation}: {committed_share}, up to {committed_end_date}."
        )
    return lead(found)


timeline_subtitle = "The term by interpretation: served, committed and cancellable"
ladder_subtitle = "Fees from the total down to what is committed, in dollars"
noticed_subtitle = "Committed fees by days of notice, in dollars"
bridge_subtitle = "From fees at the full rate to committed fees, in dollars"
choose_subtitle = "Remaining and committed fees, in dollars"
interpretations_subtitle = (
    "Committed fees in dollars; bars: range of undisclosed discounts and uncertain days"
)


def timeline_title(found: Answer) -> str:
    """When the commitment ends."""
    if found.case != "open":
        return heading(found)
    if found.in_part:
        return "The {party} would not end all service before {committed_end_date}"
    return "The {party} can end service on {committed_end_date} at the earliest"


def window(found: Answer) -> str:
    """How far ahead the commitment reaches, and which notice comes next."""
    if found.case == "over":
        return ""
    text = "{committed_days} are committed. " if found.case == "open" and not found.hangs else ""
    if found.next is None:
        what = "all service" if found.case == "open" and found.in_part else "service"
        return text + f"After {{as_of_date}} no notice by the {{party}} can end {what} early."
    ends = "For service to end by {notice_end_date}"
    if found.next.event == NO_SERVICE:
        ends = "For service never to begin"
    return text + ends + ", serve notice by {notice_date} ({next_party})."


def interpretations_title(found: Answer) -> str:
    """How far interpretations lie apart on the valuation date."""
    if found.alone:
        return "The one interpretation commits {committed_usd}" + found.once
    if found.agreed == "apart":
        return "Interpretations commit {open_usd:range}" + found.once
    return "Interpretations that still let the {party} terminate commit {open_low_usd}" + found.once


def interpreted(found: Answer) -> str:
    """Under which nothing, or everything, is committed; and what was when service began."""
    lapsed = found.lapsed and found.case != "over"
    text = ["Nothing is committed under {lapsed}."] if lapsed else []
    text += [f"Everything is committed{found.once} under {{whole}}."] if found.whole else []
    if len(found.began):
        text.append(
            "When service began, {start_usd:range} was committed where a part was left open."
        )
    return " ".join(text) or "The agreement has one interpretation."


choose_title = "What is committed under the interpretation and on the day that you choose"


def known(found: Answer) -> str:
    """Up to which day it is known that nothing has happened."""
    text = "As known on {known_date}: no {unfound} was found in public text."
    return text if found.agreement.known else ""


def totalled(found: Answer) -> str:
    """Which reported totals are no count of this agreement's months."""
    return "Of the totals reported, no count of months gives this: {unfit}." if found.unfit else ""


def noticed(found: Answer) -> str:
    """That there is no notice to change."""
    none = "The {party} has no right to terminate whose notice could change."
    return none if found.noticed.empty and found.case != "over" else ""


def noticed_title(found: Answer) -> str:
    """What another notice would commit."""
    if found.same_words("shortest_notice_usd", "longest_notice_usd"):
        return "Whatever the notice, {longest_notice_usd} is committed" + found.once
    decides = "Notice decides: {shortest_notice_usd:bare} to {longest_notice_usd} committed"
    return decides + found.once


def bridge_title(found: Answer) -> str:
    """What is left of all fees."""
    return "{full_rate_usd} at the full rate comes down to {bridge_end_usd}" + found.once


def bridged(found: Answer) -> str:
    """What the bridge assumes."""
    text = (
        "Valued on {bridge_date}. Assumed: a discount rate of {discount_rate}, a default "
        "probability of {default_rate} a year, a loss of {loss_share} of what is then due."
    )
    return text if found.full_rate_usd > CENT_USD else ""
