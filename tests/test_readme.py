"""What the README promises: its picture, its agreement, its Python."""

import re
from datetime import date
from pathlib import Path

import pytest
import vl_convert
from played import play

from analysis.contract import files, position, readings
from analysis.page import theme
from analysis.questions.commitment.answer import Answer

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "notebooks" / ".pictures" / "committed.svg"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    [text] = re.findall(rf"```{language}\n(.*?)```", README, re.S)
    return str(text)


def picture() -> str:
    theme.setup()
    return str(vl_convert.vegalite_to_svg(Answer().draw("timeline").to_dict()))


def test_the_picture_is_what_the_notebook_draws() -> None:
    """To draw it anew: `.venv/bin/python tests/test_readme.py`."""
    assert picture() == PICTURE.read_text(encoding="utf-8")


def test_the_sums_beside_the_picture_are_the_ones_computed() -> None:
    now = Answer()
    assert f"${now.committed_usd / 1e9:.1f}bn of the ${now.remaining_usd / 1e9:.1f}bn" in README


def test_the_readings_beside_the_picture_are_the_ones_there_are() -> None:
    table = readings.compare(position(files.contract("anthropic-xai"), date(2026, 11, 23)))
    counts = table.firm_usd.round(-8).value_counts()
    assert f"value is committed under {counts[3.7e9]} of {len(table)} interpretations" in (README)
    assert (
        f"under {counts[0.0]} it has lapsed ($0), under {counts[37.8e9]} nobody may leave" in README
    )


@pytest.mark.parametrize(
    ("notebook", "words", "lead"),
    [
        ("06", "leasing while building is best", "leasing while building is worth"),
        ("06", "turns most on the price of renting", "The price of renting matters most"),
        ("05", "80 % of the site if", "the best is to lease 80 %"),
        ("05", "53 % if not", "without, 53.3 %"),
        ("04", "in 11 to 29 months", "in 11–28.7 months"),
        ("04", "cover 17 to 56 %", "cover 17.1–56.3 %"),
        ("04", "5 to 84 % across", "5.1–84.4 % across"),
        ("07", "$37.8bn or $3.7bn of backlog", "obligation is $37.8bn or $3.73bn"),
        ("09", "explains 93 % of the variance", "explains 92.9 % of the variance"),
    ],
)
def test_the_table_of_questions_says_what_the_pages_say(
    notebook: str, words: str, lead: str
) -> None:
    [line] = [line for line in README.splitlines() if line.startswith(f"| `{notebook}_")]
    assert words in line
    assert any(lead in text for text in play(notebook).said)


def test_the_smallest_agreement_is_one() -> None:
    deal = files.parse(block("toml"))
    assert set(deal.readings) == {"headline", "as-written", "gated"}


def test_the_worked_example_gives_the_total_that_was_disclosed() -> None:
    [text] = re.findall(r"```\n(id = .*?)```", README, re.S)
    deal = files.parse(text)
    assert position(deal).headline.usd == pytest.approx(7e9, abs=0.005)
    shipped = files.contract(deal.id)
    for key in ("start", "end", "fee", "costs", "delivery", "extension"):
        assert getattr(deal, key) == getattr(shipped, key)


def test_the_python_gives_what_it_says() -> None:
    code = block("python")
    names: dict[str, object] = {}
    exec(code, names)
    shown = re.findall(r"^(\S.*?firm\(\).*?)\s+# (.*)$", code, re.M)
    values = [eval(call, names) for call, _ in shown]
    assert values[0] == pytest.approx(float(shown[0][1].rstrip("…")))
    assert repr(values[1]) == shown[1][1]


def test_the_map_names_every_room() -> None:
    rooms = {path.parent.name for path in (ROOT / "analysis").glob("*/__init__.py")}
    named = re.findall(r"^\| `(\w+)` \|", README.split("## How it is built")[1], re.M)
    assert rooms == set(named)


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
