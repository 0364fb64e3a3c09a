"""What changed between two versions: every difference is named, and the steps add up."""

from datetime import date
from itertools import product
from typing import Any

import pytest

from analysis.contract import files, position
from analysis.contract.terms import Agreement
from analysis.questions.changes import versions
from analysis.questions.changes.answer import Answer

DAY = date(2026, 11, 23)
SHIPPED = [
    position(files.contract(name), reading=reading).read
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
    table = versions.steps(position(before, as_of), position(after, as_of), party="customer")
    assert table.usd.iloc[0] == position(before, as_of).firm().usd
    assert table.usd.iloc[-1] == position(after, as_of).firm().usd
    assert table.usd[:-1].sum() == pytest.approx(table.usd.iloc[-1], abs=0.1)
    assert table.step.is_unique


@pytest.mark.parametrize(
    ("before", "after"), PAIRS[::5], ids=lambda deal: f"{deal.id}-{deal.reading.name}"
)
def test_two_versions_are_said_and_drawn(before: Agreement, after: Agreement) -> None:
    said = compared(before, after)
    assert "nan" not in f"{said.heading} {said.lead} {said.say('differing')}"
    said.draw("steps").to_dict()
    said.draw("through_time").to_dict()


def compared(before: Agreement, after: Agreement, as_of: date = DAY) -> Answer:
    """The page's answer of two versions."""
    return Answer(as_of=as_of).of(before).compared_with(after)


def deal(**changed: Any) -> Agreement:
    return files.contract("anthropic-xai").change({"readings": "none", **changed})


def test_each_clause_is_charged_with_what_it_does() -> None:
    notice = {"customer": {"notice_days": 180}}
    after = deal(end=date(2030, 6, 1), termination=notice, fee={"1": {"usd_month": 2e9}})
    table = (
        versions.steps(position(deal(), DAY), position(after, DAY), party="customer")
        .set_index("step")
        .usd
    )
    longer = deal(fee={"1": {"usd_month": 2e9}})
    assert list(table.index) == ["before", "fee", "termination.customer", "after"]  # the end is far
    firm = position(longer, DAY).firm().usd - position(deal(), DAY).firm().usd
    assert table.fee == pytest.approx(firm)
    assert table["termination.customer"] == pytest.approx(
        position(after, DAY).firm().usd - position(longer, DAY).firm().usd
    )


def test_clauses_that_need_each_other_change_together() -> None:
    later = {"start": date(2027, 5, 3), "end": date(2030, 6, 1)}
    fees = [{"from": date(2027, 5, 3), "usd_month": 1e9}]
    after = deal(**later, signed=date(2026, 5, 3), fee=fees)
    table = versions.steps(position(deal()), position(after), party="customer")
    assert table.step.tolist() == ["before", "start, end, fee", "after"]


def test_a_clause_is_credited_with_all_only_where_no_other_moves_the_amount() -> None:
    bound = {"customer": "none"}
    alone = str(compared(deal(), deal(termination=bound)).lead)
    assert "All of it comes from the customer's right to terminate" in alone
    # a year more is bound
    longer = str(compared(deal(), deal(end=date(2030, 6, 1), termination=bound)).lead)
    assert "All of it" not in longer
    assert "moves it is the customer's right to terminate" in longer
    assert longer.endswith("changed last, the end date and the customer's right to terminate.")


def test_every_term_that_differs_is_named_once() -> None:
    after = deal(termination={"provider": "none"}, notes=["words"], capacity={"mw": 310})
    table = versions.differences(position(deal()), position(after))
    assert table.set_index("term").after.to_dict() == {
        "capacity.mw": 310,
        "termination.provider.notice_days": "none",
        "termination.provider.gate_months": "none",
    }
    assert versions.differences(position(after), position(after)).empty


def test_measures_are_those_of_the_package() -> None:
    after = deal(termination={"customer": "none"})
    found = compared(deal(), after).measures.set_index("measure")
    firm = position(deal(), DAY).firm()
    assert found.before_usd["committed if the customer may leave"] == firm.usd
    assert found.change_usd["committed if the provider may leave"] == 0
    assert found.change_usd.tolist() == (found.after_usd - found.before_usd).tolist()
    worth = found.loc["present value of committed fees, customer"]
    assert firm.usd > worth.before_usd > 0.97 * firm.usd


def test_what_is_said_when_nothing_changed() -> None:
    same = compared(deal(), deal())
    assert "both commit $3.73bn" in str(same.lead)
    assert str(same.heading) == "Both versions commit $3.73bn"
    assert "do not differ" in str(same.say("differing"))


def test_the_lead_says_which_way_committed_fees_went() -> None:
    assert "is committed, down from $4.63bn on 31 October 2026" in str(
        Answer(contract="google-spacex").lead
    )
    assert "is committed, up from $440m on 31 October 2026" in str(
        Answer(contract="reflection-spacex").lead
    )
