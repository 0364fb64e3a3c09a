"""Both sides of one schedule: what one is sure to receive, the other is sure to pay."""

from datetime import date, timedelta

import pytest

from analysis.contract import commitment, files
from analysis.contract.terms import Agreement, change, read_as
from analysis.data import sources
from analysis.models import customer, provider


@pytest.mark.parametrize("name", files.contracts())
def test_firm_revenue_is_firm_cost(name: str) -> None:
    agreement = files.contract(name)
    for reading in agreement.readings:
        read = read_as(agreement, reading)
        for as_of in (read.start, read.start + timedelta(days=200)):
            received = provider.firm_revenue(read, as_of=as_of)
            paid = customer.firm_cost(read, as_of=as_of)
            assert list(received.index) == list(paid.index)
            assert (received + paid == 0).all()
            firm = commitment.firm(read, as_of=as_of).usd
            assert received.sum() == pytest.approx(firm, rel=1e-12)
            assert paid.sum() == pytest.approx(-firm, rel=1e-12)


def test_each_right_limits_the_other_side() -> None:
    agreement = files.contract("anthropic-xai")
    bound = change(agreement, {"termination": {"provider": {"notice_days": 365}}})
    assert max(customer.firm_supply(bound).end) > max(customer.firm_supply(agreement).end)
    assert provider.firm_revenue(bound).sum() == provider.firm_revenue(agreement).sum()


@pytest.fixture(scope="module")
def deal() -> Agreement:
    return files.contract("anthropic-xai")


def test_promises_by_reading_add_up_to_the_schedule(deal: Agreement) -> None:
    found = provider.promises(deal, scope="colossus-1")
    assert list(found) == list(deal.readings)
    for name, promise in found.items():
        read = read_as(deal, name)
        assert promise.firm.total_usd == pytest.approx(commitment.firm(read).usd)
        assert promise.stated.total_usd == pytest.approx(commitment.headline(read).usd)
    lengths = {name: len(promise.firm.usd) for name, promise in found.items()}
    assert (lengths["R0"], lengths["R1"], lengths["R2"], lengths["R3"]) == (37, 3, 6, 9)
    assert found["headline"].firm == found["headline"].stated


def test_coverage_of_each_site_and_reading(deal: Agreement) -> None:
    found = provider.promises(deal, scope="colossus-1")
    sites = [
        provider.site.site_from(sources.site_costs(), "colossus-1", capex_usd=bound)
        for bound in ("low", "value", "high")
    ]
    case = {
        "rate_year": 0.10,
        "rate_nominal_year": 0.11,
        "loan_to_cost": 0.8,
        "loan_months": 36,
        "target_coverage": 1.4,
    }
    table = provider.coverage(sites, found, **case)
    assert len(table) == len(sites) * len(found)
    row = table[(table.capex_usd == 11.43e9) & (table.reading == "R2")].iloc[0]
    assert row.firm_to_capex == pytest.approx(row.firm_usd / 11.43e9)
    assert row.payback_months == pytest.approx(10.55, abs=0.01)  # by hand: see case I1
    assert 4e9 < row.debt_capacity_usd < 4.2e9  # close to case D3
    assert 1.7 < row.least_coverage < 1.9  # in a month of the ramp, if nobody leaves
    assert row.debt_to_capex < 0.4 < row.firm_to_capex
    assert row.break_even_months < row.payback_months + 1
    of_r2 = table[table.reading == "R2"]
    for column in ("npv_usd", "firm_to_capex", "break_even_hazard", "least_coverage"):
        assert of_r2[column].is_monotonic_decreasing, column
    lapsing = table[table.reading == "R3x"]
    assert lapsing.least_coverage.tolist() == [0, 0, 0]
    both = provider.site.site_from(sources.site_costs(), "both-sites")
    with pytest.raises(ValueError, match="fees for 'colossus-1' cannot"):
        provider.coverage([both], found, **case)


def test_as_of_moves_the_firm_window() -> None:
    deal = files.contract("anthropic-xai")
    later = provider.firm_revenue(deal, as_of=date(2028, 2, 1))
    assert later.sum() == pytest.approx(3.75e9)  # case T6
