"""What a user begins with: questions, the file they lead to, the schema for editors."""

import io
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from analysis.__main__ import main
from analysis.contract import files, position
from analysis.data import texts
from analysis.run import starter

CONTRACTS = texts.DATA / "contracts"
ANSWERS = {
    "provider": 'Acme "Compute" \\ é',
    "customer": "Lab",
    "id": "acme-lab-2026",
    "signed": "2026-05-03",
    "start": "2026-05-03",
    "end": "2029-06-01",
    "mw": "300",
    "fee_usd_month": "1.25bn",
    "full_from": "2026-07-01",
    "discount": "0.5",
    "customer_days": "90",
    "customer_gate": "3",
    "provider_days": "",
}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def typed(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))

    return typed


def test_the_answers_become_an_agreement(tmp_path: Path, typed: Any) -> None:
    typed(*ANSWERS.values())
    path = tmp_path / "mine.toml"
    assert main(["new", str(path)]) == 0
    deal = files.contract(path)
    assert (deal.provider, deal.capacity.mw) == (ANSWERS["provider"], 300)
    assert deal.termination.provider is None
    assert deal.termination.customer is not None
    assert (deal.termination.customer.notice_days, deal.termination.customer.gate_months) == (90, 3)
    assert position(deal).firm().end == date(2026, 11, 1)  # 90 days from 3 August
    assert position(deal).headline.rows.fee_usd.iloc[1] == 625_000_000


@pytest.mark.parametrize(
    "left_out", [["mw"], ["full_from", "discount"], ["customer_days", "customer_gate"]]
)
def test_what_is_not_known_is_left_out(tmp_path: Path, typed: Any, left_out: list[str]) -> None:
    first = left_out[0]
    typed(*("" if key == first else text for key, text in ANSWERS.items()
            if key == first or key not in left_out))  # fmt: skip
    assert main(["new", str(tmp_path / "mine.toml")]) == 0
    deal = files.contract(tmp_path / "mine.toml")
    assert deal.capacity.mw == (None if first == "mw" else 300)
    assert len(deal.fee) == (1 if first == "full_from" else 2)
    assert (deal.termination.customer is None) is (first == "customer_days")


@pytest.mark.parametrize(
    ("key", "wrong", "said"),
    [
        ("provider", "", "provider '' is needed"),
        ("id", "../mine", "small letters, digits and dashes"),
        ("signed", "2026-02-30", "signed '2026-02-30' must be a day, like 2026-05-03"),
        ("end", "2026-05-03", "after the first day served, 2026-05-03"),
        ("fee_usd_month", "-5", "a number of 0 or more, like 1.25bn"),
        ("full_from", "2030-01-01", "not after the end 2029-06-01"),
        ("discount", "50", "a fraction above 0 and at most 1"),
        ("customer_days", "ninety", "a whole number, like 90"),
        (
            "customer_days",
            "3 months",
            "of days; another unit is written in the file afterwards, as notice_months",
        ),
        (
            "customer_gate",
            "90 days",
            "of months; another unit is written in the file afterwards, as gate_days",
        ),
        ("customer_gate", "2 years", "of months"),
    ],
)
def test_a_wrong_answer_is_asked_for_again(key: str, wrong: str, said: str) -> None:
    def lines() -> Iterator[str]:
        for name, text in ANSWERS.items():
            if name == key:
                yield wrong
            yield text

    answers, heard = lines(), []
    found = starter.ask(lambda _: next(answers), heard.append)
    assert len(heard) == 1
    assert said in heard[0]
    assert files.parse(starter.terms(found)).customer == "Lab"


def test_what_is_typed_is_read_as_typed_or_refused() -> None:
    for text, value in (("1,25bn", 1.25e9), ("1,250,000", 1.25e6), ("0,5", 0.5), ("1 250", 1250.0),
                        ("$1.25 billion", 1.25e9), ("1_250_000", 1.25e6)):  # fmt: skip
        assert starter.amount(text, {}) == value
    for text in (
        "1,2500",
        "12,5000",
        "1,,250",
        "1,250,00",
        ",5",
        "1.250.000",
        "",
        "$",
        "m",
        "250 MW",
    ):
        with pytest.raises(ValueError, match="must be a number"):
            starter.amount(text, {})
    assert starter.megawatts("1,2 GW", {}) == 1200
    with pytest.raises(ValueError, match="must be a number"):
        starter.megawatts("250m", {})


@pytest.mark.parametrize(
    ("key", "odd", "said"),
    [
        ("fee_usd_month", "1.25", "$1.25 a month is outside what fees are"),
        ("fee_usd_month", "1,250bn", "$1,250,000,000,000 a month is outside"),
        ("mw", "0", "0 MW is no capacity"),
        ("mw", "250000", "250,000 MW is more than any site has"),
        ("start", "2062-05-03", "2062-05-03 is years from the signature, 2026-05-03"),
        (
            "end",
            "2029-06-30",
            "last day of a quarter; if it is still served, the end is 2029-07-01",
        ),
        ("end", "2029-05-31", "last day of a month; if it is still served, the end is 2029-06-01"),
        ("end", "2092-06-01", "is more than 40 years"),
        ("customer_days", "9000", "9000 days of notice are longer than the term, 1125 days"),
        (
            "customer_gate",
            "90",
            "a lock-in until 2033-11-03 is longer than the term, to 2029-06-01",
        ),
    ],
)
@pytest.mark.parametrize("kept", ["", "yes", "again"])
def test_what_is_not_plausible_is_asked_for_again_and_kept_if_meant(
    key: str, odd: str, said: str, kept: str
) -> None:
    def lines() -> Iterator[str]:
        for name, text in ANSWERS.items():
            if name == key:
                yield odd
            if name != key or not kept:
                yield text
            else:
                yield odd if kept == "again" else kept

    answers, heard = lines(), []
    if key == "start" and kept:
        return  # then no end of these answers is allowed
    found = starter.ask(lambda _: next(answers), heard.append)
    assert said in heard[0]
    typed = iter(ANSWERS.values())
    right = starter.ask(lambda _: next(typed), heard.append)
    assert (found[key] == right[key]) is not bool(kept)


def test_what_was_understood_is_read_back_before_anything_is_written(
    tmp_path: Path, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for answer, code in (("no", 1), ("yes", 0)):
        typed(*ANSWERS.values(), answer)
        assert main(["new", str(tmp_path / "a b.toml")]) == code
        said = capsys.readouterr()
        assert "term: 36 months and 29 days, 2026-05-03 to 2029-05-31" in said.err
        assert (tmp_path / "a b.toml").exists() is (answer == "yes")
    command = said.out.partition("next: ")[2].replace("report --contract", "check")
    assert subprocess.run(command, shell=True, capture_output=True).returncode == 0


UNDERSTOOD = [
    "term: 36 months and 29 days, 2026-05-03 to 2029-05-31, the last day of service",
    "first monthly fee: $625,000,000, in May 2026",
    "last monthly fee: $1,250,000,000, in May 2029",
    "total to the stated end: $44,959,677,419.35",
    "customer: may terminate on 90 days' notice, served from 2026-08-03: "
    "last day of service 2026-10-31 at the earliest",
    "provider: may not terminate for convenience",
]


def test_check_takes_facts_from_another_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = tmp_path / "facts.toml"
    told = '[[fact]]\nkind = "delivered"\ndate = 2027-08-01\nvalue = 1.0\nsource = "s"\n'
    facts.write_text(told)
    assert main(["check", "hut8-fluidstack", "--facts", str(facts)]) == 0
    assert "committed on 2027-08-01, the first day of service" in capsys.readouterr().out
    facts.write_text(told.replace("1.0", "2.0"))
    assert main(["check", "hut8-fluidstack", "--facts", str(facts)]) == 1
    assert "delivered 2 on 2027-08-01; allowed: 0 to 1" in capsys.readouterr().err


def test_check_tells_what_was_understood(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = iter(ANSWERS.values())
    text = starter.terms(starter.ask(lambda _: next(given), print))
    (tmp_path / "a.toml").write_text(text)
    assert main(["check", str(tmp_path / "a.toml")]) == 0
    said = capsys.readouterr().out
    assert [line for line in UNDERSTOOD if line not in said.splitlines()] == []
    assert "hint" not in said
    (tmp_path / "a.toml").write_text(
        text.replace("2029-06-01", "2029-06-30").replace("mw = 300", "mw = 300_000")
        .replace("gate_months = 3", "gate_months = 90")
    )  # fmt: skip
    assert main(["check", str(tmp_path / "a.toml")]) == 0
    said = capsys.readouterr().out
    assert "hint: 2029-06-30 is the last day of a quarter" in said
    assert "hint: a lock-in until 2033-11-03 is longer than the term" in said
    assert "hint: 300,000 MW is more than any site has" in said
    assert "customer: may terminate on 90 days' notice, served from 2033-11-03: too late" in said


def test_answers_that_stop_write_nothing(
    tmp_path: Path, typed: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("Acme", "Lab")
    assert main(["new", str(tmp_path / "mine.toml")]) == 1
    assert not list(tmp_path.iterdir())
    assert "nothing is written" in capsys.readouterr().err


def test_what_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("old")
    assert main(["new", str(path)]) == 1
    assert path.read_text() == "old"
    assert "already there" in capsys.readouterr().err


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def schema(capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(["schema"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_schema_takes_what_is_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    check = jsonschema.Draft202012Validator(schema(capsys))
    for name in files.contracts():
        text = (CONTRACTS / f"{name}.toml").read_text()
        assert [error.message for error in check.iter_errors(plain(tomllib.loads(text)))] == []


def test_the_schema_says_of_every_key_what_it_means_and_in_which_unit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = schema(capsys)
    keys = [
        (f"{table}.{key}", one)
        for table, clause in [("Agreement", found), *found["$defs"].items()]
        for key, one in clause.get("properties", {}).items()
    ]
    assert len(keys) > 150
    assert [key for key, one in keys if len(one.get("description", "").split()) < 2] == []
    told = {key: one["description"] for key, one in keys}
    numbers = [
        key for key, one in keys if re.search(r'"(number|integer)"|/Range"', json.dumps(one))
    ]
    assert [key for key in numbers if not re.search(r"Unit: [^.?]", told[key])] == []
    assert told["Fee.usd_month"].endswith("Unit: US dollars a month.")


def test_the_template_shows_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    found = schema(capsys)
    text = (CONTRACTS.parent / "template.toml").read_text()
    files.parse(text)
    tables = [found, *found["$defs"].values()]
    keys = {key for table in tables for key in table.get("properties", {})}
    shown = {key for key in keys if re.search(rf"(^|[\[{{. #,`]){key}( =|[\].])", text, re.M)}
    assert keys - shown == {"high", "low", "use"} - shown


@pytest.mark.parametrize(
    "changed",
    [{"fees": []}, {"start": 5}, {"proration": "monthly"}, {"termination": {"custmer": {}}}],
)
def test_the_schema_refuses_what_is_wrong(
    changed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    text = (CONTRACTS / "anthropic-xai.toml").read_text()
    check = jsonschema.Draft202012Validator(schema(capsys))
    assert list(check.iter_errors(plain(tomllib.loads(text)) | changed))


def test_the_unit_asked_for_may_be_typed() -> None:
    assert [starter.days(text, {}) for text in ("90", "1 day", "90 Days")] == [90, 1, 90]
    assert [starter.months(text, {}) for text in ("3", "1 month", "3months")] == [3, 1, 3]


def test_a_share_in_per_cent_is_not_taken_for_a_fraction() -> None:
    assert starter.QUESTIONS[9].parse("50%", {}) == 0.5
    with pytest.raises(ValueError, match=r"did you mean 0.5 \(50 %\)"):
        starter.QUESTIONS[9].parse("50", {})
    with pytest.raises(ValueError, match=r"like 0\.5 for half$"):
        starter.QUESTIONS[9].parse("150%", {})
