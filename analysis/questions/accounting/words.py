"""What is said of the books: what one agreement is as backlog, as service and as a lease."""

from analysis.models.accounting.books import BACKLOG, LEASE
from analysis.page.findings import usd
from analysis.questions.accounting.answer import Answer


def _ends(found: Answer, frame: str) -> str:
    """The amounts of a frame: one, one or another, or the lowest to the highest."""
    name = {BACKLOG: "obligation", LEASE: "liability"}[frame]
    low, high = f"{{{name}_low_usd", f"{{{name}_high_usd}}"
    written = len({str(usd(value)) for value in found.framed(frame).usd})
    return {1: high, 2: f"{high} or {low}}}"}.get(written, f"{low}:bare}} to {high}")


def heading(found: Answer) -> str:
    """What the provider has left to perform."""
    backlog = _ends(found, BACKLOG)
    if " or " in backlog:
        return f"A judgement decides whether {backlog} is left to perform"
    return f"The provider has {backlog} left to perform"


def lead(found: Answer) -> str:
    """The obligation, what decides it, and what the customer owes if it is a lease."""
    text = "On {seen_date}, {provider}'s remaining performance obligation is "
    text += _ends(found, BACKLOG)
    if found.obligation_high_usd > found.obligation_low_usd:
        text += ", depending on whether {customer}'s termination penalty is substantive"
    return text + f". A lease liability would be {_ends(found, LEASE)}."


outcomes_subtitle = "Dollars on the day of the books: a judgement a heading, an answer a bar"


def outcomes_title(found: Answer) -> str:
    """What stands at the ends of the tree."""
    obligation, liability = _ends(found, BACKLOG), _ends(found, LEASE)
    return f"Performance obligation {obligation}, lease liability {liability}"


def why(found: Answer) -> str:
    """What the amounts rest on, and why liability and obligation differ."""
    text = ""
    if len(found.framed(BACKLOG)) > 1 or len(found.framed(LEASE)) > 1:
        text = "A range within one party's books is an accounting judgement, not a clause. "
    text += "The lease liability is discounted at an assumed {rate}"
    if found.framed(LEASE).short.any():
        text += "; a lease of a year or less may be left off the balance sheet"
    return text + "."


asked = (
    "{questions_count} questions decide the accounting. On {unsaid_count} of them the terms at "
    "hand are silent; none is decided here."
)


JUDGED = {
    "none": "On {seen_date}, no interpretation leaves the contract term to judgement.",
    "every": "On {seen_date}, every interpretation leaves the contract term to judgement.",
    "some": "On {seen_date}, {open_readings_count} of {readings_count} interpretations leave the "
    "contract term to judgement; under the others it moves nothing.",
}


def by_reading(found: Answer) -> str:
    """How many interpretations leave the term to judgement."""
    return JUDGED[found.left_open]


def bands(found: Answer) -> str:
    """What need not be disclosed."""
    if not found.bands.usd.any():
        return "No fee is enforceable beyond the day itself: nothing is left to perform."
    if not found.framed(BACKLOG).short.any():
        return ""
    return (
        "An obligation expected to last a year or less need not be disclosed: a reported total may "
        "leave this agreement out."
    )


earned_subtitle = "Revenue less billing at month ends, dollars, on the terms of the first day"


def earned_title(found: Answer) -> str:
    """How far revenue runs from billing at most."""
    if not found.balance_usd:
        return "Revenue is what is billed, however it is earned"
    side = "ahead of" if found.balance_usd > 0 else "behind"
    return f"Revenue runs up to {{balance_usd:size}} {side} billing"


def earned(found: Answer) -> str:
    """When revenue and billing are furthest apart, and what decides which way fits."""
    if not found.earned.billed_usd.any():
        return "No fee is enforceable beyond the first day: each day's revenue is that day's fee."
    if found.level:
        return (
            "The fee is level: a straight line strays from billing by at most {balance_usd:size}, "
            "for the length of months."
        )
    kind, why = "liability", " Fees billed ahead are earned later."
    if found.balance_usd > 0:
        kind, why = "asset", ""
        if found.balance_way.startswith("straight"):
            why = " A straight line books revenue before fees that rise are billed."
        if found.ramped:
            why = " A straight line through a ramp of delivery books revenue before it is earned."
    return (
        f"The contract {kind} peaks at {{balance_usd:size}} on {{balance_date}} ({{balance_way}})."
        + why
    )


carried_subtitle = "Lease liability by date, dollars, a line a term; dashed: still to come"
carried_title = "In the longest term the lease liability starts at {first_liability_usd}"


def carried(found: Answer) -> str:
    """Why there is no lease to carry."""
    if found.leased:
        return ""
    return (
        "No fee is enforceable beyond the first day: no liability and no right-of-use asset is "
        "recognised, and each day's fee is that day's cost."
    )


def amended(found: Answer) -> str:
    """What is left out where terms change after the first day of service."""
    if not found.amended:
        return ""
    return (
        "Terms were amended after service began. The first measurement is on the terms of the "
        "first day, all else on those of {as_of_date}; a lease modification is not modelled."
    )


def costs(found: Answer) -> str:
    """How a finance lease moves cost forward in time."""
    if not found.leased:
        return ""
    return (
        "A finance lease, and any lease under IFRS, books up to {early_usd} of cost before an "
        "operating lease does."
    )


def indexed(found: Answer) -> str:
    """What an index does to the books, if there is one and its levels are given."""
    if not found.index:
        return ""
    if not found.given.index:
        return (
            "Fees follow {index}. No level is given (parameter index), and none is forecast: every "
            "figure is at the level of the first day."
        )
    return (
        "Fees follow {index}. At a reset IFRS moves the liability and the asset; US GAAP books the "
        "rise as cost when it falls due."
    )
