"""Agreements at an edge: every page answers for each of them, or says why it does not."""

import re
from pathlib import Path

import pytest
from degenerate import DAY, EDGES, READ
from played import NOTEBOOKS, keeps_the_rules, play

from analysis.questions.site.answer import Answer

PAGES = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
NO_ANSWER = re.compile(r"not defined|\bnan\b|\binf\b|∞|: \.")


@pytest.mark.parametrize("edge", EDGES)
def test_every_page_answers_or_says_why_not(edge: str, tmp_path: Path) -> None:
    path = tmp_path / "edge.toml"
    path.write_text(EDGES[edge], encoding="utf-8")
    given = {"contract": str(path), "as_of": DAY, "reading": READ.get(edge, "")}
    for page in PAGES:
        few = {"draws": 20} if page.startswith("03") else {}
        if page.startswith("10"):
            few["reading"] = ""  # two agreements beside each other, each as its file has it
        played = play(page, **given | few)
        keeps_the_rules(played)
        assert played.said, page
        unsaid = [text for text in played.said if NO_ANSWER.search(text)]
        assert not unsaid, (page, unsaid)


def test_nothing_is_planned_where_less_than_half_a_month_is_left(tmp_path: Path) -> None:
    why = {"one day": "1 day of service left, and less", "no fee": "no fee is due for what is left"}
    for edge in why:
        (tmp_path / "edge.toml").write_text(EDGES[edge], encoding="utf-8")
        for page in ("05", "06"):
            played = play(page, contract=str(tmp_path / "edge.toml"), as_of=DAY)
            assert why[edge] in played.said[0]


def test_what_does_not_pay_for_its_power_cannot_break_even(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text(EDGES["a fee below running cost"], encoding="utf-8")
    said = str(Answer(contract=str(tmp_path / "edge.toml"), as_of=DAY).say("lives"))
    assert said.startswith("At no capex does the site break even")


def test_a_sure_window_is_no_longer_than_the_term(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text(EDGES["notice longer than the term"], encoding="utf-8")
    found = Answer(contract=str(tmp_path / "edge.toml"), as_of=DAY)
    assert found.sure_months == 37
    assert found.title("committed").startswith("Nobody can leave: ")


def test_a_part_month_is_owed_at_a_full_months_rate(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text(EDGES["one day"], encoding="utf-8")
    found = Answer(contract=str(tmp_path / "edge.toml"), as_of=DAY)
    assert found.fee_usd_month == pytest.approx(100e6)
    assert found.owed_usd == pytest.approx(100e6 * 12 / 365)  # one day served, no more


def test_a_customer_that_may_leave_at_once_leaves_nothing_to_book(tmp_path: Path) -> None:
    (tmp_path / "edge.toml").write_text(EDGES["no notice"], encoding="utf-8")
    judged = dict.fromkeys(("customer_penalty", "provider_penalty", "customer_stays"), "no")
    played = play("07", contract=str(tmp_path / "edge.toml"), as_of=DAY, **judged)
    keeps_the_rules(played)
    said = " ".join(played.said)
    assert "nothing is left to perform" in said
    assert "no liability and no right-of-use asset" in said
