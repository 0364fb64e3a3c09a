"""What is said of two versions of an agreement."""

from analysis.models.units import CENT_USD
from analysis.questions.changes.answer import Answer


def heading(found: Answer) -> str:
    """What the change does to committed fees."""
    if found.since:
        if found.remaining_change_usd < -CENT_USD:
            return "{remaining_change_usd:size} less remains than on {since_date}"
        return "Since {since_date} nothing has changed: {firm_after_usd} is {committed}"
    if found.moved_clauses.empty:
        return "Both versions commit {firm_before_usd}"
    what = "other agreement" if found.given.other else "interpretation compared"
    more = "{change_usd} more" if found.change_usd > 0 else "{change_usd:size} less"
    return f"The {what} commits {more}"


def lead(found: Answer) -> str:
    """What the change does to committed fees, and which clause does most of it."""
    if found.since:
        way = "up" if found.change_usd > 0 else "down"
        same = "as much as" if abs(found.change_usd) < CENT_USD else way + " from {firm_before_usd}"
        if same != "as much as" and found.same_words("firm_before_usd", "firm_after_usd"):
            same = "about as much as"
        terms = "Terms were amended." if len(found.differences) else "No term has changed."
        return (
            "Of {remaining_after_usd} remaining contract value, {firm_after_usd} is {committed}, "
            + same
            + " on {since_date}. "
            + terms
        )
    if found.moved_clauses.empty:
        return "On {as_of_date}, “{before_name}” and “{after_name}” both commit {firm_before_usd}."
    text = (
        "On {as_of_date}, “{before_name}” commits {firm_before_usd}, compared with "
        "{firm_after_usd} under “{after_name}”. "
    )
    if len(found.moved_clauses) > 1:
        return text + "Most of it comes from {largest_clause}: {largest_clause_usd}."
    if found.opposite_clauses == found.largest_clause:
        return text + "All of it comes from {largest_clause}."
    return text + "The clause that moves it is {largest_clause}; changed last, {opposite_clauses}."


steps_subtitle = "Committed fees in dollars, a cause of change a row"


def steps_title(found: Answer) -> str:
    """What the waterfall shows."""
    if found.same_words("firm_before_usd", "firm_after_usd"):
        return "Committed fees stay at {firm_after_usd}"
    return "Committed fees go from {firm_before_usd} to {firm_after_usd}"


def differing(found: Answer) -> str:
    """That two versions differ in no term; of two days the lead says so."""
    same = found.differences.empty and not found.since
    return "The two do not differ in any term." if same else ""


through_time_subtitle = (
    "Committed fees seen from the first of each month, dollars, a line a version"
)


def through_time_title(found: Answer) -> str:
    """In how many of the months more, or less, is committed after the change."""
    less = ", less in {less_count}" if found.less_count else ""
    return "More is committed after the change in {more_count} of {shared_months}" + less
