"""How a notebook states what it found: a sentence whose numbers are named figures.

>>> finding("Only {firm} is firm on {on}.", firm=usd(3.67e9, "R2"), on=day(date(2026, 11, 23)))
Only $3.67bn is firm on 23 November 2026.

A page shows the sentence, and a report collects its figures into `figures.csv`.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from html import escape
from string import Formatter
from typing import Any, Literal, get_args

Kind = Literal["disclosed", "reported", "derived", "assumed"]
MIME = "application/vnd.compute-agreements.finding+json"
UNDEFINED = "not defined"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit, its reading and where it comes from.

    reading: the reading that it holds under; empty: none in particular.
    """

    value: float | date
    unit: str
    reading: str = ""
    kind: Kind = "derived"

    def __post_init__(self) -> None:
        if self.unit not in FORMATS:
            raise ValueError(f"unit {self.unit!r} is unknown; known are {', '.join(FORMATS)}")
        if self.kind not in get_args(Kind):
            raise ValueError(
                f"kind {self.kind!r} is unknown; known are {', '.join(get_args(Kind))}"
            )
        if isinstance(self.value, date) is not (self.unit == "date") and _defined(self.value):
            raise ValueError(f"{self.value!r} is no value in {self.unit}")

    def __str__(self) -> str:
        return FORMATS[self.unit](self.value) if _defined(self.value) else UNDEFINED


class Bare(Figure):
    """A figure that is written without what it is per: the lower end of a range.

    >>> f"{Bare(2.24, 'USD/GPU-hour')} to {Figure(2.65, 'USD/GPU-hour')}"
    '$2.24 to $2.65/GPU-hour'
    """

    __slots__ = ()

    def __str__(self) -> str:
        return Figure.__str__(self).partition("/")[0]


class About(Figure):
    """A figure of which only its first digits are known: no zeros behind them.

    >>> print(About(1.5e9, "USD"), About(3.7, "USD/GPU-hour"))
    $1.5bn $3.7/GPU-hour
    """

    __slots__ = ()

    def __str__(self) -> str:
        return re.sub(r"(\.\d*?)0+(?!\d)", lambda m: m[1].rstrip("."), Figure.__str__(self))


def about(figure: Figure, *, step: float = 0.0) -> Figure:
    """A figure that is drawn or integrated, to two digits or to the nearest step: no more is known.

    >>> print(about(usd(11.49e9)), about(months(9.23)))
    $11bn 9.2 months
    """
    value = float(figure.value)  # type: ignore[arg-type]
    if math.isfinite(value):
        value = step * round(value / step) if step else float(f"{value:.1e}")
    return About(value, figure.unit, figure.reading, figure.kind)


def usd(value: float, reading: str = "", kind: Kind = "derived") -> Figure:
    """An amount of US dollars: $43.75bn, $480m, $12,500, $5.27."""
    return Figure(float(value), "USD", reading, kind)


def share(value: float, reading: str = "", kind: Kind = "derived") -> Figure:
    """A fraction, written as a percentage: 0.055 is 5.5 %."""
    return Figure(float(value), "fraction", reading, kind)


def months(value: float, reading: str = "", kind: Kind = "derived") -> Figure:
    """A length in months: 37 months, 2.9 months."""
    return Figure(float(value), "month", reading, kind)


def days(value: float, reading: str = "", kind: Kind = "derived") -> Figure:
    """A length in days: 90 days."""
    return Figure(float(value), "day", reading, kind)


def day(value: date | None, reading: str = "", kind: Kind = "derived") -> Figure:
    """A calendar day: 23 November 2026; None where there is no such day."""
    when = math.nan if value is None else date(value.year, value.month, value.day)
    return Figure(when, "date", reading, kind)


def count(value: float, reading: str = "", kind: Kind = "derived") -> Figure:
    """How many: 220,000."""
    return Figure(float(value), "count", reading, kind)


def quantity(value: float, unit: str, reading: str = "", kind: Kind = "derived") -> Figure:
    """A value in any other unit of `FORMATS`: `quantity(300, "MW")`."""
    return Figure(float(value), unit, reading, kind)


class Finding:
    """A sentence and the figures in it, shown as HTML, as text, and as data for the report."""

    def __init__(self, sentence: str, parts: Mapping[str, Figure | str]) -> None:
        self.sentence = sentence
        self.parts = dict(parts)

    def __repr__(self) -> str:
        return self.sentence.format_map(self.parts)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        spans = {name: _html(part) for name, part in self.parts.items()}
        # JupyterLab would read the text between two dollar signs as a formula
        html = f'<p class="finding mathjax_ignore">{_html_text(self.sentence, spans)}</p>'
        rows = [
            {"figure": name, **asdict(part), "value": _plain(part.value)}
            for name, part in self.parts.items()
            if isinstance(part, Figure)
        ]
        return {"text/html": html, "text/plain": repr(self), MIME: {"figures": rows}}


def finding(sentence: str, /, **parts: Figure | str) -> Finding:
    """State `sentence`, with a figure, or a name as a plain string, in place of each {name}.

    Refuses, with ValueError: a number that is written in the sentence or passed without its
    unit, a name in braces that is not given, one that is given and not used.
    """
    pieces = list(Formatter().parse(sentence))
    if number := re.search(r"\b\d[\d.,]*", "".join(text for text, *_ in pieces)):
        raise ValueError(f"the number {number[0]} is written in the sentence; pass it as a figure")
    names = [name for _, name, *_ in pieces if name is not None]
    if dressed := [name for _, name, spec, how in pieces if spec or how or not _is_name(name)]:
        raise ValueError(f"{dressed[0]!r} in braces must be a name alone")
    if wrong := sorted(set(names) ^ set(parts)):
        where = "given but not in the sentence" if wrong[0] in parts else "not given"
        raise ValueError(f"{wrong[0]!r} is {where}")
    if bare := [name for name, part in parts.items() if not isinstance(part, Figure | str)]:
        raise ValueError(
            f"{bare[0]} = {parts[bare[0]]!r} has no unit; wrap it: usd(…), share(…), …"
        )
    return Finding(sentence, parts)


def between(name: str, low: Figure, high: Figure) -> tuple[str, dict[str, Figure]]:
    """A range for a sentence and its figures, named `name_low` and `name_high`; one if it is none.

    >>> text, parts = between("life", months(3), months(9))
    >>> finding("It lives " + text + ".", **parts)
    It lives 3 months to 9 months.
    """
    parts = {f"{name}_low": low, f"{name}_high": high}
    if str(low) == str(high):
        del parts[f"{name}_high"]
    return " to ".join(f"{{{end}}}" for end in parts), parts


def _is_name(name: str | None) -> bool:
    return name is None or name.isidentifier()


def _html(part: Figure | str) -> str:
    text = escape(str(part))
    return f'<b style="white-space: nowrap">{text}</b>' if isinstance(part, Figure) else text


def _html_text(sentence: str, spans: Mapping[str, str]) -> str:
    pieces = Formatter().parse(sentence)
    return "".join(escape(text) + (spans[name] if name else "") for text, name, *_ in pieces)


def _plain(value: float | date) -> float | str | None:
    """The value as JSON has it: a day as text, nothing for what is not defined."""
    if isinstance(value, date):
        return value.isoformat()
    return value if _defined(value) else None


def _defined(value: float | date) -> bool:
    return isinstance(value, date) or math.isfinite(value)


def _money(value: float) -> str:
    sign, size = ("−" if value < 0 else ""), abs(value)
    for unit, name in ((1e9, "bn"), (1e6, "m")):
        if size / unit >= 0.99999:
            return f"{sign}${size / unit:,.2f}".removesuffix(".00") + name
    digits = 0 if size >= 999.995 or size == 0 else 2 if size >= 0.1 else 4
    return f"{sign}${size:,.{digits}f}"


def _number(value: float, digits: int = 1) -> str:
    text = f"{value:,.{digits}f}".replace("-", "−")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "−0" else text


def _few(value: float) -> str:
    """Two decimals, or below half of the last one digit: what is above nothing is not written 0.

    >>> _few(2.345), _few(0.0034), _few(0.0)
    ('2.35', '0.003', '0')
    """
    if not 0 < abs(value) < 0.005:
        return _number(value, 2)
    return _number(value, -math.floor(math.log10(abs(value))))


def _length(noun: str) -> Callable[[Any], str]:
    return lambda value: f"{(text := _number(value))} {noun}{'' if text == '1' else 's'}"


def _per(unit: str) -> Callable[[Any], str]:
    return lambda value: f"{_money(value)}/{unit.removeprefix('USD/')}"


FORMATS: dict[str, Callable[[Any], str]] = {
    "USD": _money,
    "fraction": lambda value: f"{_number(100 * value)} %",
    "year": _length("year"),
    "month": _length("month"),
    "day": _length("day"),
    "date": lambda value: f"{value.day} {value:%B %Y}",
    "count": lambda value: _number(value, 0),
    "number": lambda value: _number(value, 2),
    "MW": lambda value: f"{_number(value)} MW",
    "GW": lambda value: f"{_number(value, 2)} GW",
    "multiple": lambda value: f"{_few(value)}×",
} | {
    unit: _per(unit)
    for unit in (
        "USD/month",
        "USD/year",
        "USD/MW-month",
        "USD/GW-year",
        "USD/kW-year",
        "USD/kWh",
        "USD/MWh",
        "USD/GPU-hour",
        "USD/H100e-hour",
    )
}
