"""What is said of what drives an agreement's value."""

from functools import partial

from analysis.questions.drivers.answer import Answer

LEADS = {
    "reading": "the clause",
    "discount": "the undisclosed discount",
    "days": "the uncertain start or end",
}


CASES = {
    "none": "The agreement has no ranges of its own: one interpretation and no undisclosed "
    "discount. What moves its value is assumed.",
    "fixed": "On {seen_date} nothing that the text leaves open moves what is committed.",
}
LATER = {
    "": "",
    "open": " On {as_of_date} it explains {now_share}.",
    "settled": " By {as_of_date} those in force agree.",
}


def heading(found: Answer) -> str:
    """What explains most of what the text leaves open."""
    if found.case == "none":
        return "What moves its value is assumed, not agreed"
    if found.case == "fixed":
        return "Nothing that the text leaves open moves what is committed"
    text = ("at the start, " if found.since else "") + LEADS[found.leading]
    return text[0].upper() + text[1:] + " explains {lead_share} of committed fees' variance"


def lead(found: Answer) -> str:
    """How much of what is open in the commitment is the clause; then how much of it is left."""
    if found.case != "open":
        return CASES[found.case]
    text = "At the start, {seen_date}, " if found.since else "On {seen_date}, "
    text += LEADS[found.leading] + " explains {lead_share} of committed fees' variance"
    text += ", the discount {discount_share}" if len(found.own) > 1 else ""
    if found.of_interpretation:
        text += ", interpretations weighted " + ("equally" if found.alike else "as assumed")
    same = found.since == "open" and found.same_words("lead_share", "now_share")
    return text + "." + (" On {as_of_date} it explains as much." if same else LATER[found.since])


def weighed(found: Answer) -> str:
    """What the weights of interpretations change."""
    if found.case != "open" or not found.of_interpretation:
        return ""
    if found.alike:
        return "Every interpretation counts equally: the file assumes no weights."
    if found.same_words("lead_share", "equal_share"):
        return "By equal weights the clause explains as much."
    return (
        "The clause explains {lead_share} of the variance of committed fees by the weights "
        "assumed, {equal_share} by equal ones."
    )


def _title(found: Answer, value: str) -> str:
    top = found.top(value)
    return f"The {top} moves {value} value most" if top else f"Nothing here moves {value} value"


def _widest(found: Answer, value: str) -> str:
    if not (top := found.top(value)):
        return f"On {{seen_date}} nothing that varies here moves {value} value."
    if found.same_words(f"{value}_value_low_usd", f"{value}_value_high_usd"):
        return f"On {{seen_date}} nothing moves {value} value from {{{value}_value_usd}} visibly."
    text = (
        f"On {{seen_date}} the {top} alone moves {value} value most: {{{value}_value_usd:range}}, "
        f"base case {{{value}_value_usd}}"
    )
    if top == (leads := found.leads(value)):
        return text + "."
    return (
        text + f"; the largest share of its variance, {{{value}_total_share}}, is of the {leads}."
    )


committed_subtitle = "Present value of committed fees, one input at a time over its range"
expected_subtitle = (
    "Present value of fees while nobody has left, one input at a time over its range"
)
receipts_subtitle = "Fees received, added up; bands: eight in ten cases, and half of them"
committed, expected = (partial(_widest, value=value) for value in ("committed", "expected"))
committed_title, expected_title = (partial(_title, value=v) for v in ("committed", "expected"))


def receipts_title(found: Answer) -> str:
    """The median of receipts against what is stated."""
    if found.chances == "open":
        return "The median case brings {median_usd} of {stated_usd}"
    return {"sure": "No notice can end it early: {stated_usd} is received"}.get(
        found.chances, "Nothing is left to receive"
    )


def received(found: Answer) -> str:
    """How much is received in the end: the median, eight in ten, the mean, and what is stated."""
    if found.chances == "over":
        return "From {as_of_date} on nothing is left to receive."
    if found.chances == "sure":
        return "No notice can end it early: all {stated_usd} from {as_of_date} on is received."
    return (
        "With an assumed chance of notice of {notice_share} a month, median receipts are "
        "{median_usd} of {stated_usd}. Eight in ten give "
        "{median_low_usd:bare} to {median_high_usd}; the mean is {mean_usd}."
    )
