"""The term sheet: what was signed, as known on the day, with where each row comes from."""

from datetime import date

import pytest
from agreements import plain

from analysis import contract
from analysis.page.sheet import term_sheet


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
    assert table["costs not in the fee"] == "power customer; operating passed through"
    bare = term_sheet(contract.position(plain())).term
    assert not {"what is sold", "costs not in the fee"} & set(bare)
