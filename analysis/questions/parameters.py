"""Parameters that several questions share."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from analysis.data.texts import per_cent
from analysis.page.parameters import Day, OtherAgreements, Parameters, Slider, short

FILE = "an id of a shipped agreement, or the path of a TOML file"


class AgreementParameters(Parameters):
    """An agreement, the interpretation of its open clauses, and the day it is valued on."""

    contract: str = Field("anthropic-xai", title="Agreement", description=FILE)
    reading: str = Field(
        "",
        title="Interpretation",
        description="a reading's name, or several joined by +; empty: the agreement's own",
    )
    as_of: Day = Field(date(2026, 11, 23), title="Valuation date", description="valuation date")
    terms: dict[str, Any] = Field(
        {}, description='as if other terms held, such as {"termination.customer.notice_days": 180}'
    )


SeenFrom = Annotated[Literal["start", "as_of"], Field(title="Seen from")]
WhoLeaves = Annotated[
    Literal["customer", "provider"],
    Field(
        title="Who might leave",
        description="whose right ends the commitment",
    ),
]
Rate = Annotated[  # at −1 a dollar of next year has no finite value
    float,
    Field(
        gt=-1, le=1, title="Effective discount rate, % a year", description="discount rate a year"
    ),
    Slider(span=(0.0, 40.0), step=0.5, scale=0.01),
]
Scope = Annotated[str, Field(title="Set against")]
Metric = Annotated[
    Literal["dense throughput", "memory bandwidth"],
    Field(title="An accelerator counts by its", description="what accelerators are compared by"),
]
HoursMonth = Annotated[
    float,
    Field(ge=672, le=744, title="Hours in a month", description="720, 730, 730.5, 744 are in use"),
    Slider(span=(672, 744), step=0.5),
]
CapacityMw = Annotated[
    float,
    Field(ge=0, le=1e6, title="Capacity, MW (0: as known)", description="0: as known or assumed"),
]
CapexUsd = Annotated[
    float, Field(ge=0, le=1e13, title="Capex, $bn (0: as assumed)", description="0: as assumed")
]
Seed = Annotated[int, Field(ge=0, le=1_000_000)]
Other = Annotated[str, OtherAgreements()]


def _assumed(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuses names that are no assumptions, and numbers that theirs may not be."""
    if not given:
        return given
    from analysis.data import sources

    bounds = sources.planning_bounds()
    for name, value in given.items():
        if name not in bounds:
            raise ValueError(f"{name!r} is not known; allowed: {', '.join(bounds)}")
        low, high = bounds[name]
        if not low <= value <= high:
            meant = per_cent(value) if high == 1 else ""
            rule = f"from {low:g} to {high:g}"
            raise ValueError(
                f"{name} = {short.repr(value)} is not allowed; allowed: a number {rule}{meant}"
            )
    return given


Assumed = Annotated[
    dict[str, float],
    AfterValidator(_assumed),
    Field(description='assumptions to change, such as {"rate_year": 0.12}'),
]
