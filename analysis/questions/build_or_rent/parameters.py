"""What can be asked of a customer's choice: lease, build or rent."""

from typing import Annotated

from pydantic import Field

from analysis.questions.parameters import (
    AgreementParameters,
    Assumed,
    CapacityMw,
    CapexUsd,
    Scope,
    Seed,
)

Years = Annotated[float, Field(ge=0, le=50)]


class Parameters(AgreementParameters):
    """The place, the price of renting, and how finely the choices are drawn."""

    scope: Scope = Field("", description="what the fee pays for, by its name; empty: the widest")
    capacity_mw: CapacityMw = 0.0
    capex_usd: CapexUsd = 0.0
    source: str = Field(
        "GIX monthly on-demand median", description="of the price of renting, as on page 03"
    )
    buy_years: list[Years] = Field([year / 2 for year in range(11)])
    step_months: int = Field(6, ge=1, le=1200, description="between the build times to choose")
    seed: Seed = Field(1, description="of the simulated market")
    assume: Assumed = Field({})
