"""The front page over all agreements: what stands in a row, and which notebooks run for it."""

import re
from datetime import date
from pathlib import Path

import pytest
from agreements import plain
from conftest import notebook

from analysis.__main__ import main
from analysis.contract import files, position
from analysis.data.texts import DATA
from analysis.models.comparables import book
from analysis.page.findings import usd
from analysis.page.notebooks import find
from analysis.run import front, report

DAY = date(2026, 11, 23)
AT = list(front.COLUMNS)
LEASED, WHOLE = "$/MW-month, leased", "$/MW-month, with accelerators"


def cell(row: list[front.Cell], column: str) -> front.Cell:
    return row[AT.index(column)]


def test_a_row_says_what_the_agreement_comes_to() -> None:
    free = {"notice_days": 30}
    deal = plain(
        start=date(2026, 1, 1),
        end=date(2028, 1, 1),
        fee=[{"from": date(2026, 1, 1), "usd_month": 200_000.0}],
        capacity={"mw": 4},
        termination={"customer": free, "provider": free},
        support=[{"who": "Parent"}],
        sells="shell",
    )
    row = front.row(deal, "", date(2026, 7, 1))
    assert [text for text, _ in row] == [
        deal.title, "shell", "$4.8m", "$3.6m", cell(row, "committed share").text, "",
        "", "$50,000", "", "2026-07-31 (either)", "Parent",
    ]  # fmt: skip
    assert cell(row, "committed share").by == pytest.approx(200_000 * 30 / 31 / 3_600_000)
    over = front.row(deal, "", date(2030, 1, 1))  # it has ended: as when its service began
    assert cell(over, "remaining") == ("ended 2028", 0.0)
    assert cell(over, "committed share") == cell(front.row(deal, "", deal.start), "committed share")


def test_what_is_not_delivered_yet_is_conditional_and_not_committed() -> None:
    due = date(2026, 7, 1)
    hall = {"name": "hall", "fee": [{"from": due, "usd_month": 100.0}], "delivery": {"due": due}}
    row = front.row(plain(tranche=[hall]), "", date(2026, 1, 1))
    assert cell(row, "conditional on delivery").text == "33.3 %"
    assert cell(row, "committed share").text == "66.7 %"
    row = front.row(plain(amounts="up to"), "", date(2026, 1, 1))
    assert cell(row, "above the commitment").text == "100 %"


def test_what_is_missing_is_blank_and_sorts_last() -> None:
    row = front.row(plain(), "", DAY)
    for column in ("sells", LEASED, WHOLE, "conditional on delivery", "backed by"):
        assert cell(row, column) == ("", "")
    assert cell(row, "earliest termination") == ("no right", "")


def test_leases_and_clouds_have_prices_of_their_own() -> None:
    sold = {"capacity": {"mw": 2, "mw_basis": "facility"}}
    lease, cloud = (front.row(plain(sells=s, **sold), "", DAY) for s in ("shell", "bare metal"))
    assert cell(lease, LEASED).text.endswith(" (facility)")
    assert cell(lease, WHOLE).text == cell(cloud, LEASED).text == ""
    assert cell(lease, LEASED).by == cell(cloud, WHOLE).by


def test_kinds_stand_together_the_largest_first() -> None:
    page = front.page([(n, files.contract(n), "") for n in files.names()], DAY, Path("none"))
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    found = [
        (re.findall(r'data-label="sells"[^>]*>([^<]*)<', each)[0],
         float(re.findall(r'data-label="total contract value" data-by="([^"]*)"', each)[0]))
        for each in body.split("</tr>")[:-1]
    ]  # fmt: skip
    kinds = list(dict.fromkeys(kind for kind, _ in found))
    assert kinds == [kind for kind in front.ORDER if kind in kinds]
    assert found == sorted(found, key=lambda row: (kinds.index(row[0]), -row[1]))
    whole = sum(cell(front.row(files.contract(n), "", DAY), "committed share").by == 1
                for n in files.names())  # fmt: skip
    assert f"Committed in full: {whole} of {len(found)} agreements" in page


def test_the_page_links_to_the_reports_that_lie_there(tmp_path: Path) -> None:
    names = files.contracts()
    (tmp_path / names[0]).mkdir()
    (tmp_path / names[0] / "index.html").touch()
    page = front.page([(name, files.contract(name), "") for name in names], DAY, tmp_path)
    assert re.findall(r'href="([^"]+)"', page) == [f"{names[0]}/index.html"]
    assert page.count("<tr>") == len(names) + 1
    assert "://" not in page


def test_all_runs_one_page_of_an_agreement_of_the_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, own = files.contracts(), files.contract
    deal = plain(id="of-the-library")
    monkeypatch.setattr(files, "shelved", lambda: {deal.id: tmp_path})
    monkeypatch.setattr(files, "names", lambda: [*held, deal.id])
    monkeypatch.setattr(files, "contract", lambda name: deal if name == deal.id else own(name))

    def asked(*contracts: str, short: bool = True) -> dict[str, int]:
        listed = report._runs(find([]), list(contracts), {"as_of": None}, None, None, short=short)
        return {id_: sum(run.folder == id_ for run in listed) for id_ in (held[0], deal.id)}

    every = len(find([]))
    assert asked("all") == {held[0]: every, deal.id: 1}
    assert asked("all", short=False) == {held[0]: every, deal.id: every}
    assert asked(held[0], deal.id) == {held[0]: every, deal.id: every}


def test_a_report_of_all_ends_with_the_front_page(
    toys: None,
    inline: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cells = [front.Cell("the toy", "toy"), front.Cell(), *[front.Cell("", 1.0)] * (len(AT) - 2)]
    monkeypatch.setattr(front, "row", lambda *_: cells)
    book, out = notebook(tmp_path / "a.ipynb", "# Why?", "1"), tmp_path / "out"
    asked = ["report", "--notebooks", str(book), "--out", str(out), "--contract"]
    assert main([*asked, "toy"]) == 0
    assert not (out / "index.html").exists()
    assert main([*asked, "all"]) == 0
    assert '<a href="toy/index.html">the toy</a>' in (out / "index.html").read_text()
    assert capsys.readouterr().out.splitlines()[-1] == str(out / "index.html")


@pytest.mark.parametrize("side", ["customer", "provider"])
def test_a_book_is_a_folder_of_files(side: str, tmp_path: Path) -> None:
    shipped = files.contracts()
    for name in shipped:
        text = (DATA / "contracts" / f"{name}.toml").read_text(encoding="utf-8")
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    asked = ["report", "--book", str(tmp_path), "--side", side, "--out", str(tmp_path / "out")]
    assert main([*asked, "--as-of", "2026-11-23"]) == 0
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    held = [position(files.contract(name), DAY) for name in shipped]
    whole = book.counterparties(held, owner=side)
    years = book.yearly(held, owner=side)
    for column in ("remaining_usd", "committed_usd"):
        assert years[column].sum() == pytest.approx(whole[column].sum())
    for name, value in zip(whole.counterparty, whole.committed_usd, strict=True):
        assert f"<th>{name}</th>" in page
        assert f'<td class="number">{usd(value)}</td>' in page
    assert "://" not in page


def test_a_book_without_files_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--book", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "must be a folder that holds TOML files" in capsys.readouterr().err
