"""What the README promises: its picture, its agreement, its Python."""

import re
from datetime import date
from pathlib import Path

import pytest
import vl_convert
from played import play

from analysis.contract import files, readings
from analysis.page import theme
from analysis.questions.commitment import charts as draw
from analysis.questions.commitment import words as say

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "notebooks" / "01_what_is_committed.svg"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    [text] = re.findall(rf"```{language}\n(.*?)```", README, re.S)
    return str(text)


def picture() -> str:
    deal, day = files.contract("anthropic-xai"), date(2026, 11, 23)
    windows = readings.windows(deal, as_of=day)
    title = str(say.window_title(windows, as_of=day))
    theme.setup()
    chart = draw.timeline(windows, readings.marks(deal), as_of=day, title=title)
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def test_the_picture_is_what_the_notebook_draws() -> None:
    """To draw it anew: `.venv/bin/python tests/test_readme.py`."""
    assert picture() == PICTURE.read_text(encoding="utf-8")


def test_the_sums_beside_the_picture_are_the_ones_computed() -> None:
    now = readings.one(files.contract("anthropic-xai"), "R2", as_of=date(2026, 11, 23))
    assert f"${now.firm_usd / 1e9:.1f}bn of the ${now.headline_usd / 1e9:.1f}bn" in README


def test_the_readings_beside_the_picture_are_the_ones_there_are() -> None:
    table = readings.compare(files.contract("anthropic-xai"), as_of=date(2026, 11, 23))
    counts = table.firm_usd.round(-8).value_counts()
    assert (
        f"$3.7bn of the $37.8bn left on paper is promised under {counts[3.7e9]} of {len(table)}"
        in (README)
    )
    assert (
        f"under {counts[0.0]} it has lapsed ($0), under {counts[37.8e9]} nobody may leave" in README
    )


@pytest.mark.parametrize(
    ("notebook", "words", "lead"),
    [
        ("06", "leasing while building is best", "is to lease while building"),
        ("06", "turns most on the price of renting", "It turns most on the price of renting"),
        ("04", "in 11 to 37 months", "back in 11 months to 36.9 months"),
        ("04", "covers 4 to 84 %", "covers 3.8 % to 83.8 %"),
        ("07", "$37.8bn or $3.7bn of backlog", "a backlog of $37.83bn"),
        ("07", "$37.8bn or $3.7bn of backlog", "or $3.73bn"),
        ("09", "explains 96 % of the variance", "The clause explains 96 %"),
    ],
)
def test_the_table_of_questions_says_what_the_pages_say(
    notebook: str, words: str, lead: str
) -> None:
    [line] = [line for line in README.splitlines() if line.startswith(f"| `{notebook}_")]
    assert words in line
    assert lead in play(notebook).said[0]


def test_the_smallest_agreement_is_one() -> None:
    deal = files.parse(block("toml"))
    assert set(deal.readings) == {"headline", "as-written", "gated"}


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
