"""The panels: what they say is what the pages say, and what a reader does to them is answered."""

import base64
import html
import io
import json
import re
import shlex
import subprocess
import sys
import threading
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from played import play, small

from analysis.contract import files
from analysis.data import sources
from analysis.models.market import standing
from analysis.page import notebooks, theme
from analysis.page.panels import Panel
from analysis.questions import panel as questions_panel
from analysis.questions.question import Question, agreement, start

QUESTIONS = {
    "01": "commitment",
    "02": "price",
    "03": "exit",
    "04": "site",
    "05": "lease_out",
    "06": "build_or_rent",
    "07": "accounting",
    "08": "precedent",
    "09": "drivers",
    "10": "changes",
}


def asked(name: str) -> Any:
    """A question's answer."""
    return import_module(f"analysis.questions.{name}.answer").Answer


PANELS = {number: asked(name) for number, name in QUESTIONS.items()}
promise, price, exits, site, leaseout, build, books, precedent, drivers, changes = PANELS.values()
Asked = type[Question]


def panel(module: Asked, **changed: Any) -> Panel:
    """The panel of a notebook, started with some parameters changed, when it has answered."""
    theme.setup()
    [number] = [number for number, each in PANELS.items() if each is module]
    [path] = notebooks.FOLDER.glob(f"{number}*.ipynb")
    book = notebooks.read(path)
    few = {"draws": 20} if module is exits else {}
    start = {**book.parameters, **few, **changed}
    return settled(questions_panel.made(module(**start)))


def settled(made: Panel) -> Panel:
    """The panel when its slow work, if any, is done."""
    if made.work.thread:
        made.work.thread.join()
    return made


def said(made: Panel) -> list[str]:
    """The sentences on the panel as a reader sees them."""
    lines = re.sub(r"<h2.*?</h2>|<dl.*?</dl>", "", made.said.value)
    plain = [re.sub(r"<[^>]*>", "", line) for line in lines.split("</p>")]
    return [html.unescape(line).replace("\xa0", " ") for line in plain if line]


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("number", PANELS)
def test_a_panel_starts_with_what_its_page_says(number: str, name: str) -> None:
    few = {"draws": 20} if number == "03" else {}
    made = panel(PANELS[number], contract=name)
    assert said(made)[0] == play(number, contract=name, **few).said[0]
    [most, *_] = made.box.children[1].children
    assert len(most.children) <= 8
    assert command_line(made).endswith(f"--contract {name}" + (" -p draws=20" if few else ""))


# 02, 07 and 09 are played under every reading by the tests of their pages
@pytest.mark.parametrize("number", [each for each in PANELS if each not in ("02", "07", "09")])
def test_every_reading_of_every_agreement_is_answered(number: str) -> None:
    made = panel(PANELS[number])
    for name in files.contracts():
        made.fields["contract"].put(name)
        settled(made)
        for reading in files.contract(name).readings:
            if reading in dict(made.fields["reading"].box.children[1].children[0].options).values():
                made.fields["reading"].put(reading)
                assert "Refused" not in settled(made).said.value, (name, reading)


@pytest.mark.parametrize("number", PANELS)
def test_the_readers_own_file_is_answered(number: str, tmp_path: Path) -> None:
    made = panel(PANELS[number], contract=small(tmp_path))
    assert "Refused" not in made.said.value
    assert said(made)


def test_sentence_chart_table_and_command_move_together() -> None:
    made = panel(promise, seen_from="as_of")
    before = made.said.value, made.picture.charts, made.table.value, made.command.value
    made.fields["as_of"].put("2027-02-01")
    after = made.said.value, made.picture.charts, made.table.value, made.command.value
    assert all(one != other for one, other in zip(before, after, strict=True))
    made.reset()
    assert (made.said.value, made.picture.charts, made.table.value, made.command.value) == before
    assert made.values == made.start


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("rate", -1.5, "parameter rate = -1.5 is not allowed; allowed: above -1"),
        ("loss_given_default", 60.0, "loss_given_default = 60.0 is not allowed; allowed: from 0"),
        ("as_of", "0002-01-01", "must be a calendar day, like 2026-11-23, from 1900 to 2299"),
    ],
)
def test_what_is_out_of_range_is_refused_and_the_last_answer_stays(
    name: str, value: Any, why: str
) -> None:
    made = panel(promise)
    chart, good = made.picture.charts, made.values[name]
    made.fields[name].put(value)
    assert why in html.unescape(made.said.value)
    assert made.picture.charts == chart
    made.fields[name].put(good)
    assert "Refused" not in made.said.value


def test_a_refusal_of_the_models_is_a_sentence_too() -> None:
    made = panel(site)
    made.fields["assume.power_usd_mwh"].put(-5.0)
    assert "Refused" in made.said.value
    made.reset()
    assert "Refused" not in made.said.value


def test_a_value_between_two_steps_of_a_slider_stays_as_it_is() -> None:
    made = panel(site)
    slider, typed = made.fields["assume.rate_year"].box.children[1].children
    value = typed.value
    slider.value = value + slider.step / 3  # what a browser does that snaps to its steps
    assert (typed.value, made.values["assume"]) == (value, {})
    slider.value = value + slider.step
    assert made.values["assume"] == {"rate_year": typed.value}
    typed.value = value  # as usual: not named any more
    assert made.values["assume"] == {}


def test_another_agreement_brings_its_own_choices() -> None:
    made = panel(site, reading="R1", scope="Colossus 1")
    made.fields["contract"].put("google-spacex")
    assert "Refused" not in made.said.value
    assert (made.values["reading"], made.values["scope"]) == ("", "")


NOTICE, END = "terms.termination.customer.notice_days", "terms.end"


def test_a_term_moved_is_a_parameter_and_what_is_shown_follows() -> None:
    made = panel(promise)
    made.fields[NOTICE].put(180)
    assert said(made)[0].startswith("As if the customer's notice were 180 days: ")
    assert "$7.43bn" in said(made)[0]
    assert "--terms" in command_line(made) or "notice_days" in command_line(made)
    made.fields[NOTICE].put(90)  # as signed: not named any more
    assert made.values["terms"] == {}
    made.fields[END].put("2030-06-01")
    made.fields["contract"].put("reflection-spacex")
    assert made.fields[NOTICE].box.children[1].children[1].value == 90


@pytest.mark.parametrize("name", ["google-spacex", "reflection-spacex", "invented-every-clause"])
def test_a_slider_shows_the_term_in_use(name: str) -> None:
    made = panel(promise)
    made.fields["contract"].put(name)
    assert made.values["terms"] == {}
    end = made.fields[END].box.children[1].children[1].value
    assert end == start(name).read.end


def test_each_control_of_committed_value_moves_what_is_shown_or_says_why_not() -> None:
    moved = {
        "terms.termination.customer.gate_months": 9,
        "terms.termination.customer.fee_months": 2,
        "terms.termination.provider.notice_days": 30,
        "party": "provider",
        "reading": "R0",
        NOTICE: 30,
        END: "2030-06-01",
    }
    for name, value in moved.items():
        made = panel(promise)
        before = made.said.value, _drawn(made), made.table.value
        idle = bool(made.fields[name].box.children[2].value)
        made.fields[name].put(value)
        tiles = re.sub("As if .*?: ", "", made.said.value)
        assert ((tiles, _drawn(made), made.table.value) == before) is idle, name


def _drawn(made: Any) -> str:
    """What charts draw, whatever changed terms are called."""
    drawn = str([each["spec"] for each in made.picture.charts]).replace(", as changed", "")
    return re.sub("data-[0-9a-f]{32}", "", drawn)  # named by what is in it


IDLE: list[tuple[Asked, dict[str, Any], str, list[Any]]] = [
    (promise, {"loss_given_default": 0.0}, "default_probability", [0.0, 0.5]),
    (promise, {"default_probability": 0.0}, "loss_given_default", [0.0, 1.0]),
    (promise, {"as_of": "2040-01-01", "seen_from": "as_of"}, "rate", [0.0, 0.3]),
    (promise, {"as_of": "2026-05-03"}, "seen_from", ["start", "as_of"]),
    (build, {"contract": "reflection-spacex"}, "assume.worth_to_fee", [1.1, 2.0]),
    (leaseout, {"contract": "reflection-spacex"}, "assume.own_use_to_fee", [1.2, 2.0]),
    (exits, {"contract": "reflection-spacex"}, "metric", ["dense throughput", "memory bandwidth"]),
]


def test_a_slider_keeps_its_ends_while_it_is_moved() -> None:
    made = panel(precedent)
    slider = made.fields["capacity_mw"].box.children[1].children[0]
    ends = slider.min, slider.max
    for share in (0.1, 0.2):
        slider.value = share * slider.max
        assert (slider.min, slider.max) == ends


@pytest.mark.parametrize(("module", "changed", "name", "values"), IDLE)
def test_a_control_without_effect_says_why_and_has_none(
    module: Asked, changed: dict[str, Any], name: str, values: list[Any]
) -> None:
    made = panel(module, **changed)
    _, row, why = made.fields[name].box.children
    assert why.value.startswith("<small>no effect: ")
    assert all(part.disabled for part in row.children)
    charts_drawn = []
    for value in values:
        made.fields[name].put(value)
        charts_drawn.append(settled(made).picture.charts)
    assert charts_drawn[0] == charts_drawn[-1]


def test_an_agreement_that_runs_on_is_moved_to_the_end_then_in_force() -> None:
    renews = {"contract": "invented-every-clause", "as_of": "2031-01-01", "seen_from": "as_of"}
    made = panel(promise, **renews)
    for name in ("rate", "default_probability", "loss_given_default"):
        assert not made.fields[name].box.children[1].children[0].disabled, name
    slider = made.fields["as_of"].box.children[1].children[0]
    days = [date.fromordinal(int(day)) for day in (slider.min, slider.value, slider.max)]
    assert days == [date(2026, 1, 15), date(2031, 1, 1), date(2031, 3, 10)]


BESIDE = ["GIX monthly reserved median"]


@pytest.mark.parametrize("number", ["02", "03", "06", "08"])
def test_every_page_judges_by_one_series(number: str) -> None:
    [book] = notebooks.find([number])
    assert book.parameters["source"] == "GIX monthly on-demand median"
    assert book.parameters.get("beside", BESIDE) == BESIDE


def test_every_series_offered_can_be_judged_by() -> None:
    names = standing.sources(sources.prices(), gpu="H100")
    assert {"GIX monthly on-demand median", *BESIDE} <= set(names)
    assert all(standing.until(sources.prices(), date(2026, 11, 23), gpu="H100", source=name)
               for name in names)  # fmt: skip


@pytest.mark.parametrize("module", PANELS.values())
def test_a_control_with_an_effect_is_not_disabled(module: Asked) -> None:
    made = panel(module)
    for name, field in made.fields.items():
        label, row, why = field.box.children
        assert bool(why.value) is row.children[0].disabled, name
        assert re.search(r"<b>\w", label.value)
    assert not made.fields["contract"].box.children[2].value


def test_the_table_can_be_taken_along() -> None:
    made = panel(promise)
    [code] = re.findall(r"href='data:text/csv;charset=utf-8;base64,([^']*)'", made.table.value)
    table = pd.read_csv(io.BytesIO(base64.b64decode(code)))
    assert list(table.columns) == ["step", "usd", "running_usd"]
    assert table.usd.sum() == pytest.approx(table.running_usd.iloc[-1])
    assert "download='01_what_is_committed.csv'" in made.table.value


def command_line(made: Panel) -> str:
    [line] = re.findall(r"<pre[^>]*>(.*?)</pre>", made.command.value)
    return html.unescape(line)


def test_the_command_runs_with_the_panels_parameters(tmp_path: Path) -> None:
    folder = tmp_path / "an agreement's folder"
    folder.mkdir()
    made = panel(promise, contract=small(folder))
    made.fields["rate"].put(0.07)
    made.fields["party"].put("provider")
    made.fields["as_of"].put("2027-01-31")
    words = [sys.executable, *shlex.split(command_line(made))[1:], "--out", str(tmp_path / "out")]
    root = Path(__file__).parents[2]
    subprocess.run(words, cwd=root, check=True, capture_output=True)
    text = (tmp_path / "out" / "small" / f"{made.book.name}.ipynb").read_text(encoding="utf-8")
    ran = json.loads(text)["metadata"]["compute_agreements"]["parameters"]
    apart = {"contract", "interactive"}
    assert {n: v for n, v in ran.items() if n not in apart} == {
        n: v for n, v in made.values.items() if n not in apart
    }


@pytest.mark.parametrize("value", ["R1", "12", "true", "2026-11-23", "a b'c\"d", 0.1, 3, [0, 1.5]])
def test_a_value_is_read_as_it_was_written(value: Any) -> None:
    assert notebooks.literal(notebooks.written(value)) == value
    named = {"rate_year": 0.12, "loan_months": 36}
    assert notebooks.literal(notebooks.written(named)) == named


def test_slow_work_says_how_far_it_is_and_can_be_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = panel(exits, draws=20)
    assert made.busy.layout.visibility == "hidden"
    before, seen = made.said.value, list[float]()
    made.bar.observe(lambda change: seen.append(change.new), "value")
    begun, go_on = threading.Event(), threading.Event()

    def held(found: Question, spread: Any) -> Any:
        def step(number: int) -> int:
            begun.set()
            assert go_on.wait(9)
            return number

        list(spread(step, range(4)))
        return answer(found, spread)

    answer = made._answer
    monkeypatch.setattr(made, "_answer", held)
    made.fields["rate"].put(0.3)
    assert begun.wait(9)
    assert made.busy.layout.visibility == "visible"
    made.cancel()
    go_on.set()
    settled(made)
    assert (made.said.value, made.busy.layout.visibility) == (before, "hidden")
    made.fields["rate"].put(0.31)  # newer work is not held up by what was cancelled
    settled(made)
    assert made.said.value != before
    assert 0.5 in seen


@pytest.mark.parametrize("newer", [False, True])
def test_an_answer_that_is_no_longer_asked_for_is_not_shown(
    newer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even one that was given up after its last step."""
    made = panel(drivers)
    begun, go_on = threading.Event(), threading.Event()
    answer = made._answer

    def held(found: Question, spread: Any) -> Any:
        shown = answer(found, spread)
        if found.given.party == "provider":
            begun.set()
            assert go_on.wait(9)
        return shown

    monkeypatch.setattr(made, "_answer", held)
    made.fields["party"].put("provider")
    old = made.work.thread
    assert begun.wait(9)
    if newer:
        made.fields["party"].put("customer")
        settled(made)
    else:
        made.cancel()
    shown = made.said.value, made.table.value, made.command.value
    assert old
    go_on.set()
    old.join()
    assert (made.said.value, made.table.value, made.command.value) == shown
    assert made.busy.layout.visibility == "hidden"


def test_an_agreement_in_a_file_is_read_anew_each_time(tmp_path: Path) -> None:
    path = Path(small(tmp_path))
    values = {"contract": str(path)}
    assert agreement(values["contract"]).customer == "Lab"
    path.write_text(path.read_text().replace('"Lab"', '"Laboratory"'))
    assert agreement(values["contract"]).customer == "Laboratory"


def test_a_report_has_no_panel_and_imports_none() -> None:
    """To make the panel's script takes a kernel over a second."""
    code = """
import sys
from analysis.questions.changes.answer import Answer
assert Answer(interactive=False).panel() is None
print("analysis.page.panels" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
