"""What can be asked of an agreement among others of its kind."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from analysis.questions.parameters import (
    AgreementParameters,
    Assumed,
    CapacityMw,
    HoursMonth,
    Metric,
    Other,
    Scope,
)

Kind = Literal["as stated", "hosting", "bare metal", "managed cloud"]


class Parameters(AgreementParameters):
    """Whose book and who is in it, what the fee buys, corrected deals, and the market's prices."""

    owner: Literal["provider", "customer"] = Field("provider", description="whose book")
    book_with: list[Other] = Field(
        default=[], description="further agreements in the book: shipped ids, or TOML files"
    )
    scope: Scope = Field(
        "", description="what the fee is set against, as the terms name it; empty: as the table"
    )
    sold_as: Annotated[Kind, Field(title="What the fee buys", description="what the fee buys")] = (
        "as stated"
    )
    capacity_mw: CapacityMw = 0.0
    corrections: str = Field(
        "", description="path of a CSV file whose rows replace those of the same id, or are added"
    )
    metric: Metric = Field("dense throughput", description="what is measured")
    tier: str = Field("on-demand", description="of the observed H100 prices")
    source: str = Field(
        "GIX monthly on-demand median", description="one source: prices are never spliced"
    )
    hours_month: HoursMonth = 730.0
    assume: Assumed = Field(default={})


def check_corrections(path: str | Path) -> None:
    """ValueError where a file's rows cannot correct the disclosed deals, or be added to them."""
    from analysis.data import sources
    from analysis.models import comparables

    comparables.deals(sources.comparables(path))
