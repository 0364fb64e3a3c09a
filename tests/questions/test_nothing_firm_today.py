"""Firm may be $0 and that is an answer: no page takes it for none, or contradicts another."""

import re
from pathlib import Path

import pytest
from degenerate import DAY, SITE, _agreement, _right

from tests.sentences import QUESTIONS, of, wrong

FEE = "fee = [{ from = FROM, usd_month = 60_000_000 }]"
MONTH = _right("notice_days = 30")
AMENDED = """
[[amendment]]
title = "a year of notice from March on"
signed = 2026-11-01
effective = 2027-03-01
terms = { termination = { customer = { notice_days = 400 }, provider = { notice_days = 400 } } }
"""
TRANCHES = f"""
[[tranche]]
name = "one"
capacity = {SITE}
fee = [{{ from = 2026-05-03, usd_month = 0 }}]
[[tranche]]
name = "two"
capacity = {SITE}
fee = [{{ from = 2027-02-01, usd_month = 60_000_000 }}]
"""
AHEAD = """
[prepayment]
usd = 2_300_000_000
paid = 2026-05-03
credit_from = 2026-05-03
refundable = false
"""
FREE = "fee = [{ from = FROM, usd_month = 0 }, { from = 2027-01-01, usd_month = 60_000_000 }]"
OVER = "fee = [{ from = FROM, usd_month = 60_000_000 }, { from = 2026-10-01, usd_month = 0 }]"
LATE = "delivery = { due = 2027-03-01, remedy = 'exit' }"
CASES = {
    "free at first": _agreement(fee=FREE, right=MONTH),
    "firm from March on": _agreement(AMENDED, fee=FEE, right=_right("notice_days = 0")),
    "first tranche free": _agreement(TRANCHES, fee="", site="", right=MONTH),
    "all conditional on delivery": _agreement(LATE, start="2027-03-01", fee=FEE, right=""),
    "prepaid": _agreement(AHEAD, fee=FEE, right=MONTH),
    "after the last fee": _agreement(fee=OVER, right=MONTH),
}
APART = [
    (r"nothing of the \$|[Nn]othing is (?:committed|firm)|\$0 is firm",
     r"Everything is committed under|[Aa]ll \$[\d.]+\w* (?:are|is|from [\w ]+ is) committed\."),
    (r"nothing is left to serve", r"over the 3\d(?:\.\d)? months left"),
    (r"[Nn]o fee is due(?! on)", r"\$[1-9][\d.]*\w* (?:of fees left|of remaining|remaining)"),
    (r"not defined", r"committed"),
]  # fmt: skip
"""What cannot be said of one agreement on one day, on whatever pages."""


@pytest.mark.parametrize("case", CASES)
def test_no_page_takes_nothing_firm_for_no_answer(case: str, tmp_path: Path) -> None:
    path = tmp_path / "nothing.toml"
    path.write_text(CASES[case], encoding="utf-8")
    said = {name: of(name, path, "", DAY) for name in QUESTIONS}
    assert not [text for texts in said.values() for text in texts if wrong(text)]
    everything = " ".join(text for texts in said.values() for text in texts)
    waits = "conditional on delivery" in everything
    for one, other in APART:
        found = [re.search(each, everything, re.I) for each in (one, other)]
        assert not all(found) or waits, [each and each[0] for each in found]
    if waits:
        assert "is committed once delivered" in said["changes"][0]
        for name in ("site", "accounting", "drivers", "precedent", "exit"):
            assert said[name][0].startswith("Fees conditional on delivery count as committed."), (
                name
            )
