"""What can be asked of the rights to terminate."""

from typing import Annotated

from pydantic import Field

from analysis.page.parameters import Slider
from analysis.questions.parameters import (
    AgreementParameters,
    HoursMonth,
    Metric,
    Rate,
    Scope,
    Seed,
)


class Parameters(AgreementParameters):
    """An agreement, what its fee pays for, the market that it is set against, and the draws."""

    scope: Scope = Field("", description="what the fee pays for; empty: what the file states first")
    metric: Metric = Field("dense throughput", description="what is measured")
    tier: str = Field("on-demand", description="of the observed H100 prices")
    source: str = Field(
        "GIX monthly on-demand median", description="one source: prices are never spliced"
    )
    beside: list[str] = Field(
        ["GIX monthly reserved median"], description="other sources of prices, each as likely"
    )
    hours_month: HoursMonth = 730.0
    rate: Rate = Field(
        0.10, title="Continuous discount rate, % a year", description="continuous, a year"
    )
    draws: Annotated[
        int,
        Field(ge=20, le=2000, title="Simulations", description="price processes simulated"),
        Slider(span=(20, 400), step=1),
    ] = 200
    seed: Seed = Field(1, description="of the simulations")
