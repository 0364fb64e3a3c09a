"""Nothing in a file may be stated and never count without a word: it is told, or refused."""

import re
from datetime import date
from typing import Any

import pytest
from agreements import customer, plain

from analysis.contract import files
from analysis.page.unused import unused

HALL: dict[str, Any] = {"name": "hall", "start": date(2026, 1, 1), "fee": [{"usd_month": 10.0}]}
OWN: dict[str, Any] = {"usd": 365.0, "tranche": "hall"}
ONLY = {"fee": "none", "tranche": [HALL]}
DUE = date(2026, 3, 1)
PRICED = {"fee": "none", "minimum": [{"usd": 9.0}]}
UNIT = {"unit": "unit-month", "quantity": 1.0, "usd_per_unit": 10.0}
METER = {
    "unit": "MWh",
    "minimum_units_month": 1.0,
    "usd_per_unit": 1.0,
    "overage_usd_per_unit": 1.0,
}
LOAN = {"given_by": "customer", "usd": 5.0, "given": DUE}
RISE = {"escalator": {"every_months": 6, "rate": 0.1}}
LATE = {"from": date(2027, 3, 1)}


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (ONLY | {"delivery": {"due": DUE}}, "delivery: it changes nothing, as there is no fee"),
        (PRICED | {"amounts": "estimated"}, "amounts: it changes nothing, as there is no fee"),
        ({"fee": "none", "take_or_pay": METER} | RISE, "escalator: it changes nothing"),
        ({"tranche": [{"name": "hall", "start": date(2026, 1, 1)} | RISE],
          "unit_price": [UNIT | {"tranche": "hall"}]}, "tranche.0.escalator: it changes nothing"),
        (PRICED | {"service_credit": [{"below": 0.9, "share": 0.1}]}, "service_credit: it chang"),
        (PRICED | {"deposit": {"months": 2.0, "paid": DUE}}, "deposit.months: it changes nothing"),
        ({"escalator": {"rate": 0.1}}, "escalator.from: 2027-01-01 changes nothing, as the end is"),
        ({"tranche": [HALL | {"end": DUE} | RISE]}, "tranche.0.escalator.from: 2026-07-01 changes"),
        ({"unit_price": [UNIT | {"escalator": {"rate": 0.1}}]}, "unit_price.0.escalator.from: 20"),
        ({"delivery": {"due": date(2027, 3, 1)}}, "delivery.due: 2027-03-01 changes nothing"),
        ({"take_or_pay": METER | {"steps": [LATE | {"units_month": 2.0}]}},
         "take_or_pay.steps.from: 2027-03-01 changes nothing"),
        ({"deposit": {"usd": 5.0, "paid": DUE, "steps": [LATE | {"usd": 2.0}]}},
         "deposit.steps.from: 2027-03-01 changes nothing"),
        ({"termination": customer(notice_days=9, fee_schedule=[LATE | {"usd": 2.0}])},
         "termination.customer.fee_schedule.from: 2027-03-01 changes nothing"),
        ({"minimum": [{"usd": 9.0, "carry_share": 0.5}]},
         "minimum.0.carry_share: 0.5 changes nothing without something to carry over"),
        ({"minimum": [{"usd": 9.0, "period": "term", "surplus": "carried over"}]},
         "minimum.0: carried over changes nothing without a later period"),
        ({"delivery": {"due": DUE, "cure_days": 30}},
         "delivery.cure_days: 30 changes nothing without remedy"),
        ({"delivery": {"due": DUE, "credit_until_days": 30}},
         "delivery.credit_until_days: 30 changes nothing without late_credit_usd_day"),
        ({"termination": customer(notice_days=9, gate_applies="effect")},
         "termination.customer.gate_applies: 'effect' changes nothing without gate_days"),
        ({"consideration": [LOAN | {"kind": "shares", "rate": 0.1}]},
         "consideration.0.rate: 0.1 changes nothing without repaid"),
        ({"unit_price": [UNIT], "fact": [
            {"kind": "usage", "date": date(2025, 12, 1), "value": 1.0, "source": "s"}]},
         "fact usage: 2025-12-01 changes nothing without service, which starts on 2026-01-01"),
    ],
)  # fmt: skip
def test_what_never_counts_is_told(terms: dict[str, Any], said: str) -> None:
    assert any(each.startswith(said) for each in unused(plain(**terms)))


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"tranche": [HALL], "minimum": [OWN | {"shortfall": "credited"}]},
         "minimum: shortfall 'credited' of tranche hall; allowed: paid"),
        ({"tranche": [HALL | {"end": date(2026, 7, 1)}],
          "minimum": [OWN | {"end": date(2026, 9, 1)}]},
         "minimum: from 2026-01-01 to 2026-09-01 lies outside 2026-01-01 to 2026-07-01"),
        ({"tranche": [HALL | {"start": DUE}], "minimum": [OWN | {"from": date(2026, 2, 1)}]},
         "minimum: from 2026-02-01 to 2027-01-01 lies outside 2026-03-01 to 2027-01-01"),
        ({"deposit": {"usd": 5.0, "paid": DUE, "steps": [LATE | {"usd": 2.0}] * 2}}, "steps"),
        ({"holdover": {"share": 1.5, "steps": [{"share": 2.0}]}},
         "steps: each must begin after the one before, and after the end"),
    ],
)  # fmt: skip
def test_what_contradicts_is_refused(terms: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        plain(**terms)


def test_what_an_amendment_an_option_or_a_reading_may_need_is_not_told() -> None:
    rise = {"escalator": {"rate": 0.1}}
    option = [{"months": 12, "notice_days": 30}]
    longer = {"title": "more", "signed": DUE, "effective": DUE, "terms": {"end": date(2028, 1, 1)}}
    assert not [*unused(plain(**rise, extension=option))]
    assert not [*unused(plain(**rise, amendment=[longer]))]


@pytest.mark.parametrize("name", files.names())
def test_no_shipped_file_states_what_never_counts(name: str) -> None:
    assert not [*unused(files.contract(name))]
