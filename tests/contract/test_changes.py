"""What changed between two versions: every difference is named, and the steps add up."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from analysis.contract import changes, commitment, files, terms
from analysis.contract.terms import Agreement
from analysis.page.findings import MIME
from analysis.questions.changes import answer
from analysis.questions.changes import charts as draw
from analysis.questions.changes import words as say

DAY = date(2026, 11, 23)
SHIPPED = [
    terms.read_as(files.contract(name), reading)
    for name in files.contracts()
    for reading in files.contract(name).readings
]
PAIRS = [*product(SHIPPED[:4], SHIPPED), *product(SHIPPED[8:], SHIPPED[4:9])]


@pytest.mark.parametrize(
    ("before", "after"), PAIRS, ids=lambda deal: f"{deal.id}-{deal.reading.name}"
)
@pytest.mark.parametrize("as_of", [date(2026, 6, 1), DAY])
def test_the_steps_lead_from_one_to_the_other(
    before: Agreement, after: Agreement, as_of: date
) -> None:
    table = changes.steps(before, after, as_of=as_of, party="customer")
    assert table.usd.iloc[0] == commitment.firm(before, as_of=as_of).usd
    assert table.usd.iloc[-1] == commitment.firm(after, as_of=as_of).usd
    assert table.usd[:-1].sum() == pytest.approx(table.usd.iloc[-1], abs=0.1)
    assert table.step.is_unique
    through = changes.through_time(before, after, party="customer")
    names = {"before": "a", "after": "b"}
    title = (
        str(say.steps_title(table)) + str(say.through_title(through)) + str(say.parting(through))
    )
    opposite = changes.steps(after, before, as_of=as_of, party="customer")
    said = str(say.worth(table, **names, opposite=opposite, as_of=as_of))
    assert "nan" not in title + said
    draw.steps(table, title=title).to_dict()
    draw.through_time(through, as_of=as_of, **names, title=title).to_dict()


def deal(**changed: Any) -> Agreement:
    return terms.change(files.contract("anthropic-xai"), {"readings": "none", **changed})


def test_each_clause_is_charged_with_what_it_does() -> None:
    notice = {"customer": {"notice_days": 180}}
    after = deal(end=date(2030, 6, 1), termination=notice, fee={"1": {"usd_month": 2e9}})
    table = changes.steps(deal(), after, as_of=DAY, party="customer").set_index("step").usd
    longer = deal(fee={"1": {"usd_month": 2e9}})
    assert list(table.index) == ["before", "fee", "termination.customer", "after"]  # the end is far
    firm = commitment.firm(longer, as_of=DAY).usd - commitment.firm(deal(), as_of=DAY).usd
    assert table.fee == pytest.approx(firm)
    assert table["termination.customer"] == pytest.approx(
        commitment.firm(after, as_of=DAY).usd - commitment.firm(longer, as_of=DAY).usd
    )


def test_clauses_that_need_each_other_change_together() -> None:
    later = {"start": date(2027, 5, 3), "end": date(2030, 6, 1)}
    fees = [{"from": date(2027, 5, 3), "usd_month": 1e9}]
    after = deal(**later, signed=date(2026, 5, 3), fee=fees)
    table = changes.steps(deal(), after, as_of=date(2026, 5, 3), party="customer")
    assert table.step.tolist() == ["before", "start, end, fee", "after"]


def test_a_clause_is_credited_with_all_only_where_no_other_moves_the_amount() -> None:
    def said(before: Agreement, after: Agreement) -> str:
        there, back = (
            changes.steps(*pair, as_of=DAY, party="customer")
            for pair in ((before, after), (after, before))
        )
        return str(say.worth(there, "a", "b", opposite=back, as_of=DAY))

    bound = {"customer": "none"}
    alone = said(deal(), deal(termination=bound))
    assert "all of it from “termination.customer”" in alone
    longer = said(deal(), deal(end=date(2030, 6, 1), termination=bound))  # a year more is bound
    assert "all of it" not in longer
    assert "in the order of the file “termination.customer” moves it" in longer
    assert longer.endswith("in the opposite order “end” and “termination.customer”.")


def test_every_term_that_differs_is_named_once() -> None:
    after = deal(termination={"provider": "none"}, notes=["words"], capacity={"mw": 310})
    table = changes.differences(deal(), after)
    assert table.set_index("term").after.to_dict() == {
        "capacity.mw": 310,
        "termination.provider.notice_days": "none",
        "termination.provider.gate_months": "none",
        "termination.provider.gate_applies": "none",
    }
    assert changes.differences(after, after).empty


def test_measures_are_those_of_the_package() -> None:
    after = deal(termination={"customer": "none"})
    table = answer.measures(deal(), after, as_of=DAY, party="customer", rate=0.1)
    found = table.set_index("measure")
    firm = commitment.firm(deal(), as_of=DAY)
    assert found.before_usd["firm if the customer may leave"] == firm.usd
    assert found.change_usd["firm if the provider may leave"] == 0
    assert found.change_usd.tolist() == (found.after_usd - found.before_usd).tolist()
    worth = found.loc["worth of the firm fees, customer"]
    assert firm.usd > worth.before_usd > 0.97 * firm.usd


def test_what_is_said_when_nothing_changed() -> None:
    same = changes.steps(deal(), deal(), as_of=DAY, party="customer")
    assert "stays $3.73bn" in str(say.worth(same, "one", "the other", opposite=same, as_of=DAY))
    assert str(say.steps_title(same)) == "The two promise the same amount"
    assert "do not differ" in str(say.differing(changes.differences(deal(), deal())))


def test_the_figures_are_named_once() -> None:
    before, after = SHIPPED[1], SHIPPED[9]
    steps = changes.steps(before, after, as_of=DAY, party="customer")
    through = changes.through_time(before, after, party="customer")
    said = [
        say.worth(steps, "a", "b", opposite=steps, as_of=DAY),
        say.differing(changes.differences(before, after)),
        say.measured(answer.measures(before, after, as_of=DAY, party="customer", rate=0.1)),
        say.parting(through),
    ]
    names = [row["figure"] for s in said for row in s._repr_mimebundle_()[MIME]["figures"]]
    assert len(set(names)) == len(names) > 7
