"""The full fee on a day and the capacity it pays for: one rule on every page."""

from datetime import date
from typing import Any

import pytest
from agreements import plain

from analysis.contract import position, served
from analysis.contract.fields import Range
from analysis.contract.schedule import Schedule, frame
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models import planning
from analysis.models.comparables import deals, disclosed, measures
from analysis.models.customer import choices
from analysis.models.exits import leaving
from analysis.models.pricing.fee import ladder as priced
from analysis.models.provider import leaseout
from analysis.page import sheet

M = 1e6
PLAN = planning.Plan(sources.planning())
START, DAY = date(2026, 1, 1), date(2026, 6, 15)
WEIGHTS = {kind: Range(low=1, use=1, high=1) for kind in ("H100", "GB300")}


def fee(usd: float, since: date = START) -> dict[str, Any]:
    return {"from": since, "usd_month": usd}


def hall(name: str, *fees: dict[str, Any], mw: float = 50.0, **more: Any) -> dict[str, Any]:
    """A tranche of so many megawatts, with ten H100 for each."""
    size = {"mw": mw, "accelerators": {"H100": 10 * mw}}
    return {"name": name, "capacity": size, "fee": list(fees), **more}


def site(mw: float) -> dict[str, Any]:
    return {"mw": mw, "accelerators": {"H100": 10 * mw}}


def agreed(**changes: Any) -> Agreement:
    return plain(**{"end": date(2036, 1, 1), **changes})


HALVES = [hall("a", fee(5 * M)), hall("b", fee(5 * M))]
AGREEMENTS = {
    "tranches alone": agreed(fee=[], tranche=HALVES),
    "tranches that are the site": agreed(fee=[], tranche=HALVES, capacity=site(100)),
    "tranches of a site, one not begun": agreed(
        fee=[], tranche=[HALVES[0], hall("b", fee(5 * M, date(2027, 1, 1)))], capacity=site(100)
    ),
    "tranches of a site, one ended": agreed(
        fee=[], tranche=[HALVES[0], {**HALVES[1], "end": date(2026, 3, 1)}], capacity=site(100)
    ),
    "a tranche without its size": agreed(
        fee=[],
        tranche=[{"name": "a", "fee": [fee(5 * M)]}, hall("b", fee(5 * M, date(2027, 1, 1)))],
        capacity=site(100),
    ),
    "a fee that rises": agreed(
        fee=[fee(M)], capacity=site(10), escalator={"from": date(2027, 1, 1), "rate": 0.03}
    ),
    "a tranche on top": agreed(fee=[fee(5 * M)], capacity=site(50), tranche=HALVES[:1]),
    "a tranche on top, not begun": agreed(
        fee=[fee(5 * M)], capacity=site(50), tranche=[hall("b", fee(7 * M, date(2027, 1, 1)))]
    ),
    "a site that has ended": agreed(
        fee=[fee(9 * M), fee(0, date(2026, 3, 1))], capacity=site(50), tranche=HALVES[:1]
    ),
    "a ramp": agreed(
        fee=[{**fee(M), "discount": 0.5}, fee(M, date(2027, 1, 1))], capacity=site(10)
    ),
}


@pytest.fixture(params=list(AGREEMENTS))
def agreement(request: pytest.FixtureRequest) -> Agreement:
    return AGREEMENTS[request.param]


def test_prices_by_unit_are_part_of_the_full_fee_and_energy_is_not() -> None:
    rise = {"from": date(2027, 1, 1), "rate": 0.1}
    prices = [
        {"unit": "GPU-hour", "quantity": 100.0, "usd_per_unit": 2.0, "escalator": rise},
        {"unit": "MWh", "quantity": 1.0, "usd_per_unit": 60.0},
    ]
    deal = agreed(fee=(), unit_price=prices, deposit={"months": 2, "paid": DAY})
    found = served.full_fee(deal, DAY)
    assert (found.usd_month, found.minimum_usd_month) == pytest.approx((146_000, 60 * 730))
    assert served.full_fee(deal, date(2027, 1, 1)).usd_month == pytest.approx(146_000 * 1.1)
    payments = position(deal).payments.set_index("clause").usd
    assert payments["deposit"] == pytest.approx(292_000)


def test_a_megawatt_costs_the_same_on_every_page(agreement: Agreement) -> None:
    ladder = priced(agreement, PLAN, day=DAY, weights=WEIGHTS, hours_month=730)
    found = ladder[ladder.unit == "USD/MW-month"].low.tolist()
    place = planning.place(agreement, PLAN, day=DAY)
    shared = leaseout.shared(place, position(agreement, as_of=DAY), PLAN, blocks=10)
    buyer = choices.buyer(
        place,
        served.full_fee(agreement, DAY).usd_month,
        PLAN,
        left=choices.supply(position(agreement, as_of=DAY)),
    )
    assert shared
    assert buyer
    rows = disclosed.beside(sources.comparables(), position(agreement, as_of=DAY))
    table = measures(deals(rows), sources.imputations())
    own = table[table.id.isin(disclosed.own_rows(rows, agreement))]
    found += [shared.fee, buyer.fee, own[own.measure == "usd_mw_month"].low.iloc[0]]
    assert found == [pytest.approx(100_000.0)] * 4


def test_an_accelerator_costs_the_same_on_every_page(agreement: Agreement) -> None:
    ladder = priced(agreement, PLAN, day=DAY, weights=WEIGHTS, hours_month=730)
    ahead = leaving.remaining(position(agreement, DAY), weights=WEIGHTS, hours_month=730)
    found = [*ladder[ladder.unit == "USD/GPU-hour"].low, ahead.fee_usd_hour()]
    assert found == [pytest.approx(10_000 / 730)] * 2


def test_a_tranche_that_ends_is_charged_to_its_end() -> None:
    deal = plain(tranche=[{**HALVES[0], "fee": [fee(50.0)], "end": date(2026, 4, 1)}])
    assert frame(Schedule(deal).whole).fee_usd.sum() == pytest.approx(1_200 + 150)
    assert served.full_fee(deal, date(2026, 3, 31)).usd_month == 150
    assert served.full_fee(deal, date(2026, 4, 1)).usd_month == 100


def test_service_goes_on_without_a_charge_where_all_tranches_have_ended() -> None:
    deal = plain(fee=[], tranche=[{**HALVES[0], "fee": [fee(50.0)], "end": date(2026, 4, 1)}])
    rows = frame(Schedule(deal).whole)
    assert (rows.end.iloc[-1], rows.fee_usd.iloc[-1]) == (deal.end, 0.0)


@pytest.mark.parametrize(
    ("end", "said"), [(date(2026, 1, 1), "after the last fee"), (date(2027, 2, 1), "after the end")]
)
def test_a_tranche_ends_after_its_last_fee_and_within_the_term(end: date, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        plain().change({"tranche": [{**HALVES[0], "end": end}]})


def test_capacity_that_a_tranche_does_not_state_is_not_taken_for_nothing() -> None:
    deal = agreed(fee=[fee(M)], capacity=site(10), tranche=[{"name": "b", "fee": [fee(M)]}])
    paid = served.paid_for(deal, DAY).capacity
    assert (paid.mw, paid.accelerators) == (None, {})


def test_what_all_fees_pay_for_is_all_that_is_ever_in_service() -> None:
    later = AGREEMENTS["a tranche on top, not begun"]
    assert planning.place(later, PLAN).mw == dict.fromkeys(planning.BOUNDS, 100.0)
    assert planning.place(later, PLAN, day=DAY).mw == dict.fromkeys(planning.BOUNDS, 50.0)


def test_what_has_ended_is_in_no_game() -> None:
    unit = {"weights": WEIGHTS, "hours_month": 730.0}
    over = leaving.remaining(position(AGREEMENTS["a site that has ended"], DAY), **unit)
    later = leaving.remaining(position(AGREEMENTS["a tranche on top, not begun"], DAY), **unit)
    assert (over.accelerators, later.accelerators) == (500, 1_000)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tranches alone", "the sum that its tranches are part of"),
        ("a tranche on top", "comes on top"),
        ("a site that has ended", "fallen to 0 for good on 2026-03-01"),
    ],
)
def test_check_says_how_capacity_is_taken(name: str, said: str) -> None:
    assert said in " ".join(sheet.understood(AGREEMENTS[name]))


def test_check_says_where_a_site_is_not_the_sum_of_its_tranches() -> None:
    [_, said] = sheet.understood(agreed(fee=[], tranche=HALVES, capacity=site(120)))
    assert said.startswith("capacity.mw: 120 is not the sum of the tranches, 100")
    assert sheet.understood(plain()) == []
