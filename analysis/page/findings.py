"""How a notebook states what it found: a sentence whose numbers are named figures.

>>> finding("Only {firm} is firm on {on}.", firm=usd(3.67e9, "R2"), on=day(date(2026, 11, 23)))
Only $3.67bn is firm on 23 November 2026.

A page shows the sentence, and a report collects its figures into `figures.csv`.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from html import escape
from string import Formatter
from typing import Any, Literal, get_args

Kind = Literal["disclosed", "reported", "derived", "assumed"]
MIME = "application/vnd.compute-agreements.finding+json"
UNDEFINED = "not defined"


def number(value: float, digits: int = 1) -> str:
    """A number with at most so many decimals; what is above nothing is not written 0.

    >>> number(1234.5), number(2.345, 2), number(0.0034, 2), number(-0.001, 0)
    ('1,234.5', '2.35', '0.003', '0')
    """
    if digits > 1 and 0 < abs(value) < 0.5 * 10**-digits:
        digits = -math.floor(math.log10(abs(value)))
    text = f"{value:,.{digits}f}".replace("-", "−")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "−0" else text


LEAST_USD = 5e-5  # what is less has no digit that is shown


def _money(value: float) -> str:
    value = value if abs(value) >= LEAST_USD else 0.0
    sign, size = ("−" if value < 0 else ""), abs(value)
    for unit, name in ((1e9, "bn"), (1e6, "m")):
        if size / unit >= 0.99999:
            return f"{sign}${size / unit:,.2f}".removesuffix(".00") + name
    digits = 0 if size >= 999.995 or size == 0 else 2 if size >= 0.1 else 4
    return f"{sign}${size:,.{digits}f}"


def _length(noun: str) -> Callable[[Any], str]:
    return lambda value: f"{(text := number(value))} {noun}{'' if text == '1' else 's'}"


def _per(what: str) -> tuple[str, Callable[[Any], str]]:
    return f"USD/{what}", lambda value: f"{_money(value)}/{what}"


def _fraction(value: float) -> str:
    return f"{number(100 * value)} %"


UNITS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "usd": ("USD", _money),
    "usd_month": _per("month"),
    "usd_year": _per("year"),
    "usd_mw_month": _per("MW-month"),
    "usd_gw_year": _per("GW-year"),
    "usd_kw_year": _per("kW-year"),
    "usd_kwh": _per("kWh"),
    "usd_mwh": _per("MWh"),
    "usd_gpu_hour": _per("GPU-hour"),
    "usd_h100e_hour": _per("H100e-hour"),
    "share": ("fraction", _fraction),
    "rate": ("fraction", _fraction),
    "years": ("year", _length("year")),
    "months": ("month", _length("month")),
    "days": ("day", _length("day")),
    "date": ("date", lambda value: f"{value.day} {value:%B %Y}"),
    "count": ("count", lambda value: number(value, 0)),
    "number": ("number", lambda value: number(value, 2)),
    "mw": ("MW", lambda value: f"{number(value)} MW"),
    "gw": ("GW", lambda value: f"{number(value, 2)} GW"),
    "times": ("multiple", lambda value: f"{number(value, 2)}×"),
}
"""How the name of a value ends: its unit, and how a value in it is written."""
FORMATS = dict(UNITS.values())
WHOLE = ("date", "day", "count")


def ending_of(name: str) -> str:
    """How a name ends, as `UNITS` has it; empty where it names no unit.

    >>> ending_of("fee_usd_month"), ending_of("committed_share"), ending_of("title")
    ('usd_month', 'share', '')
    """
    fitting = (end for end in UNITS if name == end or name.endswith(f"_{end}"))
    return max(fitting, key=len, default="")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its unit, its reading and where it comes from.

    reading: the reading that it holds under; empty: none in particular. label and definition: what
    it is called and what it means; of: the table or the inputs that it comes from. digits: how
    many are written, all without 0; text: what is written instead.
    """

    value: float | date
    unit: str
    reading: str = ""
    kind: Kind = "derived"
    label: str = ""
    definition: str = ""
    of: str = ""
    digits: int = 0
    text: str = ""

    def __post_init__(self) -> None:
        for what, known in (("unit", FORMATS), ("kind", get_args(Kind))):
            if (given := getattr(self, what)) not in known:
                raise ValueError(f"{what} {given!r} is unknown; known are {', '.join(known)}")
        if isinstance(self.value, date) is not (self.unit == "date") and _defined(self.value):
            raise ValueError(f"{self.value!r} is no value in {self.unit}")

    def __str__(self) -> str:
        if self.text or not _defined(self.value):
            return self.text or UNDEFINED
        if not self.digits or self.unit in WHOLE:
            return FORMATS[self.unit](self.value)
        text = FORMATS[self.unit](float(f"{self.value:.{self.digits - 1}e}"))
        return re.sub(r"(\.\d*?)0+(?!\d)", lambda m: m[1].rstrip("."), text)

    def row(self, name: str) -> dict[str, Any]:
        """The figure as data, by the name that a report gives it."""
        value = self.value.isoformat() if isinstance(self.value, date) else self.value
        told = {each: getattr(self, each) for each in ("label", "definition", "of")}
        return {
            "figure": name,
            "value": value if _defined(self.value) else None,
            **{each: getattr(self, each) for each in ("unit", "reading", "kind")},
            **{each: text for each, text in told.items() if text},
        }


def about(figure: Figure) -> Figure:
    """A figure that is drawn or integrated, to two digits: no more is known.

    >>> print(about(usd(11.49e9)), about(months(9.23)))
    $11bn 9.2 months
    """
    value = float(figure.value)  # type: ignore[arg-type]
    return replace(figure, value=float(f"{value:.1e}"), digits=2)


def quantity(
    value: float | date | None, unit: str, reading: str = "", *, digits: int = 0
) -> Figure:
    """A value in a unit of `FORMATS`: `quantity(300, "MW")`; None where there is none.

    >>> print(quantity(37.83e9, "USD", digits=3), quantity(0.0985, "fraction", digits=3))
    $37.8bn 9.8 %
    """
    if isinstance(value, date):
        return Figure(date(value.year, value.month, value.day), unit, reading)
    return Figure(math.nan if value is None else value, unit, reading, digits=digits)


def _in(unit: str) -> Callable[..., Figure]:
    return lambda value, reading="": quantity(value, unit, reading)


usd, share, count = _in("USD"), _in("fraction"), _in("count")
months, days, day = _in("month"), _in("day"), _in("date")
dollars = partial(quantity, unit="USD", digits=3)
"""Dollars in three digits, as tiles have them."""

Made = Callable[[str], list[dict[str, Any]]]


class Finding:
    """A sentence and the figures in it, shown as HTML, as text, and as data for the report."""

    def __init__(
        self, sentence: str, parts: Mapping[str, Figure | str], made_of: Made = lambda _: []
    ) -> None:
        """made_of: the rows that a figure is made of, by its name."""
        self.sentence = sentence
        self.parts = dict(parts)
        self.made_of = made_of

    def __repr__(self) -> str:
        return self.sentence.format_map(self.parts)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        told = {"figures": self.rows}
        return {"text/html": self.as_html(), "text/plain": repr(self), MIME: told}

    def as_html(self) -> str:
        """The sentence as a paragraph."""
        # JupyterLab would read the text between two dollar signs as a formula
        return f'<p class="finding mathjax_ignore">{self.html}</p>'

    @property
    def html(self) -> str:
        """The sentence with its figures in bold, each in one line with what touches it."""
        pieces = Formatter().parse(self.sentence)
        html = "".join(
            escape(text) + (_html(self.parts[name], name) if name else "")
            for text, name, *_ in pieces
        )
        return JOINED.sub(r'<span style="white-space: nowrap">\g<0></span>', html)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Its figures as data."""
        figures = {n: part for n, part in self.parts.items() if isinstance(part, Figure)}
        return [
            part.row(name) | ({"made": made} if (made := self.made_of(name)) else {})
            for name, part in figures.items()
        ]


def finding(sentence: str, made_of: Made = lambda _: [], /, **parts: Figure | str) -> Finding:
    """State `sentence`, with a figure, or a name as a plain string, in place of each {name}.

    Refuses, with ValueError: a number that is written in the sentence or passed without its
    unit, a name in braces that is not given, one that is given and not used.
    """
    pieces = list(Formatter().parse(sentence))
    if found := re.search(r"\b\d[\d.,]*", "".join(text for text, *_ in pieces)):
        raise ValueError(f"the number {found[0]} is written in the sentence; pass it as a figure")
    fields = [piece for piece in pieces if piece[1] is not None]
    names = [str(name) for _, name, *_ in fields]
    if dressed := [n for _, n, spec, how in fields if spec or how or not str(n).isidentifier()]:
        raise ValueError(f"{dressed[0]!r} in braces must be a name alone")
    if wrong := sorted(set(names) ^ set(parts)):
        where = "given but not in the sentence" if wrong[0] in parts else "not given"
        raise ValueError(f"{wrong[0]!r} is {where}")
    if bare := [name for name, part in parts.items() if not isinstance(part, Figure | str)]:
        raise ValueError(
            f"{bare[0]} = {parts[bare[0]]!r} has no unit; wrap it: usd(…), share(…), …"
        )
    return Finding(sentence, parts, made_of)


BOLD = re.compile(r'<b data-figure="(\w+)"[^>]*>(.*?)</b>')
"""A figure as `bold` writes it: its name, and what is written."""


def bold(name: str, text: str, about: str = "") -> str:
    """A figure as HTML: a page makes a button of it that opens where it comes from."""
    return f'<b data-figure="{name}"{about}>{text}</b>'


def _html(part: Figure | str, name: str) -> str:
    text, one_line = escape(str(part)), ' style="white-space: nowrap"'
    if not isinstance(part, Figure):
        return text
    if not part.definition:
        return f"<b{one_line}>{text}</b>"
    return bold(name, text, f' title="{escape(part.definition)}"{one_line}')


JOINED = re.compile(
    r"\(?<b[^>]*>[^<]*</b>(–<b[^>]*>[^<]*</b>)?[.,;:)]+|<b[^>]*>[^<]*</b>–<b[^>]*>[^<]*</b>"
)


def _defined(value: float | date) -> bool:
    return isinstance(value, date) or math.isfinite(value)


def span(low: object, high: object) -> str:
    """A range with its unit once; one value where both ends read alike.

    >>> span("$2.4bn", "$9.4bn"), span("1 month", "9 months"), span("5 %", "5 %")
    ('$2.4–9.4bn', '1–9 months', '5 %')
    >>> span("$480m", "$1.2bn"), span("−$1bn", "$2bn"), span("1 May 2026", "1 June 2026")
    ('$480m–$1.2bn', '−$1bn to $2bn', '1 May 2026 to 1 June 2026')
    >>> span("$0", "$20bn")
    '$0–20bn'
    """
    return str(low) if str(low) == str(high) else "".join(ends(low, high))


def ends(low: object, high: object) -> tuple[str, str, str]:
    """The ends of a range as they are written with the unit once, and what joins them.

    >>> ends("$6.1/H100e-hour", "$6.3/H100e-hour"), ends("$950k/month", "$2m/month")
    (('$6.1', '–', '6.3/H100e-hour'), ('$950k', '–', '$2m/month'))
    """
    first, last = str(low), str(high)
    one, two = AMOUNT.fullmatch(first), AMOUNT.fullmatch(last)
    if not one or not two or (one["dollar"], one["per"]) != (two["dollar"], two["per"]):
        return first, " to ", last
    if one["unit"].rstrip("s") == two["unit"].rstrip("s") or first == "$0":
        return one["dollar"] + one["number"], "–", last.removeprefix("$")
    if " " in first:
        return first, " to ", last
    return first.removesuffix(one["per"] or ""), "–", last


AMOUNT = re.compile(r"(?P<dollar>\$?)(?P<number>[\d.,]+)(?P<unit>[^\d/]*)(?P<per>/.*)?")
