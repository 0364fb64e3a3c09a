"""What can be asked of what drives an agreement's value."""

from pydantic import Field

from analysis.questions.parameters import AgreementParameters, SeenFrom, WhoLeaves


class Parameters(AgreementParameters):
    """The day that drivers are seen from, and who might leave."""

    seen_from: SeenFrom = Field(
        "start", title="Drivers valued on", description="the day that drivers are valued on"
    )
    party: WhoLeaves = "customer"
