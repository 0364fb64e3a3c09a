"""What can be asked of an agreement and the site that it pays for."""

from typing import Annotated

from pydantic import Field

from analysis.questions.parameters import (
    AgreementParameters,
    Assumed,
    CapacityMw,
    CapexUsd,
    Rate,
    Scope,
)

TENTHS = [n / 10 for n in range(10)]


class Parameters(AgreementParameters):
    """What the fee is set against, the rates and correlations shown, and the assumptions."""

    scope: Scope = Field("", description="what the fee pays for, by its name; empty: the widest")
    capacity_mw: CapacityMw = 0.0
    capex_usd: CapexUsd = 0.0
    rates: list[Rate] = Field([0.0, 0.05, 0.10, 0.15, 0.20, 0.25, 0.30, 0.35, 0.40])
    correlations: list[Annotated[float, Field(ge=-0.99, le=0.99)]] = TENTHS
    assume: Assumed = Field({})
