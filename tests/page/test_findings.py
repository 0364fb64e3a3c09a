"""Findings: numbers come from named figures, in words, in HTML and as data."""

import json
import math
from datetime import date, datetime
from typing import Any

import pytest

from analysis.page.findings import (
    MIME,
    Figure,
    count,
    day,
    days,
    finding,
    months,
    quantity,
    share,
    usd,
)


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        (usd(3.67e9), "$3.67bn"),
        (usd(40e9), "$40bn"),
        (usd(3.7e9), "$3.70bn"),
        (usd(-1.25e9), "−$1.25bn"),
        (usd(999_999_999.0), "$1bn"),
        (usd(480e6), "$480m"),
        (usd(12_345.4), "$12,345"),
        (usd(0), "$0"),
        (usd(math.nan), "not defined"),
        (usd(math.inf), "not defined"),
        (share(0.055), "5.5 %"),
        (share(1), "100 %"),
        (share(-0.00001), "0 %"),
        (months(37), "37 months"),
        (months(1), "1 month"),
        (days(90), "90 days"),
        (day(date(2026, 11, 23)), "23 November 2026"),
        (day(datetime(2026, 11, 3, 12)), "3 November 2026"),
        (day(None), "not defined"),
        (count(220_000), "220,000"),
        (quantity(5.27, "USD/GPU-hour"), "$5.27/GPU-hour"),
        (quantity(0.085, "USD/kWh"), "$0.0850/kWh"),
        (quantity(300, "MW"), "300 MW"),
        (quantity(1.5, "multiple"), "1.5×"),
    ],
)
def test_a_figure_is_written_in_its_unit(figure: Figure, words: str) -> None:
    assert str(figure) == words


def test_a_finding_is_words_html_and_data() -> None:
    sentence = "{who} pays {fee} & more by {end}."
    found = finding(sentence, who="<A>", fee=usd(1e9, "R2"), end=day(None))
    bundle, bold = found._repr_mimebundle_(), '<b style="white-space: nowrap">'
    assert bundle["text/plain"] == "<A> pays $1bn & more by not defined."
    assert bundle["text/html"] == (
        f'<p class="finding mathjax_ignore">&lt;A&gt; pays {bold}$1bn</b> &amp; more by '
        f'<span style="white-space: nowrap">{bold}not defined</b>.</span></p>'
    )
    assert json.loads(json.dumps(bundle[MIME], allow_nan=False)) == {
        "figures": [
            {"figure": "fee", "value": 1e9, "unit": "USD", "reading": "R2", "kind": "derived"},
            {"figure": "end", "value": None, "unit": "date", "reading": "", "kind": "derived"},
        ]
    }


@pytest.mark.parametrize(
    ("sentence", "parts", "said"),
    [
        ("It is 3.67 bn.", {}, "the number 3.67 is written in the sentence"),
        ("It is {fee}.", {"fee": 3.67}, "has no unit; wrap it"),
        ("It is {fee}.", {}, "'fee' is not given"),
        ("It is.", {"fee": usd(1)}, "'fee' is given but not in the sentence"),
        ("It is {fee.value}.", {"fee": usd(1)}, "must be a name alone"),
        ("It is {fee:.1f}.", {"fee": usd(1)}, "must be a name alone"),
        ("It is {fee!r}.", {"fee": usd(1)}, "must be a name alone"),
        ("It is {}.", {}, "must be a name alone"),
    ],
)
def test_a_number_without_a_name_is_refused(
    sentence: str, parts: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        finding(sentence, **parts)


def test_names_may_hold_digits_and_braces() -> None:
    assert repr(finding("H100 in {site}", site="{Colossus 1}")) == "H100 in {Colossus 1}"


def test_a_figure_refuses_what_it_cannot_mean() -> None:
    with pytest.raises(ValueError, match="unit 'EUR' is unknown"):
        quantity(1, "EUR")
    with pytest.raises(ValueError, match="kind 'guessed' is unknown"):
        Figure(1.0, "USD", kind="guessed")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is no value in USD"):
        Figure(date(2026, 1, 1), "USD")
