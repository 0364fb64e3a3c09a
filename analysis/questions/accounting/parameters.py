"""What can be asked of the books: the standard, the judgements, the rates, an index's levels."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from analysis.models.accounting.term import Judgement, StandardName
from analysis.page.parameters import Day
from analysis.questions.parameters import AgreementParameters, Rate, SeenFrom

Level = Annotated[float, Field(gt=0, le=1e9)]


class Parameters(AgreementParameters):
    """An agreement, the standard that both parties report by, and what its reader judges."""

    as_of: Day = Field(
        date(2026, 11, 23),
        title="Valuation date",
        description="the first day after the reporting date",
    )
    seen_from: SeenFrom = Field("as_of", description="the day that the books are drawn on")
    standard: StandardName = Field("US GAAP", title="Standard", description="whose rules")
    lease_class: Literal["operating", "finance"] = Field(
        "operating", description="of a lease under US GAAP"
    )
    customer_penalty: Judgement = Field(
        "unknown",
        title="Is the customer's termination penalty substantive?",
        description="is its termination penalty substantive?",
    )
    provider_penalty: Judgement = Field(
        "unknown",
        title="Is the provider's termination penalty substantive?",
        description="is its termination penalty substantive?",
    )
    customer_stays: Judgement = Field(
        "unknown",
        title="Is the customer reasonably certain to stay?",
        description="reasonably certain to stay?",
    )
    customer_extends: Judgement = Field("unknown", description="reasonably certain to extend?")
    rate: Rate = Field(
        0.10, title="Lease rate, % a year", description="effective annual rate of a lease, assumed"
    )
    rate_range: list[Rate] = Field([0.06, 0.14], description="lowest and highest rate shown")
    rate_turned: Rate = Field(0.10, description="rate on the day that the judgement turns")
    index: dict[str, Level] = Field({}, description='levels by day, like {"2027-02-01": 103.0}')
