"""What can be asked of the price."""

from typing import Literal

from pydantic import Field

from analysis.questions.parameters import AgreementParameters, HoursMonth, Metric, Scope


class Parameters(AgreementParameters):
    """An agreement, what its fee pays for, and the market prices that it is set against."""

    scope: Scope = Field("", description="what the fee pays for; empty: what the file states first")
    metric: Metric = Field("dense throughput", description="what is measured")
    hours_month: HoursMonth = 730.0
    source: str = Field(
        "GIX monthly on-demand median",
        title="Judged by H100 prices of",
        description="of H100 prices, the first to judge by",
    )
    contract_source: str = Field(
        "SemiAnalysis three-year contract",
        description="contract prices by kind, on a like term",
    )
    beside: list[str] = Field(
        ["GIX monthly reserved median"],
        description="other sources of prices, which may turn the verdict",
    )
    one_source: str = Field(
        "SemiAnalysis one-year contract", description="single prices, beside the history"
    )
    gpus: list[str] = Field(
        ["H100", "H200", "B200"], description="accelerators whose prices are shown"
    )
    sold_as: Literal["bare metal", "managed cloud", "hosting"] = Field(
        "bare metal", description="the deals beside it"
    )
