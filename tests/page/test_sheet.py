"""The term sheet: what was signed, as known on the day, with where each row comes from."""

from datetime import date
from typing import Any

import pytest
from agreements import plain
from IPython.core.interactiveshell import InteractiveShell

import analysis
from analysis import contract
from analysis.page.sheet import checked, term_sheet


@pytest.mark.parametrize("name", contract.names())
def test_every_agreement_shows_its_terms(name: str) -> None:
    deal = contract.load(name)
    table = term_sheet(contract.position(deal)).set_index("term")
    assert table.value["parties"] == f"{deal.provider} provides, {deal.customer} uses"
    assert {"term", "termination by the customer", "payment", "interpretation"} <= set(table.index)


def test_a_row_names_the_kinds_of_its_sources() -> None:
    table = term_sheet(contract.position(contract.load("anthropic-xai"))).set_index("term")
    assert table.source["capacity"] == "disclosed, reported"
    assert table.source["term"] == "assumed, derived"


def test_amounts_are_written_as_on_pages_and_small_ones_in_full() -> None:
    fee = [{"from": date(2026, 1, 1), "usd_month": 1_250_000_000}]
    price = {"name": "gpu", "quantity": 10, "usd_per_unit": 2.35, "unit": "GPU-hour"}
    rows = term_sheet(contract.position(plain(fee=fee, unit_price=[price]))).set_index("term").value
    assert rows["first monthly fee"].startswith("$1.25bn, in")
    assert "$2.35 a GPU-hour" in rows["price by unit"]


def test_terms_are_those_known_on_the_day() -> None:
    deal = contract.load("invented-every-clause")
    first, last = (
        term_sheet(contract.position(deal, as_of=day)).set_index("term").value["term"]
        for day in (deal.signed, date(2040, 1, 1))
    )
    assert first != last


def test_what_is_sold_and_who_pays_its_costs_stand_there_where_they_are_stated() -> None:
    net = plain(sells="shell", costs={"power": "customer", "operating": "passed through"})
    table = term_sheet(contract.position(net)).set_index("term").value
    assert table["what is sold"] == "shell"
    assert table["costs not in the fee"] == "power paid by the customer; operating passed through"
    bare = term_sheet(contract.position(plain())).term
    assert not {"what is sold", "costs not in the fee"} & set(bare)


def test_check_counts_the_options_that_amendments_have_left() -> None:
    option = {"months": 12, "count": 3, "notice_days": 31}
    step = {"title": "t", "signed": date(2026, 6, 1), "effective": date(2026, 6, 1)}
    used = plain(extension=[option], amendment=[step | {"terms": {"end": date(2028, 1, 1)}}])
    [told] = [line for line in checked(used) if line.startswith("option to extend")]
    assert "12 months 2 times" in told


@pytest.mark.parametrize(
    ("key", "row", "words"),
    [
        ("take_or_pay", "take or pay", "1,000,000 GB-month of storage a month at $2"),
        ("escalator", "rises", "3 % every 12 months from 2027-03-10"),
        ("delivery", "delivery", "due 2026-03-10; if late: the customer may leave from 2026-04-09"),
        ("prepayment", "prepayment", "$200m on 2026-02-15"),
        ("deposit", "deposit", "$50m, paid on 2026-02-15"),
        ("service_credit", "service credit", "5 % of the month's fees below 99.9 % availability"),
        ("extension", "option to extend", "12 months 2 times, at $90m a month, 180 days'"),
        ("renewal", "renewal", "3 months at a time, 60 days' notice to object"),
    ],
)
def test_each_clause_has_a_row(key: str, row: str, words: str) -> None:
    deal = contract.load("invented-every-clause")

    def said(deal: contract.Agreement) -> str:
        found = term_sheet(contract.position(deal, deal.start))
        return " ".join(found.value[found.term == row])

    assert words in said(deal)
    field = getattr(deal, key)
    none: object = [] if isinstance(field, tuple) else "none"
    assert words not in said(deal.change({key: none}))


def test_an_agreement_and_a_position_that_end_a_cell_show_their_terms() -> None:
    shell = InteractiveShell()
    analysis._show(shell)
    deal = contract.load("google-spacex")
    for shown in (deal, contract.position(deal, deal.start, "headline")):
        page = shell.display_formatter.format(shown)[0]["text/html"]
        assert deal.title in page
        assert ">termination by the customer</td>" in page


@pytest.mark.parametrize(
    ("terms", "row", "words"),
    [
        ({"escalator": {"rate": 0.03, "end": date(2030, 1, 1)}}, "rises", ", before 2030-01-01"),
        ({"escalator": {"index": "CPI", "base_level": 1.0, "floor_rate": 0.02, "cap_rate": 0.04}},
         "rises", "with CPI, at least 2 %, at most 4 % every 12 months"),
        ({"minimum": [{"usd": 9.0, "carry_share": 0.25, "carry_cap_share": 0.15}]}, "minimum",
         "25% of it at most, up to 15% of the minimum"),
        ({"minimum": [{"usd": 9.0, "shortfall": "credited", "credit_periods": 1}]}, "minimum",
         "a shortfall is paid, then credited above the minimum of the next 1, a surplus kept"),
        ({"minimum": [{"usd": 9.0, "tranche": "b"}], "tranche": [
            {"name": "b", "fee": [{"from": date(2026, 1, 1), "usd_month": 1.0}]}]}, "minimum",
         "b: $9 by year"),
        ({"end": "none", "term_months": 36, "full_months": True}, "term",
         "(36 full calendar months)"),
        ({"termination": {"customer": {"notice_days": 9, "fee_usd": 7.0, "fee_months": 2.0,
                                       "fee_owed": "greatest"}}},
         "termination by the customer", "the greatest of a fee of $7 and a fee of 2 months"),
        ({"holdover": {"share": 1.5, "steps": [{"after_days": 60, "share": 2.0}]}}, "holding over",
         "150% of the last fee, later 200%"),
        ({"prepayment": {"share": 0.5, "paid": date(2026, 1, 1), "credit_from": date(2026, 1, 1)}},
         "prepayment", "$600, 50% of all fees on 2026-01-01"),
        ({"take_or_pay": {"unit": "GB", "minimum_units_month": 1.0, "usd_per_unit": 1.0,
                          "overage_usd_per_unit": 1.0,
                          "steps": [{"from": date(2026, 5, 1), "units_month": 3.0}]}},
         "take or pay", ", 3 from 2026-05-01"),
        ({"termination": {"customer": {"notice_days": 9, "until": date(2026, 7, 1)}}},
         "termination by the customer", "with effect up to 2026-07-01"),
        ({"extension": [{"months": 12, "notice_days": 9, "rate": 0.03}]}, "option to extend",
         "fees 3 % higher and each year again, 9 days' notice"),
        ({"extension": [{"months": 12, "notice_days": 9, "usd_month_by_year": [7.0, 8.0]}]},
         "option to extend", "at $7 to $8 a month"),
        ({"extension": [{"months": 12, "notice_days": 9}], "tranche": [
            {"name": "b", "fee": [{"from": date(2026, 1, 1), "usd_month": 1.0}],
             "end": date(2026, 7, 1)}]}, "option to extend",
         "at the fees then due, 9 days' notice, without b served to an earlier end"),
        ({"tranche": [{"name": "b", "start": date(2026, 1, 1)}],
          "unit_price": [{"unit": "MWh", "quantity": 1.0, "usd_per_unit": 1.0, "tranche": "b"}]},
         "price by unit", "b: usage, 1 at $1 a MWh"),
    ],
)  # fmt: skip
def test_the_term_sheet_says_how_a_clause_is_bounded(
    terms: dict[str, Any], row: str, words: str
) -> None:
    found = term_sheet(contract.position(plain(**terms))).set_index("term").value
    assert words in found[row]
