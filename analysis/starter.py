"""The file that a user begins with: a few questions, and the commented terms they lead to.

Reads and writes nothing: `ask` is given a function that puts a question and returns the answer.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

Answers = dict[str, Any]
TRIES = 20  # of one question; then whoever answers is not reading
SCALES = {"": 1.0, "k": 1e3, "m": 1e6, "bn": 1e9}


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
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day, like 2026-05-03") from None


def _later(text: str, answers: Answers) -> date:
    day = _day(text, answers)
    if not answers["start"] < day <= answers.get("end", date.max):
        until = f" and not after the end {answers['end']}" if "end" in answers else ""
        raise ValueError(f"must be after the first day served, {answers['start']}{until}")
    return day


def amount(text: str, _: Answers) -> float:
    """A number, with separators and k, m or bn behind it.

    >>> amount("1.25bn", {}), amount("1_250_000", {}), amount("300", {})
    (1250000000.0, 1250000.0, 300.0)
    """
    found = re.fullmatch(r"\$?\s*([\d_, ]*\.?\d+(?:e\d{1,2})?)\s*(k|m|bn|)", text.lower())
    if not found:
        raise ValueError("must be a number of 0 or more, like 1.25bn, 300m or 1_250_000")
    return round(float(re.sub(r"[_, ]", "", found[1])) * SCALES[found[2]], 6)


def _whole(text: str, _: Answers) -> int:
    if not re.fullmatch(r"\d{1,5}", text):
        raise ValueError("must be a whole number, like 90")
    return int(text)


def _share(text: str, _: Answers) -> float:
    if not re.fullmatch(r"\d*\.?\d+", text) or not 0 < float(text) <= 1:
        raise ValueError("must be a fraction above 0 and at most 1, like 0.5 for half")
    return float(text)


LEAVE = "Days of notice if the {} leaves (empty: it may not)?"
GATE = "  and not in the first months, how many (empty: none)?"
QUESTIONS = (
    Question("provider", "Who provides the capacity?", _name),
    Question("customer", "Who uses it and pays?", _name),
    Question("id", "A short id for files and pages, like acme-lab-2026?", _id),
    Question("signed", "Signed on (YYYY-MM-DD)?", _day),
    Question("start", "First day served?", _day),
    Question("end", "First day not served?", _later),
    Question("mw", "Megawatts (empty: not known)?", amount, True),
    Question("fee_usd_month", "Full fee in US dollars a month, like 1.25bn?", amount),
    Question("full_from", "Full fee from which day (empty: from the first)?", _later, True),
    Question("discount", "Until then less by which share, 0.5 for half?", _share),
    Question("customer_days", LEAVE.format("customer"), _whole, True),
    Question("customer_gate", GATE, _whole, True),
    Question("provider_days", LEAVE.format("provider"), _whole, True),
    Question("provider_gate", GATE, _whole, True),
)
ONLY_AFTER = {
    "discount": "full_from",
    "customer_gate": "customer_days",
    "provider_gate": "provider_days",
}


def ask(put: Callable[[str], str], say: Callable[[str], None]) -> Answers:
    """Put each question until it is answered with what is allowed; the answers by key.

    An optional question is answered by nothing. Raises ValueError where a question is answered
    wrongly twenty times.
    """
    answers: Answers = {}
    for question in QUESTIONS:
        needed = ONLY_AFTER.get(question.key)
        if needed is None or needed in answers:
            value = _answer(question, answers, put, say)
            if value is not None:
                answers[question.key] = value
    return answers


def _answer(
    question: Question, answers: Answers, put: Callable[[str], str], say: Callable[[str], None]
) -> Any:
    for _ in range(TRIES):
        text = put(question.words + " ").strip()
        if not text and question.optional:
            return None
        try:
            if not text:
                raise ValueError("is needed")
            return question.parse(text, answers)
        except ValueError as error:
            say(f"  {question.key} {text!r} {error}")
    raise ValueError(f"{question.key}: no allowed answer in {TRIES} tries")


def terms(answers: Answers) -> str:
    """The answers as the terms of an agreement in TOML, with comments on what else there is."""
    fee = f"usd_month = {_number(answers['fee_usd_month'])}"
    fees = [f"[[fee]]\nfrom = {answers['start']}\n{fee}"]
    if full := answers.get("full_from"):
        discount = _number(answers["discount"])
        fees[0] += (
            f"\ndiscount = {discount} # undisclosed? {{ low = 0.10, use = 0.50, high = 0.90 }}"
        )
        fees.append(f"[[fee]]\nfrom = {full}\n{fee}")
    parts = [
        HEAD.format(**{key: _written(value) for key, value in answers.items()}),
        f"[capacity]\nmw = {_number(answers['mw'])}\n{CAPACITY}" if "mw" in answers else "",
        *fees,
        *(_right(answers, party) for party in ("customer", "provider")),
        TAIL,
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _right(answers: Answers, party: str) -> str:
    days, gate = answers.get(f"{party}_days"), answers.get(f"{party}_gate")
    if days is None:
        return f"# The {party} has no right to leave.\n# [termination.{party}]\n# notice_days = 90"
    right = f"[termination.{party}]\nnotice_days = {days}"
    return (
        f'{right}\ngate_months = {gate}\ngate_applies = "serving" # or "effect"' if gate else right
    )


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _number(value: float) -> str:
    return f"{int(value):_}" if value == int(value) else repr(value)


HEAD = """
# Check it:  python -m analysis check PATH
# For completion in an editor:  python -m analysis schema > agreement.schema.json
# and make the first line of this file  #:schema ./agreement.schema.json

id = {id}
provider = {provider}
customer = {customer}
signed = {signed}
start = {start} # first day served
end = {end} # first day not served
"""
CAPACITY = """mw_basis = "not stated" # or "facility", "critical IT"
whole_site = false
# accelerators = { H100 = 150_000, GB200 = 30_000 }
"""
TAIL = """
# What else can be written: tranches, late delivery, prepayment and deposit, payment terms,
# escalators, take-or-pay, service credits, termination fees, extensions, renewal, amendments.

# Where the text can be read in more than one way, each way is a reading:
# [readings.gated]
# title = "notice only after three months"
# termination.customer.gate_months = 3

# Where a value comes from:
# [[evidence]]
# field = "fee.usd_month"
# kind = "disclosed" # disclosed | reported | derived | assumed
# source = "quarterly report"
# date = 2026-05-20
# locator = "page 62"
"""
