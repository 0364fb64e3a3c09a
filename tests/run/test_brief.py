"""The brief and the pages: made from what each executed notebook leaves, and from nothing else."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from analysis.__main__ import main
from analysis.page.findings import MIME
from analysis.run import front, pages, report, runs
from analysis.run.pages import OURS

ROWS = [["term", "value"], ["signed", "2026-05-03"]]


class Agreement:
    id, title, provider, customer = "toy", "Toy <b>", "Provider", "Lab"


def executed(name: str, **left: Any) -> dict[str, Any]:
    """A notebook as it is after it ran: a title, an answer, a section, and one to go on from."""
    figure: dict[str, Any] = {
        "figure": "fee_usd",
        "value": 1.0,
        "unit": "USD",
        "reading": "R2",
        "kind": "derived",
    }
    figure |= {"label": "fee", "definition": "Fees <due>.", "of": "rows"}
    figure["made"] = [
        {"how": "the sum of these rows", "rows": [["fee"], ["$1"]], "left": 2},
        {"how": "less this row", "rows": [["paid"], ["$0"]], "left": 0},
    ]
    told = {
        "figures": [figure],
        "heading": f"Found by {name}",
        "html": '<p><b data-figure="fee_usd" title="x">$1</b></p>',
        "tiles": [{"figure": "fee_usd", "label": f"tile of {name}", "value": "$1", "range": ""}],
        "bullet": f"Line of {name}.",
        "brief": {},
        "base": ["valued on 23 November 2026"],
        "inputs": [["kind", "source"], ["assumed", "https://a.org/b"]],
        **left,
    }
    answer = {"text/html": "<h2>x</h2>", "text/plain": "Lead.", MIME: told}
    long = (
        "<table><tr><th>day</th><th class='number'>fee</th></tr>"
        + "<tr><td>1</td></tr>" * 20
        + "</table>"
    )
    cells = [
        ("markdown", f"# Why {name}?", []),
        ("code", "found", [answer]),
        ("markdown", "## What is due", []),
        ("code", "found.rows", [{"text/html": long, "text/plain": "rows"}]),
        ("markdown", "## Go on from here", []),
        ("code", "only_here", [{"text/plain": "not on the page"}]),
    ]
    made = [
        {
            "cell_type": kind,
            "source": source,
            "outputs": [{"output_type": "execute_result", "data": data} for data in outputs],
        }
        for kind, source, outputs in cells
    ]
    return {"cells": made, "metadata": {OURS: {"name": name, "parameters": {}}}}


def test_the_brief_groups_the_pages_and_shows_what_each_leaves() -> None:
    found = [executed("04_pays"), executed("01_committed", brief={"term_sheet": ROWS})]
    text = front.brief([*found, executed("mine")], Agreement(), terms=False)
    heads = re.findall(r"<h2>(.*?)</h2>", text)
    assert heads == ["Term sheet", "Commitment", "Economics", "Further pages", "Glossary"]
    assert text.index("Line of 01_committed.") < text.index("Line of 04_pays.")
    assert text.index("tile of 01_committed") < text.index("tile of 04_pays")
    assert "tile of mine" not in text
    assert '<a href="04_pays.html">Found by 04_pays</a>' in text
    assert '<td class="day">2026-05-03</td>' in text
    assert "valued on 23 November 2026" in text
    assert "Toy &lt;b&gt;" in text


def test_a_question_of_a_page_without_a_heading_stands_once() -> None:
    text = front.brief([executed("01_a", heading="")], Agreement(), terms=False)
    assert text.count("Why 01_a?") == 1


def test_a_page_that_failed_is_no_card() -> None:
    lost = {"name": "01_committed", "title": "Why?", "error": "no fee", "earlier": True}
    text = front.brief([executed("01_committed")], Agreement(), terms=True, failed=[lost])
    assert "Found by 01_committed" not in text
    assert "<b>01_committed failed:</b> no fee" in text


def test_a_number_opens_its_definition_and_its_origin() -> None:
    text = pages.page(executed("01_a"), Agreement(), name="01_a")
    [place] = re.findall(r'popovertarget="([^"]+)">\$1</button>', text)
    [note] = re.findall(rf'popover id="{place}" tabindex="0">(.*?)</div>', text)
    assert note.startswith("Fees &lt;due&gt;.<small>from rows · derived · R2</small>")
    assert "<p>It is the sum of these rows:</p><table><thead><tr><th>fee</th></tr></thead>" in note
    assert "<small>and 2 more rows</small><p>less this row:</p>" in note
    assert '<td>assumed</td><td><a href="https://a.org/b">a.org</a></td>' in note


def test_a_page_has_a_bar_contents_and_long_tables_folded() -> None:
    names = ["01_a", "02_b", "03_c"]
    text = pages.page(executed("02_b"), Agreement(), name="02_b", beside=names)
    assert "<h1>Found by 02_b</h1>" in text
    assert "Why 02_b?" in text
    assert 'href="01_a.html" aria-label="Previous page"' in text
    assert 'href="03_c.html" aria-label="Next page"' in text
    assert "2 of 3" in text
    assert '<h2 id="what-is-due">What is due</h2>' in text
    assert "<summary>20 rows: day, fee</summary>" in text
    assert "not on the page" not in text  # but its code is there, with all the rest
    assert "only_here" in text


def test_all_documents_stand_below_the_first_chart_and_the_best_below_each() -> None:
    each = [
        {"url": f"https://a.org/{n}", "publisher": "A", "title": f"{n}", "grade": "A"}
        for n in range(3)
    ]
    first, others = (pages._part("sources", each, most) for most in (3, 1))
    assert re.findall(r'href="([^"]+)"', first) == [one["url"] for one in each]
    assert re.findall(r'href="([^"]+)"', others) == ["https://a.org/0"]
    assert others.endswith("and 2 more, as below figure 1</p>")
    assert pages._part("sources", [], 0) == ""


@pytest.mark.parametrize(("rows", "columns", "folded"), [(8, 5, False), (9, 2, True), (7, 6, True)])
def test_a_table_is_folded_if_it_has_many_rows_or_cells(
    rows: int, columns: int, folded: bool
) -> None:
    head, row = "<tr>" + "<th>a</th>" * columns + "</tr>", "<tr><td>1</td></tr>"
    text = pages._folding(f"<table>{head}{row * rows}</table>", pages.LONGEST)
    assert text.startswith("<details>") is folded


def test_no_page_leads_to_one_that_failed() -> None:
    names = ["01_a", "02 b", "03_c"]
    text = {"01_a.html": pages.page(executed("01_a"), Agreement(), name="01_a", beside=names)}
    assert 'href="02%20b.html"' in text["01_a.html"]
    assert 'href="02%20b.html"' not in report._unlinked(text, ["02 b"])["01_a.html"]
    assert report._unlinked(text, []) == text


def test_other_terms_make_pages_of_their_own(tmp_path: Path) -> None:
    notice = {"termination.customer.notice_days": 180}
    [outcome] = report.run(notebooks=["10"], out=tmp_path, parameters={"terms": notice})
    assert outcome.error is None
    [folder] = [path.name for path in tmp_path.iterdir()]
    assert (
        folder == outcome.run.folder == ("anthropic-xai-as-if-termination-customer-notice-days-180")
    )
    assert outcome.lead.startswith("As if the customer's notice were 180 days: ")


def test_a_long_list_of_terms_keeps_a_short_folder_of_its_own() -> None:
    def folder(days: int) -> str:
        terms = {f"termination.{party}.notice_days": days for party in ("customer", "provider")}
        given: Any = {"terms": terms | {"end": "2030-06-01"}}
        return runs.Run(SimpleNamespace(parameters={}), given, {}, Agreement(), "n").folder  # type: ignore[arg-type]

    assert folder(30) != folder(31)
    assert len(folder(30)) < 100


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ("termination.customer.notice=3", "terms: termination.customer: unknown key 'notice'"),
        ("end=2020-01-01", "terms: end 2020-01-01 must be after start"),
        ("x", "--terms 'x' must be PATH=VALUE"),
    ],
)
def test_wrong_terms_are_refused_before_anything_starts(
    terms: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--terms", terms, "--out", str(tmp_path / "out")]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_brief_names_the_end_that_each_notice_is_for_and_sets_amounts_to_the_right() -> None:
    from analysis.questions.commitment.answer import Answer

    events = Answer(contract="google-spacex").dates.event.tolist()
    assert "last day to serve notice, for service to end by 2027-04-01" in events
    left = {"by_notice": [["notice days", "if the customer may terminate"], ["30", "$2.06bn"]]}
    page = front.brief([executed("01_what", brief=left)], Agreement, terms=False)
    assert '<td class="number">30</td><td class="number">$2.06bn</td>' in page
