"""What can be asked of what drives an agreement's value."""

from typing import Annotated

from pydantic import Field

from analysis.questions.parameters import AgreementParameters, SeenFrom, WhoLeaves


class Parameters(AgreementParameters):
    """The day that drivers are seen from, who might leave, and the stated check."""

    seen_from: SeenFrom = Field("start", description="the day that drivers are valued on")
    party: WhoLeaves = "customer"
    check_fee_usd_month: list[Annotated[float, Field(ge=0, le=1e12)]] = Field(
        [1.125e9, 1.375e9], description="low, high; of the check"
    )
    check_discount: list[Annotated[float, Field(ge=0, le=1)]] = Field(
        [0.10, 0.90], description="low, high; of the check"
    )
    check_months: list[Annotated[int, Field(ge=0, le=1200)]] = Field(
        [3, 6, 9], description="equally likely; of the check only"
    )
    check_reduced_months: int = Field(
        2, ge=0, le=120, description="months at the discount, of the check only"
    )
