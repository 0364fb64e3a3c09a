"""What can be asked of how much is committed."""

from typing import Annotated

from pydantic import Field

from analysis.page.parameters import Slider
from analysis.questions.parameters import AgreementParameters, Rate, SeenFrom, WhoLeaves


class Parameters(AgreementParameters):
    """Who might leave, and what discounts and weighs the committed fees."""

    seen_from: SeenFrom = Field(
        "as_of", title="Bridge valued on", description="the day that the bridge is valued on"
    )
    party: WhoLeaves = "customer"
    rate: Rate = 0.10
    rates: list[Rate] = Field(
        [0.0, 0.05, 0.10, 0.15, 0.20], description="discount rates to choose from"
    )
    notices: list[Annotated[int, Field(ge=1, le=36_500)]] = Field(
        [30, 90, 180, 365], description="days of notice to compare"
    )
    default_probability: Annotated[float, Slider(span=(0.0, 100.0), step=1.0, scale=0.01)] = Field(
        0.05, ge=0, le=1, title="Default probability, % a year", description="of `party`, a year"
    )
    loss_given_default: Annotated[float, Slider(span=(0.0, 100.0), step=1.0, scale=0.01)] = Field(
        0.60, ge=0, le=1, title="Loss given default, %", description="share of what is then due"
    )
