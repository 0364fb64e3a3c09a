"""Nothing in a file may be accepted and then never count: it is refused in a sentence."""

import re
from datetime import date
from typing import Any

import pytest
from agreements import customer, plain

HALL: dict[str, Any] = {"name": "hall", "start": date(2026, 1, 1), "fee": [{"usd_month": 10.0}]}
OWN: dict[str, Any] = {"usd": 365.0, "tranche": "hall"}
ONLY = {"fee": "none", "tranche": [HALL]}
DUE = date(2026, 3, 1)
UNIT = {"unit": "unit-month", "quantity": 1.0, "usd_per_unit": 10.0}
METER = {
    "unit": "MWh",
    "minimum_units_month": 1.0,
    "usd_per_unit": 1.0,
    "overage_usd_per_unit": 1.0,
}
CPI = {"index": "prices", "base_level": 100.0}
LOAN = {"given_by": "customer", "usd": 5.0, "given": DUE}


def fact(kind: str, day: date = DUE, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "date": day, "value": 1.0, "source": "s", **more}


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        # minima
        ({"tranche": [HALL], "minimum": [OWN | {"shortfall": "credited"}]},
         "minimum.0.shortfall: 'credited' of tranche hall; allowed: paid, as what was spent on "
         "one tranche cannot be told"),
        ({"tranche": [HALL], "minimum": [OWN | {"shortfall": "carried over"}]},
         "minimum.0.shortfall: 'carried over' of tranche hall; allowed: paid"),
        ({"tranche": [HALL | {"end": date(2026, 7, 1)}],
          "minimum": [OWN | {"end": date(2026, 9, 1)}]},
         "minimum: from 2026-01-01 to 2026-09-01 lies outside 2026-01-01 to 2026-07-01"),
        ({"tranche": [HALL | {"start": DUE}], "minimum": [OWN | {"from": date(2026, 2, 1)}]},
         "minimum: from 2026-02-01 to 2027-01-01 lies outside 2026-03-01 to 2027-01-01"),
        ({"minimum": [{"usd": 9.0, "carry_share": 0.5}]},
         "minimum.0.carry_share: 0.5 changes nothing where no shortfall and no surplus is carried"),
        ({"minimum": [{"usd": 9.0, "carry_cap_share": 0.5}]},
         "minimum.0.carry_cap_share: 0.5 changes nothing"),
        ({"minimum": [{"usd": 9.0, "period": "term", "surplus": "carried over"}]},
         "minimum.0.surplus: 'carried over' over the whole term: there is no later period; "
         "allowed: a period of year, quarter or month"),
        # what there is no fee for
        (ONLY | {"delivery": {"due": DUE}},
         "delivery: there is no fee outside tranches that it is of; give each tranche its own"),
        (ONLY | {"amounts": "up to"}, "amounts: 'up to' changes nothing; there is no fee outside"),
        ({"fee": "none", "minimum": [{"usd": 9.0}], "amounts": "estimated"},
         "amounts: 'estimated' changes nothing; there is no fee outside tranches that it is of; "
         "state a fee, or leave it out"),
        ({"fee": "none", "take_or_pay": METER, "escalator": {"rate": 0.1}},
         "escalator: there is no fee that it raises"),
        ({"fee": "none", "tranche": [HALL | {"escalator": {"every_months": 6, "rate": 0.1}}],
          "escalator": {"every_months": 6, "rate": 0.1}},
         "escalator: there is no fee that it raises"),
        ({"tranche": [{"name": "hall", "start": date(2026, 1, 1),
                       "escalator": {"every_months": 6, "rate": 0.1}}],
          "unit_price": [UNIT | {"tranche": "hall"}]},
         "tranche hall: escalator: there is no fee that it raises; give an escalator to the unit"),
        ({"fee": "none", "take_or_pay": METER,
          "extension": [{"months": 12, "notice_days": 0, "rate": 0.1}]},
         "extension.rate: there is no fee that it raises"),
        ({"fee": "none", "minimum": [{"usd": 9.0}],
          "service_credit": [{"below": 0.9, "share": 0.1}]},
         "service_credit: there is no fee of which it gives back a share"),
        ({"fee": "none", "minimum": [{"usd": 9.0}], "deposit": {"months": 2.0, "paid": DUE}},
         "deposit.months: 2 months of no fee are nothing; give usd"),
        # facts
        ({"tranche": [HALL], "minimum": [OWN], "fact": [fact("spend")]},
         "fact: spend changes nothing without minimum of all tranches"),
        ({"fact": [fact("index")]}, "fact: index changes nothing without escalator with an ind"),
        ({"escalator": CPI | {"every_months": 6}, "fact": [fact("index")],
          "unit_price": [UNIT | {"escalator": CPI | {"index": "power", "every_months": 6}}]},
         "fact: index: power, prices cannot be told apart; allowed: one"),
        ({"unit_price": [UNIT], "fact": [fact("usage", date(2025, 12, 1))]},
         "fact: usage on 2025-12-01 is before service, from 2026-01-01 on"),
        # after the end
        ({"escalator": {"rate": 0.1}}, "escalator.from: 2027-01-01 is not before the end 2027-01"),
        ({"tranche": [HALL | {"end": DUE, "escalator": {"every_months": 6, "rate": 0.1}}]},
         "tranche.0.escalator.from: 2026-07-01 is not before the end 2026-03-01"),
        ({"unit_price": [UNIT | {"escalator": {"rate": 0.1}}]},
         "unit_price.0.escalator.from: 2027-01-01 is not before the end 2027-01-01"),
        ({"delivery": {"due": date(2027, 3, 1)}},
         "delivery.due: 2027-03-01 is not before the end 2027-01-01"),
        ({"take_or_pay": METER | {"steps": [{"from": date(2027, 3, 1), "units_month": 2.0}]}},
         "take_or_pay.steps.from: 2027-03-01 is not before the end 2027-01-01"),
        ({"deposit": {"usd": 5.0, "paid": DUE, "steps": [{"from": date(2028, 1, 1), "usd": 2.0}]}},
         "deposit.steps.from: 2028-01-01 is not before the end 2027-01-01"),
        ({"termination": customer(notice_days=9,
                                  fee_schedule=[{"from": date(2027, 1, 1), "usd": 2.0}])},
         "termination.customer.fee_schedule.from: 2027-01-01 is not before the end 2027-01-01"),
        # keys that ask for others
        ({"delivery": {"due": DUE, "cure_days": 30}},
         "delivery.cure_days: 30 changes nothing without remedy"),
        ({"delivery": {"due": DUE, "credit_until_days": 30}},
         "delivery.credit_until_days: 30 changes nothing without late_credit_usd_day or late_cr"),
        ({"termination": customer(notice_days=9, gate_applies="effect")},
         "termination.customer.gate_applies: 'effect' changes nothing; allowed: beside gate_days"),
        ({"consideration": [LOAN | {"kind": "shares", "rate": 0.1}]},
         "rate 0.1 changes nothing without repaid"),
        ({"capacity_option": [{"capacity": {"mw": 1.0}, "usd_month": 5.0, "price": "market"}]},
         "price 'market' beside usd_month; allowed: stated"),
        ({"deposit": {"usd": 5.0, "paid": DUE, "steps": [{"from": date(2026, 2, 1), "usd": 2.0}]}},
         "steps: the first, from 2026-02-01, must be after paid 2026-03-01"),
        ({"holdover": {"share": 1.5, "months": 3, "steps": [{"after_months": 3, "share": 2.0}]}},
         "steps: the last begins after the 3 months of holding over"),
        ({"holdover": {"share": 1.5, "steps": [{"share": 2.0}]}},
         "steps: each must begin after the one before, and after the end"),
    ],
)  # fmt: skip
def test_what_could_never_count_is_refused(terms: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        plain(**terms)


def test_what_an_amendment_an_option_or_a_reading_may_need_is_kept() -> None:
    rise = {"escalator": {"rate": 0.1}}
    option = [{"months": 12, "notice_days": 30}]
    assert plain(**rise, extension=option).escalator
    more = {"title": "more", "signed": DUE, "effective": DUE}
    longer = more | {"terms": {"end": date(2028, 1, 1)}}
    assert plain(**rise, amendment=[longer]).escalator
    terms = {"minimum": [{"usd": 9.0}]}
    assert plain(fact=[fact("spend")], amendment=[more | {"terms": terms}]).fact
    deal = plain(delivery={"due": DUE, "cure_days": 30, "remedy": "exit"})
    assert deal.change({"delivery": {"remedy": "nothing"}}).delivery  # a "what if" of a key
