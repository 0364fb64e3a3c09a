"""Both sides of one schedule: what one is sure to receive, the other is sure to pay."""

from datetime import date

import pytest

from analysis.contract import files, position
from analysis.contract import readings as interpretations
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models import planning
from analysis.models.planning import Plan
from analysis.models.provider import coverage, site
from analysis.models.provider.coverage import ByDiscount

PLAN = Plan(sources.planning())


def test_each_right_limits_the_other_side() -> None:
    agreement = files.contract("anthropic-xai")
    bound = agreement.change({"termination": {"provider": {"notice_days": 365}}})
    supply = [position(deal).firm("provider").end for deal in (bound, agreement)]
    assert supply[0] > supply[1]
    assert position(bound).firm().usd == position(agreement).firm().usd


@pytest.fixture(scope="module")
def deal() -> Agreement:
    return files.contract("anthropic-xai")


def fees(deal: Agreement) -> ByDiscount:
    return coverage.fees_by_discount(position(deal))


def test_fees_by_reading_add_up_to_the_schedule(deal: Agreement) -> None:
    found = fees(deal)["base"]
    assert set(found) == {*interpretations.names(position(deal)), "headline"}
    for name, each in found.items():
        read = position(deal, reading=name)
        assert sum(each.firm) == pytest.approx(read.firm().usd)
        assert sum(each.stated) == pytest.approx(read.headline.usd)
    lengths = {name: len(each.firm) for name, each in found.items()}
    assert (lengths["headline"], lengths["R2"], lengths["R3"]) == (37, 6, 9)
    assert found["headline"].firm == found["headline"].stated


def test_coverage_of_each_site_and_reading(deal: Agreement) -> None:
    place = planning.place(deal, PLAN, scope="Colossus 1")
    sites, found = site.sites(place, PLAN), fees(deal)
    rows = coverage.coverage(sites, found, PLAN, readings=list(found["base"]))
    assert len(rows) == len(sites) * len(found["base"]) * len(found)
    rows = rows[rows.discount == "base"]
    row = rows[(rows.capex_usd == 11.43e9) & (rows.reading == "R2")].iloc[0]
    assert row.firm_share == pytest.approx(row.firm_usd / 11.43e9)
    assert row.payback_months == pytest.approx(10.55, abs=0.01)  # by hand: see case I1
    assert 4e9 < row.debt_capacity_usd < 4.2e9  # close to case D3
    assert 1.7 < row.least_dscr_times < 1.9  # in a month of the ramp, if nobody leaves
    assert row.debt_share < 0.4 < row.firm_share
    assert row.break_even_months < row.payback_months + 1
    of_r2 = rows[rows.reading == "R2"]
    for column in ("npv_usd", "firm_share", "break_even_hazard_rate", "least_dscr_times"):
        assert of_r2[column].is_monotonic_decreasing, column
    lapsing = rows[rows.reading == "R3x"]
    assert lapsing.least_dscr_times.tolist() == [0, 0, 0]


def test_as_of_moves_the_firm_window() -> None:
    deal = files.contract("anthropic-xai")
    assert position(deal, date(2028, 2, 1)).firm().usd == pytest.approx(3.75e9)  # case T6
