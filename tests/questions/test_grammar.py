"""Whatever an agreement says, every sentence about it is one: words, plurals, ranges, signs."""

from pathlib import Path
from typing import Any

import pytest
from degenerate import DAY, EDGES, READ, _agreement, _right

from tests.sentences import QUICK, SLOW, of, wrong

FULL = ("no fee at first", "tranches alone", "notice longer than the term")  # through slow ones too
FEE = "fee = [{ from = FROM, usd_month = AMOUNT }]"
ODD = EDGES | {
    "free, then dear": _agreement(
        fee="fee = [{ from = FROM, usd_month = 0 }, { from = 2027-01-01, usd_month = 60_000_000 }]",
        right=_right("notice_days = 30"),
    ),
    "dear, then free": _agreement(
        fee="fee = [{ from = FROM, usd_month = 9_000_000 }, { from = 2026-10-01, usd_month = 0 }]"
    ),
    "a cent": _agreement(fee=FEE.replace("AMOUNT", "0.01")),
    "a fortune": _agreement(fee=FEE.replace("AMOUNT", "1e15")),
    "over": _agreement(start="2024-01-01", end="2026-01-01").replace("2026-05-03", "2024-01-01"),
    "a year of notice": _agreement(right=_right("notice_months = 12, gate_months = 1")),
    "1,200 months of notice": _agreement(right=_right("notice_months = 1_200")),
    "customer alone": _agreement(right="termination = { customer = { notice_days = 1 } }"),
    "provider alone": _agreement(right="termination = { provider = { notice_days = 1 } }"),
    "a fee to leave": _agreement(right=_right("notice_days = 1, fee_months = 1")),
    "a gate at the end": _agreement(right=_right("notice_days = 0, gate_date = 2029-06-01")),
    "one option": _agreement("extension = [{ months = 1, notice_days = 1 }]"),
    "renewal": _agreement("renewal = { months = 1, notice_days = 1 }"),
    "one accelerator": _agreement(site="capacity = { mw = 1, accelerators = { H100 = 1 } }"),
    "arrears": _agreement("payment = { timing = 'arrears', days_to_pay = 365 }"),
    "another reading": _agreement('[readings.one]\ntitle = "1 day"\ntermination = "none"'),
}


@pytest.mark.parametrize("odd", ODD)
def test_every_sentence_is_one(odd: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(ODD[odd], encoding="utf-8")
    bad: list[Any] = []
    for name in QUICK + (SLOW if odd in FULL else ()):
        reading = "" if name == "changes" else READ.get(odd, "")
        bad += [(name, why, one) for one in of(name, path, reading, DAY) if (why := wrong(one))]
    assert not bad


@pytest.mark.parametrize(
    "text",
    ["It cannot be said: .", "a  b", "It is −$0.0000.", "1 judgements are open", "12 month",
     "nan", "from $5m to $5m", "5–5 %"],
)  # fmt: skip
def test_nonsense_is_refused(text: str) -> None:
    assert wrong(text)
