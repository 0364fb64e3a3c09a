"""The file that a user begins with: a few questions, and the commented terms they lead to.

Reads and writes nothing: `ask` is given a function that puts a question and returns the answer.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from analysis.contract.dates import add_months
from analysis.contract.fields import PARTIES
from analysis.data.texts import per_cent
from analysis.page.sheet import odd_end, odd_fee, odd_lock_in, odd_mw
from analysis.run import pages

Answers = dict[str, Any]
TRIES = 20  # of one question; then whoever answers is not reading
SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "mn": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
NUMBER = re.compile(
    r"\$?\s*(?:(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+(?:_\d+)*)?(?:\.(?P<part>\d+))?"
    r"|(?P<units>\d+),(?P<decimals>\d{1,2}))(?:e(?P<power>\d{1,2}))?\s*(?P<scale>[a-z]*)"
)
FIRST_YEAR, LAST_YEAR = 1900, 2299
MOST_YEARS, MOST_YEARS_APART, MOST_MONTHS = 40, 10, 1_200  # beyond is asked for again


class Question(NamedTuple):
    """What is asked for `key`; `parse` turns an answer into a value or says what is allowed."""

    key: str
    words: str
    parse: Callable[[str, Answers], Any]
    optional: bool = False


def _name(text: str, _: Answers) -> str:
    if not text.isprintable():
        raise ValueError("must be plain text")
    return text


def _id(text: str, _: Answers) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", text):
        raise ValueError("must be small letters, digits and dashes, like acme-lab-2026")
    return text


def _day(text: str, _: Answers) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"must be a day, like 2026-05-03, from {FIRST_YEAR} to {LAST_YEAR}")
    return day


def _later(text: str, answers: Answers) -> date:
    day = _day(text, answers)
    if not answers["start"] < day <= answers.get("end", date.max):
        until = f" and not after the end {answers['end']}" if "end" in answers else ""
        raise ValueError(f"must be after the first day served, {answers['start']}{until}")
    return day


def _scaled(text: str, _: Answers, *, scales: dict[str, float], like: str) -> float:
    """A number, with separators between thousands; one decimal comma at most."""
    found = NUMBER.fullmatch(text.lower().strip())
    digits = found and (found["whole"] or found["part"] or found["decimals"])
    if not found or not digits or found["scale"] not in scales:
        raise ValueError(f"must be a number of 0 or more, like {like}")
    whole = re.sub(r"[_, ]", "", found["whole"] or found["units"] or "0")
    part = found["part"] or found["decimals"] or "0"
    value = float(f"{whole}.{part}e{found['power'] or 0}") * scales[found["scale"]]
    return round(value, 6)


def _whole(text: str, _: Answers, *, unit: str, like: str, other: str) -> int:
    """A whole number of days or months; another unit is refused."""
    found = re.fullmatch(rf"(\d{{1,5}})(?: *{unit}s?)?", text.lower())
    if not found:
        raise ValueError(
            f"must be a whole number, like {like}, of {unit}s; another unit is written in the file "
            f"afterwards, as {other} = ..."
        )
    return int(found[1])


amount = partial(_scaled, scales=SCALES, like="1.25bn, 300m or 1_250_000")
megawatts = partial(_scaled, scales={"": 1.0, "mw": 1.0, "gw": 1e3}, like="300 or 1.2 GW")
days = partial(_whole, unit="day", like="90", other="notice_months")
months = partial(_whole, unit="month", like="3", other="gate_days")


def _share(text: str, _: Answers) -> float:
    found = re.fullmatch(r"(\d*[.,]?\d+) *(%?)", text)
    number = float(found[1].replace(",", ".")) if found else 0.0
    value = number / (100 if found and found[2] else 1)
    if not 0 < value <= 1:
        meant = per_cent(value) if found and not found[2] else ""
        raise ValueError(f"must be a fraction above 0 and at most 1, like 0.5 for half{meant}")
    return value


def _doubt(key: str, value: Any, answers: Answers) -> str:
    """Why an allowed answer may still be a slip, "" where nothing is odd."""
    start, end = answers.get("start", date.min), answers.get("end")
    if key == "fee_usd_month":
        return odd_fee(value)
    if key == "mw":
        return odd_mw(value)
    if key == "start" and abs((value - answers["signed"]).days) > MOST_YEARS_APART * 366:
        return f"{value} is years from the signature, {answers['signed']}"
    if key == "end" and (value - start).days > MOST_YEARS * 366:
        return f"a term from {start} to {value} is more than {MOST_YEARS} years"
    if key == "end":
        return odd_end(value)
    if key.endswith("_gate") and end:
        return odd_lock_in(add_months(start, min(value, MOST_MONTHS)), end)
    if key.endswith("_days") and end and value > (end - start).days:
        return f"{value} days of notice are longer than the term, {(end - start).days} days"
    return ""


LEAVE = "Days of notice if the {} leaves (empty: it may not)?"
GATE = "  and not in the first months, how many (empty: none)?"
QUESTIONS = (
    Question("provider", "Who provides the capacity?", _name),
    Question("customer", "Who uses it and pays?", _name),
    Question("id", "A short id for files and pages, like acme-lab-2026?", _id),
    Question("signed", "Signed on (YYYY-MM-DD)?", _day),
    Question("start", "First day served?", _day),
    Question("end", "First day not served?", _later),
    Question("mw", "Megawatts (empty: not known)?", megawatts, True),
    Question("fee_usd_month", "Full fee in US dollars a month, like 1.25bn?", amount),
    Question("full_from", "Full fee from which day (empty: from the first)?", _later, True),
    Question("discount", "Until then less by which share, 0.5 for half?", _share),
    Question("customer_days", LEAVE.format("customer"), days, True),
    Question("customer_gate", GATE, months, True),
    Question("provider_days", LEAVE.format("provider"), days, True),
    Question("provider_gate", GATE, months, True),
)
ONLY_AFTER = {"discount": "full_from"}
ONLY_AFTER |= {f"{party}_gate": f"{party}_days" for party in PARTIES}


def ask(put: Callable[[str], str], say: Callable[[str], None]) -> Answers:
    """Put each question until it is answered with what is allowed; the answers by key.

    An optional question is answered by nothing. What is allowed but not plausible is asked for
    again, and kept where the answer stays. Raises ValueError after twenty wrong answers to one.
    """
    answers: Answers = {}
    for question in QUESTIONS:
        needed = ONLY_AFTER.get(question.key)
        if needed is None or needed in answers:
            value = _answer(question, answers, put, say)
            answers |= {} if value is None else {question.key: value}
    return answers


def _answer(
    question: Question, answers: Answers, put: Callable[[str], str], say: Callable[[str], None]
) -> Any:
    doubted: tuple[str, Any] | None = None
    for _ in range(TRIES):
        text = put(question.words + " ").strip()
        if not text and question.optional:
            return None
        if doubted and text.lower() in (doubted[0], "y", "yes"):
            return doubted[1]
        try:
            if not text:
                raise ValueError("is needed")
            value = question.parse(text, answers)
        except ValueError as error:
            say(f"  {question.key} {text!r} {error}")
            continue
        if not (doubt := _doubt(question.key, value, answers)):
            return value
        say(f"  {question.key}: {doubt}; answer again, or yes to keep it")
        doubted = text.lower(), value
    raise ValueError(f"{question.key}: no allowed answer in {TRIES} tries")


def terms(answers: Answers) -> str:
    """The answers as the terms of an agreement in TOML, with comments on what else there is."""
    rights = [(p, answers.get(f"{p}_days"), answers.get(f"{p}_gate")) for p in PARTIES]
    return pages.filled("new.toml", **answers, toml=_written, rights=rights)


def _written(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"{int(value):_}" if value == int(value) else repr(value)
