"""What can be asked of a site that its owner may need itself."""

from typing import Annotated

from pydantic import Field

from analysis.questions.parameters import AgreementParameters, Assumed, CapacityMw, Scope

Months = Annotated[int, Field(ge=0, le=120)]
Megawatts = Annotated[float, Field(ge=0, le=1e6)]


class Parameters(AgreementParameters):
    """The site, the notices compared, and the path of internal demand."""

    scope: Scope = Field("", description="what the fee pays for, by its name; empty: the widest")
    capacity_mw: CapacityMw = 0.0
    notice_months: list[Months] = Field([0, 1, 3], description="beside the own notice and none")
    longest_notice: int = Field(12, ge=1, le=120, description="months, to which notice is drawn")
    shorter_notice: Months = Field(1, description="months, compared with the agreement's own")
    blocks: int = Field(30, ge=1, le=100, description="equal parts leased and recalled")
    points: int = Field(23, ge=2, le=1000, description="points of the curve of recall payments")
    demand_mw: list[Megawatts] = Field(
        [], description="internal demand by month from now; empty: simulated"
    )
    seed: int = Field(7, ge=0, le=4294967295, description="of the simulated path")
    assume: Assumed = Field({})
