"""The runner of case P10, on cases invented in the same shape; see `outside_actus`."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import outside_actus

TERMS = {
    "statusDate": "2026-01-01T00:00:00",
    "initialExchangeDate": "2026-01-31T00:00:00",
    "maturityDate": "2026-06-15T00:00:00",
    "notionalPrincipal": " 36500",
    "nominalInterestRate": "0.1",
    "cycleAnchorDateOfInterestPayment": "2026-01-31T00:00:00",
    "cycleOfInterestPayment": "P1ML1",
    "dayCountConvention": "A365",
    "endOfMonthConvention": "SD",
    "contractRole": "RPA",
}
"""Ten a day."""


def case(events: list[tuple[str, str, float]], data: Any = None, **terms: str) -> dict[str, Any]:
    results = [{"eventDate": f"{d}T00:00", "eventType": k, "payoff": usd} for d, k, usd in events]
    return {"terms": TERMS | terms, "dataObserved": data or {}, "results": results}


START = [("2026-01-31", "IED", -36_500.0), ("2026-01-31", "IP", 0.0)]
MONTHLY = [("2026-02-28", "IP", 280.0), ("2026-03-31", "IP", 310.0), ("2026-04-30", "IP", 300.0)]
SHORT = [("2026-05-31", "IP", 310.0), ("2026-06-15", "IP", 150.0), ("2026-06-15", "MD", 36_500.0)]
LONG = [("2026-06-15", "IP", 460.0), ("2026-06-15", "MD", 36_500.0)]
NEW_RATE = {"M": {"data": [{"timestamp": "2026-03-31T00:00:00", "value": "0.04"}]}}
CASES = {
    "a short last period": case(START + MONTHLY + SHORT),
    "joined to the one before": case(START + MONTHLY + LONG, cycleOfInterestPayment="P1ML0"),
    "owed, not lent": case(
        [(d, k, -usd) for d, k, usd in START + MONTHLY + SHORT], contractRole="RPL"
    ),
    "every 60 days, at a premium": case(
        [("2026-01-31", "IED", -36_400.0), START[1], ("2026-04-01", "IP", 600.0),
         ("2026-05-31", "IP", 600.0), *SHORT[1:]],
        cycleOfInterestPayment="P60DL1", premiumDiscountAtIED=" -100",
    ),
    "off weekends, counted as planned": case(
        [*START, ("2026-03-02", "IP", 280.0), *MONTHLY[1:], ("2026-06-01", "IP", 310.0),
         *SHORT[1:]],
        businessDayConvention="CSF",
    ),
    "off weekends, within the month, counted as moved": case(
        [*START, ("2026-02-27", "IP", 270.0), ("2026-03-31", "IP", 320.0), MONTHLY[2],
         ("2026-05-29", "IP", 290.0), ("2026-06-15", "IP", 170.0), SHORT[2]],
        businessDayConvention="SCMF",
    ),
    "a new rate": case(
        START + MONTHLY[:2] + [("2026-03-31", "RR", 0.0), ("2026-04-30", "IP", 270.0),
                               ("2026-05-31", "IP", 279.0), ("2026-06-15", "IP", 135.0), SHORT[2]],
        NEW_RATE, cycleAnchorDateOfRateReset="2026-03-31T00:00:00", cycleOfRateReset="P6ML1",
        marketObjectCodeOfRateReset="M", rateMultiplier="2", rateSpread="0.01",
    ),
    "capitalised": case(
        [START[0], ("2026-01-31", "IPCI", 0.0), ("2026-02-28", "IPCI", 0.0),
         ("2026-06-15", "IP", 36_780 / 36_500 * 10 * 107), ("2026-06-15", "MD", 36_780.0)],
        cycleOfInterestPayment="P9ML1", capitalizationEndDate="2026-02-28T00:00:00",
    ),
    "bought and sold": case(
        [("2026-02-10", "PRD", -900.0), MONTHLY[0], ("2026-03-05", "TD", 850.0)],
        purchaseDate="2026-02-10T00:00:00", priceAtPurchaseDate="800",
        terminationDate="2026-03-05T00:00:00", priceAtTerminationDate="800",
    ),
    "a fee a year": case(
        [*START, ("2026-01-31", "FP", 0.0), ("2026-06-15", "IP", 1350.0),
         ("2026-06-15", "FP", 135.0), SHORT[2]],
        cycleOfInterestPayment="P9ML1", cycleAnchorDateOfFee="2026-01-31T00:00:00",
        cycleOfFee="P9ML1", feeRate="0.01", feeBasis="N",
    ),
    "the last second of a day": case(
        START + MONTHLY + [SHORT[0], ("2026-06-15", "IP", 160.0), SHORT[2]],
        maturityDate="2026-06-15T23:59:59",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_p10_cases_of_the_same_shape_agree(name: str) -> None:
    assert outside_actus.difference(CASES[name]) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        ("2026-02-28", "IP", 280.00001),
        ("2026-02-27", "IP", 280.0),
        ("2026-02-28", "FP", 280.0),
    ],
)
def test_a_wrong_amount_day_or_kind_is_found(wrong: tuple[str, str, float]) -> None:
    said = outside_actus.difference(case([*START, wrong, *MONTHLY[1:], *SHORT]))
    assert said.startswith("ours 2026-02-28 IP 280.0")


def test_an_event_left_out_is_found() -> None:
    assert outside_actus.difference(case(START + MONTHLY)) == "ours 8 events, theirs 5"


def test_a_file_is_run_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(CASES))
    assert outside_actus.main([str(path)]) == 0
    assert capsys.readouterr().out == f"{len(CASES)} of {len(CASES)} cases agree\n"
    path.write_text(json.dumps(CASES | {"broken": case(START)}))
    assert outside_actus.main([str(path)]) == 1
    assert capsys.readouterr().out.startswith("broken: ours")
