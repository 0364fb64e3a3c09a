"""What can be asked of two versions of an agreement."""

from typing import Annotated, Literal

from pydantic import Field

from analysis.page.parameters import Day, OtherAgreements
from analysis.questions.parameters import AgreementParameters, Rate, WhoLeaves


class Parameters(AgreementParameters):
    """Two days, or two versions on one day; who might leave, and the discount rate."""

    since: Day | Literal[""] = Field(
        "", title="Since", description="the last report; empty: the month end before"
    )
    other: Annotated[str, OtherAgreements()] = Field(
        "",
        title="After: agreement",
        description="compared: an id or a file; empty: the same",
    )
    other_reading: str = Field(
        "", title="After: interpretation", description="of the other; both empty: since the day"
    )
    party: WhoLeaves = "customer"
    rate: Rate = 0.10
