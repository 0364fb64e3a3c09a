"""What money hangs on: minima, ways to leave, support and the ladder, counted day by day."""

import math
from datetime import date, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest
from agreements import customer, plain

from analysis import contract
from analysis.contract import position
from analysis.contract.ladder import BACKED, DOWN, FIRM, UNCOVERED
from analysis.page.sheet import term_sheet
from analysis.questions.commitment.answer import Answer
from analysis.questions.commitment.tables import effective_price
from tests.by_days import Count, months_later

DAY = timedelta(days=1)
M = 1e6


def by_days(found: Any, start: date, end: date) -> np.ndarray:
    """The product's rows by days."""
    usd = np.zeros((end - start).days)
    for row in found.rows.itertuples():
        usd[(row.start - start).days : (row.end - start).days] += row.fee_usd / row.days
    return usd


@pytest.mark.parametrize("seed", range(40))
def test_minima_are_those_of_a_count_by_days(seed: int) -> None:
    rng = Random(seed)
    start = date(2026, rng.randint(1, 12), rng.choice([1, 15]))
    end = months_later(start, rng.choice([24, 36, 48]))
    carry = {"shortfall": rng.choice(["paid", "carried over"]),
             "surplus": rng.choice(["kept", "carried over"])}  # fmt: skip
    data: dict[str, Any] = {
        "minimum": [{"usd": rng.choice([60.0, 150.0, 400.0]), **carry}],
        "fee_usd": rng.choice([0.0, 10.0]),
        "spend": {},
    }
    if rng.random() < 0.5:
        data["minimum"].append({"usd": rng.choice([300.0, 900.0]), "period": "term"})
    if rng.random() < 0.3:
        data["minimum"].append({"usd": 9.0, "period": "month", "from": months_later(start, 3)})
    total = 0.0
    for months in sorted(rng.sample(range(1, 24), rng.randint(0, 3))):
        total += rng.choice([0.0, 30.0, 250.0])
        data["spend"][months_later(start, months) + rng.randint(-5, 5) * DAY] = total
    fee = [{"from": start, "usd_month": data["fee_usd"]}] if data["fee_usd"] else "none"
    deal = plain(start=start, end=end, fee=fee, minimum=data["minimum"])
    found = position(deal, facts={"spend": data["spend"]} if data["spend"] else None)
    data |= {"signed": start, "start": start, "end": end, "fee": fee if fee != "none" else []}
    count = Count(data, start, given={"spend": data["spend"]})
    assert by_days(found, start, end) == pytest.approx(count.daily(end), abs=1e-6)
    later = start + rng.randint(1, (end - start).days - 1) * DAY
    assert found.on(later).headline.usd == pytest.approx(count.service(later, end), abs=1e-6)


def test_what_is_spent_lowers_what_a_minimum_over_the_term_still_asks_for() -> None:
    spent = {"kind": "spend", "date": date(2018, 12, 31), "value": 308.9 * M, "source": "10-K"}
    deal = plain(
        start=date(2017, 8, 1),
        end=date(2023, 8, 1),
        fee="none",
        minimum=[{"usd": 750 * M, "period": "term"}],
        fact=[spent],
    )
    assert position(deal).headline.usd == pytest.approx(750 * M)
    assert position(deal, as_of=date(2019, 1, 1)).firm().usd == pytest.approx(441.1 * M)
    before = position(deal, as_of=date(2018, 12, 30)).firm().usd  # the fact is not yet known
    assert before == pytest.approx(750 * M * (1 - (365 + 151) / 2191))


def test_minima_of_cloud_agreements_come_to_what_was_disclosed() -> None:
    first = date(2022, 2, 1)
    four = [{"usd": 80 * M}, {"usd": 350 * M, "period": "term"}]
    lyft = plain(start=first, end=date(2026, 2, 1), fee="none", minimum=four)
    assert position(lyft).firm().usd == pytest.approx(350 * M)
    ends = [months_later(first, 12 * n) for n in range(6)]
    yearly = [
        {"usd": usd * M, "from": low, "end": high}
        for usd, low, high in zip((54, 59, 62, 65, 67.5), ends, ends[1:], strict=False)
    ]
    five = plain(start=first, end=date(2027, 2, 1), fee="none", minimum=yearly)
    seen = [position(five, as_of=months_later(first, 12 * n)).firm().usd / M for n in range(6)]
    assert seen == pytest.approx([307.5, 253.5, 194.5, 132.5, 67.5, 0.0])


@pytest.mark.parametrize(("day", "usd"), [(date(2027, 1, 1), 360.0), (date(2026, 7, 1), 480.0)])
def test_a_period_asks_for_what_holds_on_its_last_day(day: date, usd: float) -> None:
    amended = [
        {"title": "more", "signed": date(2026, 1, 1), "effective": day,
         "terms": {"minimum": [{"usd": 240.0}]}}
    ]  # fmt: skip
    deal = plain(end=date(2028, 1, 1), fee="none", minimum=[{"usd": 120.0}], amendment=amended)
    assert position(deal).headline.usd == pytest.approx(usd)


@pytest.mark.parametrize(
    ("period", "usd", "so_far"), [("year", 80.0, 13.33), ("month", 20 / 3, 50 / 3)]
)
def test_a_yearly_minimum_is_not_counted_by_months(period: str, usd: float, so_far: float) -> None:
    spend = {date(2022, 2, 28): 10.0, date(2022, 3, 31): 13.33}
    deal = plain(
        start=date(2022, 2, 1),
        end=date(2026, 2, 1),
        fee="none",
        minimum=[{"usd": usd, "period": period}],
    )
    rows = position(deal, facts={"spend": spend}).rows
    assert rows.fee_usd[rows.end <= date(2022, 4, 1)].sum() == pytest.approx(so_far)


def test_notice_that_runs_out_on_an_anniversary_ends_service_then() -> None:
    right = customer(notice_days=90, takes_effect="anniversary")
    deal = plain(start=date(2026, 3, 15), end=date(2029, 3, 15), termination=right)
    for day, end in (("2026-12-15", "2027-03-15"), ("2026-12-16", "2028-03-15")):
        found = position(deal, as_of=date.fromisoformat(day))
        assert str(found.firm().end) == str(found.exits("customer")[0].first) == end


def test_a_fee_that_is_low_for_ten_days_is_found() -> None:
    steps = [(date(2026, 1, 1), 900.0), (date(2026, 5, 10), 0.0), (date(2026, 5, 20), 900.0)]
    right = customer(notice_days=30, fee_schedule=[{"from": day, "usd": usd} for day, usd in steps])
    firm = position(plain(termination=right)).firm()
    assert firm.end == date(2026, 5, 10)
    assert firm.usd == pytest.approx(400 + 100 * 9 / 31)


def test_a_later_supporter_pays_what_those_before_leave() -> None:
    backers = [{"who": "Bank", "cap_usd": 500.0}, {"who": "Parent"}, {"who": "State"}]
    table = position(plain(support=backers)).ladder().set_index("by").usd
    assert table[["Bank", "Parent", "State"]].tolist() == pytest.approx([500.0, 700.0, 0.0])


@pytest.mark.parametrize("first", ["Parent", "Bank"])
def test_a_tranche_s_own_supporter_pays_before_one_of_all(first: str) -> None:
    hall = {"name": "b", "fee": [{"from": date(2026, 1, 1), "usd_month": 50.0}]}
    backers = [
        {"who": "Parent", "cap_usd": 1_400.0},
        {"who": "Bank", "cap_usd": 200.0, "tranche": "b"},
    ]
    backers.sort(key=lambda backer: backer["who"] != first)
    table = position(plain(tranche=[hall], support=backers)).ladder().set_index("by").usd
    assert table[["Parent", "Bank"]].tolist() == pytest.approx([1_400.0, 200.0])


def test_a_tranche_s_own_supporter_pays_its_fee_to_leave() -> None:
    hall = {"name": "b", "fee": [{"from": date(2026, 1, 1), "usd_month": 50.0}]}
    hall["termination"] = customer(notice_months=3, fee_months=2.0)
    bank = {"who": "Bank", "cap_usd": 400.0, "tranche": "b"}
    table = position(plain(tranche=[hall], support=[bank])).ladder().set_index("step").usd
    assert table["supported"] == pytest.approx(3 * 50 + 100)
    assert table["committed"] == pytest.approx(1_200 + 3 * 50 + 100)


def test_what_a_tranche_alone_gives_up_is_not_after_the_earliest_end() -> None:
    hall = {"name": "b", "fee": [{"from": date(2026, 1, 1), "usd_month": 50.0}]}
    hall["termination"] = customer(notice_months=3)
    for right, what in (("none", "of what may"), (customer(notice_months=6), "after the")):
        table = position(plain(tranche=[hall], termination=right)).ladder().set_index("step")
        assert what in table.what["cancellable"]


def mixed(rng: Random) -> Any:
    start = date(2026, 1, 1)
    late = months_later(start, rng.randint(1, 20))
    tranches: list[dict[str, Any]] = [
        {"name": "b", "fee": [{"from": late, "usd_month": 50.0}], "delivery": {"due": late}},
        {"name": "c", "fee": [{"from": start, "usd_month": 9.0}], "amounts": "up to"},
    ]
    more: dict[str, Any] = {}
    if rng.random() < 0.6:
        fee = rng.choice([{}, {"fee_months": 2.0}, {"takes_effect": "anniversary"}])
        more["termination"] = customer(notice_days=rng.choice([30, 200]), **fee)
    if rng.random() < 0.5:
        more["minimum"] = [{"usd": 900.0}]
    more["support"] = [{"who": "Bank", "cap_usd": 300.0}, {"who": "Parent", "share": 0.4}]
    return plain(end=date(2029, 1, 1), tranche=tranches, **more), late


@pytest.mark.parametrize("seed", range(25))
def test_the_ladder_adds_up_from_the_total_to_the_firm_value(seed: int) -> None:
    rng = Random(seed)
    deal, late = mixed(rng)
    found = position(deal, as_of=date(2026, 1, 1) + rng.randint(0, 1_000) * DAY)
    table = found.ladder(rate=0.1, default_probability=0.05, loss_given_default=0.6)
    usd = table.groupby("step").usd.sum()
    assert sum(usd.get(step, 0.0) for step in DOWN) == pytest.approx(usd[FIRM], abs=0.01)
    assert usd[BACKED] + usd[UNCOVERED] == pytest.approx(usd[FIRM], abs=0.01)
    assert ("not yet delivered" in usd) == (found.as_of < late)
    assert usd["total contract value"] == pytest.approx(found.carried.usd)
    if found.as_of >= late:
        assert usd[FIRM] == pytest.approx(found.firm().usd)
    assert usd["risk-adjusted"] <= usd[FIRM] + 0.01


def test_what_is_not_signed_yet_is_in_no_ladder() -> None:
    later = {"title": "longer", "signed": date(2027, 1, 1), "effective": date(2027, 1, 1)}
    deal = plain(amendment=[later | {"terms": {"end": date(2029, 1, 1)}}])
    for day in (date(2026, 1, 1), date(2027, 6, 1)):
        found = position(deal, as_of=day)
        usd = found.ladder().set_index("step").usd
        assert usd["total contract value"] == pytest.approx(found.headline.usd)


def test_what_was_due_and_no_fact_says_came_has_its_row() -> None:
    late = {"due": date(2026, 3, 1)}
    hall = {"name": "b", "start": date(2026, 3, 1), "fee": [{"usd_month": 50.0}], "delivery": late}
    right = customer(notice_months=3, fee_usd=70.0)
    deal = plain(tranche=[hall], termination=right, delivery=late | {"due": date(2026, 1, 1)})
    came = {"kind": "delivered", "capacity": "b", "date": date(2026, 3, 1), "value": 1.0,
            "source": "s"}  # fmt: skip
    days = (date(2026, 2, 1), date(2026, 4, 1))
    tables = [position(deal, day).ladder() for day in days]
    tables.append(position(plain(tranche=[hall], fact=[came]), days[1]).ladder())
    rows = [table[table.step == "taken as delivered"] for table in tables]
    assert [each.usd.tolist() for each in rows] == [[300.0], [300.0, 150.0], []]
    assert rows[1].iloc[1][["what", "by"]].tolist() == ["b, due with no fact", "provider"]


def test_a_sum_that_is_called_a_termination_fee_is_no_exit_fee() -> None:
    paid = {"name": "termination fee", "usd": 50.0, "paid": date(2026, 3, 1)}
    table = position(plain(one_off=[paid])).ladder()
    assert table.step.tolist() == ["total contract value", FIRM]


def test_an_option_at_the_market_price_has_no_amount_now() -> None:
    option = {"months": 12, "notice_days": 30, "price": "market"}
    for price, known in (("market", False), ("stated", True)):
        table = position(plain(extension=[option | {"price": price}])).ladder().set_index("step")
        assert math.isfinite(table.usd["option not exercised"]) is known


def test_the_ladder_of_the_agreement_at_the_centre_gives_what_is_committed() -> None:
    found = position(contract.load("anthropic-xai"), as_of=date(2026, 11, 23))
    risk = {"rate": 0.1, "default_probability": 0.05, "loss_given_default": 0.6}
    usd = found.ladder(**risk).set_index("step").usd
    assert usd["total contract value"] / 1e9 == pytest.approx(37.833, abs=5e-4)
    assert usd[FIRM] / 1e9 == pytest.approx(3.726, abs=5e-4)
    assert usd["risk-adjusted"] == pytest.approx(found.bridge(**risk).running_usd.iloc[-1])


def test_support_lowers_the_expected_loss_by_what_it_pays_when_the_customer_fails() -> None:
    fees = [{"from": date(2026, 1, 1), "usd_month": 100.0}]
    steps = [{"from": date(2026, 1, 1), "usd": 250.0}, {"from": date(2026, 7, 1), "usd": 150.0}]
    risk = {"rate": 0.1, "default_probability": 0.2, "loss_given_default": 0.5}
    losses = []
    for support in ("none", [{"who": "Bank", "steps": steps}], [{"who": "Bank", "share": 1.0}]):
        bridge = position(plain(fee=fees, support=support)).bridge(**risk).set_index("step").usd
        losses.append(-bridge["expected credit loss"])
    years = [(date(2026, n, 1) - date(2026, 1, 1)).days / 365 for n in range(1, 13)]
    worth = [100 * 1.1**-t for t in years]
    saved, alive = 0.0, 1.0
    for n, t in enumerate(years):
        most = (250.0 if n < 6 else 150.0) * 1.1**-t
        saved += (alive - 0.8**t) * min(most, sum(worth[n:]))
        alive = 0.8**t
    assert losses[0] - losses[1] == pytest.approx(0.5 * saved)
    assert losses[2] == pytest.approx(0.0, abs=1e-9)


def test_options_stand_beside_the_total() -> None:
    options = [
        {"capacity": {"mw": 10.0}, "price": "same", "months": 6},
        {"capacity": {"mw": 10.0}, "usd_month": 30.0, "months": 6, "last_day": date(2026, 6, 1)},
        {"capacity": {"mw": 10.0}, "kind": "first refusal"},
    ]
    longer = [{"months": 12, "notice_days": 30, "usd_month": 200.0}]
    deal = plain(capacity={"mw": 20.0}, capacity_option=options, extension=longer)
    table = position(deal).ladder()
    beside = table.usd[table.step == "option not exercised"].tolist()
    assert beside[:2] == pytest.approx([300.0, 180.0])
    assert math.isnan(beside[2])
    assert beside[3] == pytest.approx(2_400.0)
    assert position(deal).headline.usd == pytest.approx(1_200.0)
    later = position(deal, as_of=date(2026, 6, 2)).ladder()
    assert (later.step == "option not exercised").sum() == 3


def test_capacity_in_part_delivered_leaves_the_rest_conditional() -> None:
    due = {"due": date(2026, 7, 1)}
    half = {"kind": "delivered", "date": date(2026, 1, 1), "value": 0.5, "source": "filing"}
    deal = plain(delivery=due, fact=[half])
    usd = position(deal).ladder().set_index("step").usd
    assert usd["not yet delivered"] == pytest.approx(-300.0)  # half of what follows July
    assert usd[FIRM] == pytest.approx(600.0)
    assert position(deal, as_of=date(2026, 8, 1)).headline.usd == pytest.approx(250.0)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"fact": [{"kind": "spend", "date": date(2026, 2, 1), "value": 1.0, "source": "s"}]},
         "fact: spend changes nothing without minimum"),
        ({"fact": [{"kind": "delivered", "date": date(2026, 2, 1), "value": 2.0, "source": "s"}]},
         "delivered 2 on 2026-02-01; allowed: 0 to 1"),
        ({"minimum": [{"usd": 9.0}], "fact": [
            {"kind": "spend", "date": date(2026, 2, 1), "value": 5.0, "source": "s",
             "capacity": "hall"}]}, "spend is of no capacity; leave out 'hall'"),
        ({"minimum": [{"usd": 9.0}], "fact": [
            {"kind": "spend", "date": date(2026, 2, 1), "value": 5.0, "source": "s"},
            {"kind": "spend", "date": date(2026, 3, 1), "value": 4.0, "source": "s"}]},
         "spend: 4 in all up to 2026-03-01 is less than 5 before"),
        ({"support": [{"who": "Bank", "cap_usd": 1.0,
                       "steps": [{"from": date(2026, 1, 1), "usd": 1.0}]}]},
         "at most one of cap_usd, steps"),
        ({"capacity_option": [{"capacity": {"mw": 1.0}, "price": "stated"}]},
         "price 'stated' needs usd_month"),
        ({"capacity_option": [{"capacity": {"mw": 1.0}, "opens": date(2026, 3, 1),
                               "last_day": date(2026, 2, 1)}]},
         "last_day 2026-02-01 comes before it opens"),
        ({"support": [{"who": "Bank", "tranche": "x"}]}, "support: 'x' is no tranche"),
        ({"minimum": [{"usd": 1.0}, {"usd": 2.0}]}, "minimum: two by year overlap"),
        ({"minimum": [{"usd": 1.0, "end": date(2030, 1, 1)}]}, "lies outside 2026-01-01"),
        ({"termination": customer(notice_days=1, fee_usd=1.0,
                                  fee_schedule=[{"from": date(2026, 1, 1), "usd": 1.0}])},
         "at most one of fee_usd, fee_schedule"),
    ],
)  # fmt: skip
def test_what_cannot_hold_is_refused_in_a_sentence(terms: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("'", ".")):
        plain(**terms)


def test_usage_counts_for_the_price_that_it_names() -> None:
    hosted = [
        {"name": "power", "unit": "MWh", "quantity": 1.0, "usd_per_unit": 8.0},
        {"name": "space", "unit": "kW-month", "quantity": 10.0, "usd_per_unit": 100.0},
    ]
    first = date(2026, 1, 1)

    def told(capacity: str) -> float:
        fact = {"kind": "usage", "date": first, "value": 800.0, "source": "s"}
        deal = plain(fee="none", unit_price=hosted, fact=[fact | {"capacity": capacity}])
        return float(position(deal).rows.fee_usd[0])

    assert told("power") == pytest.approx(800 * 8 + 1_000)
    assert told("space") == pytest.approx(744 * 8 + 80_000)
    with pytest.raises(ValueError, match="usage: several prices count it at once; name the one"):
        told("site")
    with pytest.raises(
        ValueError, match="usage: 'energy' is no price by unit here; allowed: power"
    ):
        told("energy")
    bare = plain(fee="none", unit_price=hosted)
    by_name = position(bare, facts={"usage": {"power": {first: 800.0}}})
    assert by_name.rows.fee_usd[0] == pytest.approx(told("power"))
    with pytest.raises(ValueError, match="several prices count it at once"):
        position(bare, facts={"usage": {first: 800.0}})


def test_a_minimum_may_be_taken_out_once_money_was_spent_under_it() -> None:
    spent = {"kind": "spend", "date": date(2026, 2, 1), "value": 700.0, "source": "s"}
    day = date(2026, 7, 1)
    out = {"title": "t", "signed": day, "effective": day, "terms": {"minimum": "none"}}
    deal = plain(minimum=[{"usd": 3_650.0}], fact=[spent], amendment=[out])
    assert position(deal, day).headline.usd == pytest.approx(600)
    assert position(deal, day).payments.usd.sum() == pytest.approx(3_650 * 181 / 365 + 600)


def test_days_that_the_clauses_set_are_among_the_deadlines() -> None:
    first = date(2026, 1, 1)
    deal = plain(
        end=date(2029, 1, 1),
        minimum=[{"usd": 900.0}],
        support=[{"who": "Bank", "until": date(2027, 5, 1)}],
        capacity_option=[{"capacity": {"mw": 5.0}, "last_day": date(2026, 9, 1)}],
        termination=customer(notice_days=90, takes_effect="anniversary"),
        tranche=[
            {"name": "b", "fee": [{"from": first, "usd_month": 1.0}],
             "termination": customer(notice_days=30)}
        ],
    )  # fmt: skip
    table = position(deal, as_of=date(2026, 2, 1)).deadlines
    found = {(row.event, row.date, row.ends) for row in table.itertuples()}
    assert ("minimum of the year is counted", date(2028, 1, 1), None) in found
    assert ("guarantee of Bank ends", date(2027, 5, 1), None) in found
    assert ("last day to use option on capacity", date(2026, 9, 1), None) in found
    assert ("earliest end of b alone", date(2026, 3, 3), date(2026, 3, 3)) in found
    last = date(2027, 10, 3)
    assert ("last day to serve notice before the stated end", last, date(2028, 1, 1)) in found
    ends = table.ends[table.event == "last day to serve notice"]
    assert set(ends) == {date(2027, 1, 1)}


def test_shares_and_loans_move_the_price_of_all_service() -> None:
    given = [
        {"kind": "shares", "given_by": "provider", "usd": 120.0, "given": date(2026, 1, 1)},
        {"kind": "loan", "given_by": "customer", "usd": 100.0, "given": date(2026, 1, 1),
         "repaid": date(2027, 1, 1)},
    ]  # fmt: skip
    found = position(plain(capacity={"mw": 4.0}, consideration=given))
    table = effective_price(found.schedule, 0.25)
    worth = sum(
        100 * 1.25 ** -((date(2026, n, 1) - date(2026, 1, 1)).days / 365) for n in range(1, 13)
    )
    assert table.usd.tolist() == pytest.approx([worth, worth - 120 + 20])  # 100 - 100 / 1.25
    assert table.usd_mw_month.tolist() == pytest.approx([25.0, 25.0 * (worth - 100) / worth])
    assert len(effective_price(position(plain()).schedule, 0.25)) == 1


def test_page_01_leads_with_what_is_conditional() -> None:
    due = {"due": date(2026, 7, 1)}
    tranche = {"name": "b", "fee": [{"from": date(2026, 7, 1), "usd_month": 1e9}], "delivery": due}
    bank = [{"who": "Bank"}]
    deal = plain(
        fee=[{"from": date(2026, 1, 1), "usd_month": 1e8}], tranche=[tranche], support=bank
    )
    found = Answer(as_of="2026-01-01").of(deal)
    said = "Of $7.2bn remaining contract value, $6bn is conditional on delivery and $1.2bn is "
    said += "committed, backed by Bank."
    assert str(found.lead) == said == str(found.stated(found.words.bullet(found)))
    assert found.key == "ladder"
    assert found.draw("ladder").to_dict()["title"]["text"] == str(found.heading)
    settled = Answer(as_of="2026-08-01").of(deal.change({"support": "none"}))
    assert settled.key == "timeline"
    assert "conditional" not in str(settled.lead)
    above = Answer(as_of="2026-01-01").of(plain(amounts="up to"))
    assert str(above.lead) == (
        "All $1,200 of remaining contract value is above the commitment; nothing is committed."
    )
    backed = Answer(as_of="2026-01-01").of(plain(support=bank))
    assert (
        str(backed.lead) == "All $1,200 of remaining contract value is committed, backed by Bank."
    )
    assert str(backed.heading) == "All $1,200 of remaining contract value is committed"


def test_each_clause_has_a_row_in_the_term_sheet() -> None:
    deal = plain(
        amounts="up to",
        minimum=[{"usd": 5.0}],
        support=[{"who": "Bank", "cap_usd": 1.0}],
        cause=[{"ground": "insolvency"}],
        capacity_option=[{"capacity": {"mw": 5.0}}],
        consideration=[
            {"kind": "shares", "given_by": "provider", "usd": 3.0, "given": date(2026, 1, 1)}
        ],
    )
    rows = set(term_sheet(position(deal)).term)
    assert rows >= {"minimum", "support", "termination for cause", "more capacity"}
    assert rows >= {"how far fees are promised", "other consideration"}
    assert not {"minimum", "support"} & set(term_sheet(position(plain())).term)
