"""What must hold for every agreement, tried on random ones with random clauses."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.contract import billing, position, rights
from analysis.contract.fields import PARTIES
from analysis.contract.files import contract
from analysis.contract.schedule import Schedule, frame
from analysis.contract.terms import HEADLINE, Agreement
from analysis.models.finance import value

settings.register_profile(
    "laws", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("laws")

FIRST = date(2027, 1, 1)
CENT = 0.01
money = st.floats(0, 1e9).map(lambda usd: round(usd, 2))
shares = st.floats(0, 1).map(lambda share: round(share, 3))


@st.composite
def fee_steps(draw: st.DrawFn, start: date, days: int) -> list[dict[str, Any]]:
    later = draw(st.sets(st.integers(1, days - 1), max_size=3)) if days > 1 else set()
    return [
        {"from": start + timedelta(days=n), "usd_month": draw(money), "discount": draw(shares)}
        for n in sorted({0, *later})
    ]


@st.composite
def right_to_leave(draw: st.DrawFn, *, free: bool = False) -> dict[str, Any]:
    right: dict[str, Any] = draw(
        st.fixed_dictionaries({"notice_days": st.integers(0, 400)})
        | st.fixed_dictionaries({"notice_months": st.integers(1, 14)})
    )
    gate = draw(st.sampled_from(["", "gate_days", "gate_months", "gate_date"]))
    if gate == "gate_date":
        right[gate] = FIRST + timedelta(days=draw(st.integers(0, 900)))
    elif gate:
        right[gate] = draw(st.integers(1, 24))
    right["gate_applies"] = draw(st.sampled_from(["serving", "effect"]))
    fee = draw(st.sampled_from(["", "fee_usd", "fee_months", "fee_share_of_remaining"]))
    if fee and not free:
        right[fee] = draw(shares)
    return right


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def agreements(draw: st.DrawFn, *, free: bool = False, amended: bool = True) -> Agreement:
    """A valid agreement; `free` leaves out what makes leaving cost money."""
    start = FIRST + timedelta(days=draw(st.integers(0, 800)))
    days = draw(st.integers(1, 1_200))
    end = start + timedelta(days=days)
    data: dict[str, Any] = {
        "id": "random",
        "provider": "P",
        "customer": "C",
        "signed": start - timedelta(days=draw(st.integers(0, 200))),
        "start": start,
        "end": end,
        "fee": draw(fee_steps(start, days)),
        "proration": draw(
            st.sampled_from(["calendar-days", "actual-30", "30-360", "actual-365", "full-period"])
        ),
        "payment": {
            "timing": draw(st.sampled_from(["advance", "arrears"])),
            "billing_months": draw(st.sampled_from([1, 3, 12])),
            "days_to_pay": draw(st.integers(0, 60)),
        },
        "termination": {
            party: right for party in PARTIES if (right := draw(maybe(right_to_leave(free=free))))
        },
    }
    if draw(st.booleans()):
        first = start + timedelta(days=draw(st.integers(0, days - 1)))
        data["tranche"] = [{"name": "b", "fee": [{"from": first, "usd_month": draw(money)}]}]
    if draw(st.booleans()):
        data["escalator"] = {
            "from": start + timedelta(days=draw(st.integers(0, 500))),
            "every_months": draw(st.integers(1, 12)),
            "rate": draw(st.floats(-0.1, 0.2)),
        }
    if draw(st.booleans()):
        data["take_or_pay"] = {
            "unit": "GB",
            "minimum_units_month": draw(shares),
            "usd_per_unit": draw(money),
            "overage_usd_per_unit": draw(money),
        }
    if draw(st.booleans()):
        data["prepayment"] = {
            "usd": draw(money) + 1,
            "paid": start,
            "credit_from": start + timedelta(days=draw(st.integers(0, 400))),
            "credit_share": draw(shares) + 0.001 if draw(st.booleans()) else 1.0,
            "refundable": free or draw(st.booleans()),
        }
        data["prepayment"]["credit_share"] = min(1.0, data["prepayment"]["credit_share"])
    if draw(st.booleans()):
        data["deposit"] = {"usd": 5.0, "paid": start, "returned_after_days": 30}
    if amended and draw(st.booleans()):
        day = start + timedelta(days=draw(st.integers(0, days - 1)))
        data["amendment"] = [
            {
                "title": "dearer or cheaper",
                "signed": max(data["signed"], day + timedelta(days=draw(st.integers(-90, 90)))),
                "effective": day,
                "terms": {"fee": [{"from": day, "usd_month": draw(money)}]},
            }
        ]
    return Agreement.model_validate(data)


def close(usd: float, to: float, scale: float = 1.0) -> bool:
    return abs(usd - to) <= 1e-9 * max(abs(usd), abs(to), scale)


def some_day(agreement: Agreement, where: float) -> date:
    """A valuation date from a year before the start to a year after the end."""
    days = (agreement.end - agreement.start).days + 730
    return agreement.start + timedelta(days=round(where * days) - 365)


@given(agreements())
def test_rows_tile_the_term_whatever_day_it_starts(agreement: Agreement) -> None:
    rows = frame(Schedule(agreement).whole)
    assert rows.start.iloc[0] == agreement.start
    assert rows.end.iloc[-1] == agreement.end
    assert list(rows.start[1:]) == list(rows.end[:-1])
    assert list(rows.days) == [(b - a).days for a, b in zip(rows.start, rows.end, strict=True)]
    assert (rows.share >= 0).all()


@given(agreements(amended=False), st.floats(0, 1), st.floats(0, 1))
def test_cuts_never_change_totals(agreement: Agreement, one: float, other: float) -> None:
    whole = sum(charge.usd for charge in Schedule(agreement).whole)
    days = [some_day(agreement, where) for where in (one, other)]
    inside = [day for day in days if agreement.start < day < agreement.end]
    if agreement.escalator:  # a step is charged as stated, and rises from then on
        inside = []
    stepped = agreement.model_copy(update={"fee": with_steps(agreement, inside)})
    assert close(sum(charge.usd for charge in Schedule(stepped).whole), whole)
    for day in inside:
        rest = sum(charge.usd for charge in Schedule(stepped).charges(day))
        before = sum(c.usd for c in Schedule(stepped).whole if c.start < day)
        assert close(before + rest, whole)
        assert close(rest, sum(charge.usd for charge in Schedule(agreement).charges(day)))


def with_steps(agreement: Agreement, days: list[date]) -> tuple[Any, ...]:
    """The same fees with more steps, each at the fee that holds on its day anyway."""
    fees = list(agreement.fee)
    for day in days:
        before = max((fee for fee in fees if fee.since <= day), key=lambda fee: fee.since)
        if before.since < day:
            fees.append(before.model_copy(update={"since": day}))
    return tuple(sorted(fees, key=lambda fee: fee.since))


@given(agreements(), st.floats(0, 1), st.sampled_from(PARTIES))
def test_firm_is_part_of_the_headline(agreement: Agreement, where: float, party: Any) -> None:
    day = some_day(agreement, where)
    promised, whole = position(agreement, day).firm(party), position(agreement, day).headline
    assert -CENT <= promised.usd <= whole.usd * (1 + 1e-9) + CENT
    assert promised.end <= whole.end
    assert close(promised.rows.fee_usd.sum(), promised.usd)
    assert all(day <= start for start in promised.rows.start)


@given(agreements(), st.floats(0, 1))
def test_without_a_right_to_leave_all_is_firm(agreement: Agreement, where: float) -> None:
    day = some_day(agreement, where)
    bound = position(agreement, reading=HEADLINE).read
    for party in PARTIES:
        assert close(position(bound, day).firm(party).usd, position(agreement, day).headline.usd)


@given(agreements(free=True), right_to_leave(free=True), st.floats(0, 1), st.data())
def test_longer_notice_or_later_gate_never_commits_less(
    agreement: Agreement, right: dict[str, Any], where: float, data: st.DataObject
) -> None:
    day = some_day(agreement, where)
    longer = dict(right)
    key = data.draw(st.sampled_from([k for k in right if k != "gate_applies"]))
    step = data.draw(st.integers(0, 200))
    longer[key] = right[key] + (timedelta(days=step) if key == "gate_date" else step)
    usd, ends = [], []
    for held in (right, longer):
        held_by = agreement.change({"termination": "none"}).change(
            {"termination": {"customer": held}}
        )
        promised = position(held_by, day).firm()
        usd.append(promised.usd)
        ends.append(promised.end)
    assert usd[0] <= usd[1] * (1 + 1e-9) + CENT


def scaled(agreement: Agreement, factor: float) -> Agreement:
    """The agreement with every amount of money multiplied."""
    amounts = {"usd_month", "usd", "usd_per_unit", "overage_usd_per_unit", "fee_usd"}

    def walk(item: Any, key: str = "") -> Any:
        if isinstance(item, dict):
            return {name: walk(value, name) for name, value in item.items()}
        if isinstance(item, list | tuple):
            return [walk(value, key) for value in item]
        return item * factor if key in amounts and item is not None else item

    return Agreement.model_validate(walk(agreement.model_dump(by_alias=True, exclude_unset=True)))


@given(agreements(), st.sampled_from([0.25, 2.0, 1024.0]), st.sampled_from(PARTIES))
def test_values_scale_with_all_money(agreement: Agreement, factor: float, party: Any) -> None:
    other = scaled(agreement, factor)
    assert close(position(other).headline.usd, factor * position(agreement).headline.usd)
    assert close(position(other).firm(party).usd, factor * position(agreement).firm(party).usd)


@given(agreements(), st.floats(0, 0.5), shares, shares, st.sampled_from(PARTIES))
def test_bridge_adds_up(
    agreement: Agreement, rate: float, probability: float, loss: float, party: Any
) -> None:
    table = position(agreement).bridge(
        rate=rate, default_probability=probability, loss_given_default=loss, party=party
    )
    assert close(table.usd.sum(), table.running_usd.iloc[-1], scale=table.usd.abs().max())
    promised = position(agreement).firm(party)
    assert close(table.running_usd.iloc[2], promised.usd, scale=table.usd.abs().max())
    worth = value.present_value(promised.rows, rate=rate, as_of=agreement.start)
    assert close(table.running_usd.iloc[3], worth, scale=table.usd.abs().max())
    assert table.usd.iloc[1:].max() <= CENT


@given(agreements(), st.floats(0, 1))
def test_payments_add_up_to_the_rounded_schedule(agreement: Agreement, where: float) -> None:
    until = max(agreement.start + timedelta(days=1), min(agreement.end, some_day(agreement, where)))
    fees_usd = frame(Schedule(agreement).charges(until=until)).fee_usd.sum()
    table = billing.payments(Schedule(agreement), until)
    net = table.usd.sum() - billing.Ledger(Schedule(agreement)).forfeited_usd(until)
    assert net == pytest.approx(fees_usd, abs=CENT, rel=1e-12)
    assert list(table.date) == sorted(table.date)


@given(agreements(), st.floats(0.01, 0.99))
def test_present_value_at_the_rate_of_return_is_zero(agreement: Agreement, part: float) -> None:
    rows = frame(Schedule(agreement).whole)
    flows = [(agreement.signed, -part * rows.fee_usd.sum()), *value.dated(rows)]
    rate = value.irr(flows)
    if rate == rate and rate < 1e3:
        worth = value.present_value(flows, rate=rate, as_of=agreement.signed)
        assert abs(worth) <= 1e-7 * rows.fee_usd.sum() + CENT


@settings(max_examples=25)
@given(st.integers(0, 800))
def test_readings_stop_mattering_at_their_gates(days: int) -> None:
    deal = contract("anthropic-xai")
    day = date(2026, 10, 30) + timedelta(days=days)
    first, *others = (position(deal, day, name).firm() for name in ("R1", "R2", "R2e", "R3"))
    assert all((found.usd, found.end) == (first.usd, first.end) for found in others)


@given(agreements(free=False), st.floats(0, 1))
def test_firm_is_the_least_that_leaving_on_any_day_costs(
    agreement: Agreement, where: float
) -> None:
    """Against brute force over every day on which the customer may be gone."""
    agreement = agreement.change({"amendment": "none", "prepayment": "none"})
    right = agreement.termination.customer
    as_of = some_day(agreement, where)
    whole = position(agreement, as_of).headline
    if right is None or as_of >= agreement.end:
        assert close(position(agreement, as_of).firm().usd, whole.usd)
        return
    first = position(agreement, as_of).exits("customer")[0].first
    least = whole.usd
    stay = Schedule(agreement)
    day = first
    while day < agreement.end:
        served = sum(c.usd for c in Schedule(agreement).charges(as_of, day))
        least = min(least, served + rights.exit_fee_usd(stay, right, day))
        day += timedelta(days=1 + (agreement.end - first).days // 40)
    assert position(agreement, as_of).firm().usd <= least * (1 + 1e-9) + CENT
