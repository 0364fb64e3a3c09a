"""What is sold decides what is compared: a building is not charged with accelerators or power."""

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import contract
from analysis.data import sources
from analysis.models import planning
from analysis.models.comparables import disclosed
from analysis.questions.build_or_rent.answer import Answer as Options
from analysis.questions.lease_out.answer import Answer as LeaseOut
from analysis.questions.site.answer import Answer as Site

LEASE = """
id = "net-lease"
provider = "Landlord"
customer = "Tenant"
signed = 2025-12-17
start = 2027-07-01
end = 2042-07-01
{sold}
[capacity]
name = "campus"
mw = 245
mw_basis = "critical IT"
{inside}
[[fee]]
from = 2027-07-01
usd_month = 31_363_920 # 128,016 a MW-month
"""
NET = 'sells = "colocation"\ncosts = { power = "customer", operating = "customer" }'
GROSS = 'sells = "colocation"'


Written = Callable[..., str]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Writes the lease with what it sells, and what is said of its capacity, to a new file."""

    def write(sold: str = "", inside: str = "") -> str:
        path = tmp_path / f"lease-{len(list(tmp_path.iterdir()))}.toml"
        path.write_text(LEASE.format(sold=sold, inside=inside))
        return str(path)

    return write


def test_a_net_lease_earns_its_fee_on_the_cost_of_a_building(
    written: Written,
) -> None:
    found = Site(contract=written(NET), as_of="2027-07-01")
    [low, base, high] = found.sites.values()
    assert (low.capex_usd, base.capex_usd, high.capex_usd) == (
        245 * 9.3e6,
        245 * 11.3e6,
        245 * 15e6,
    )
    assert base.opex_usd_month == 0
    assert sum(found.fees.stated[:12]) == pytest.approx(376.4e6, rel=1e-3)
    assert found.ends_of("payback_months")[1] == pytest.approx(245 * 11.3e6 / 31_363_920, abs=0.01)


def test_power_and_upkeep_in_the_fee_are_the_providers_cost(written: Written) -> None:
    net = Site(contract=written(NET), as_of="2027-07-01").sites["base capex"]
    gross = Site(contract=written(GROSS), as_of="2027-07-01").sites["base capex"]
    assert gross.power_usd_month == pytest.approx(245 * 730 * 62 * 1.16)
    assert gross.fixed_usd_month == pytest.approx(0.03 * 245 * 11.3e6 / 12)
    assert (net.power_usd_month, net.fixed_usd_month) == (0, 0)


def test_accelerators_in_a_building_are_the_customers_own(written: Written) -> None:
    named = written(NET, "accelerators = { GB300 = 120_000 }")
    with_them = Site(contract=named, as_of="2027-07-01").sites["base capex"]
    bought = Site(contract=written("", "accelerators = { GB300 = 120_000 }"), as_of="2027-07-01")
    assert with_them.capex_usd == 245 * 11.3e6
    assert bought.sites["base capex"].capex_usd > 2 * with_them.capex_usd


def test_who_lets_a_building_out_has_no_internal_use(written: Written) -> None:
    found = LeaseOut(contract=written(NET), as_of="2027-07-01")
    assert found.why_not
    assert "no internal use" in found.unknown
    assert not LeaseOut(contract=written(), as_of="2027-07-01").why_not


def test_a_building_is_set_against_a_building(written: Written) -> None:
    net = Options(contract=written(NET), as_of="2027-07-01")
    whole = Options(contract=written(), as_of="2027-07-01")
    assert net.who.capex_mw["value"] == 11.3e6
    assert (net.who.opex(), net.seen) == (0, "")
    assert "labs" not in str(net.say("lead"))
    assert "labs" in str(whole.say("lead"))


def test_what_the_reader_assumes_goes_before_what_is_sold(written: Written) -> None:
    found = Site(contract=written(NET), as_of="2027-07-01", assume={"power_usd_mwh": 40.0})
    assert found.sites["base capex"].power_usd_mwh == 40


def test_a_building_stands_among_hosting_deals(written: Written) -> None:
    now = contract.position(contract.load(written(NET)))
    row = disclosed.beside(sources.comparables(), now).iloc[-1]
    assert row["scope"] == "hosting"


def test_every_building_yardstick_replaces_one_that_holds_for_every_site() -> None:
    table = sources.planning()
    own = set(table.name[table.scope == planning.BUILDING])
    assert own
    assert own <= set(table.name[table.scope == ""])
