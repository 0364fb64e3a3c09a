"""What a question answers: numbers and tables, each worked out when it is first asked for.

A number is a property whose name ends in its unit. Its docstring is its definition; `of` names the
table or the inputs that it comes from. Sentences name numbers in braces and do no arithmetic.
"""

import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from html import escape
from string import Formatter
from types import ModuleType
from typing import Any, ClassVar, TypeVar, cast

import pandas as pd

from analysis.page import findings, theme
from analysis.page.findings import (
    MIME,
    UNITS,
    Figure,
    Finding,
    Kind,
    about,
    finding,
    quantity,
    span,
)
from analysis.page.tables import in_words
from analysis.page.traces import Part, traced

T = TypeVar("T")
HYPHEN = "&#8209;"  # at which no line breaks
SHOWN = 40  # rows of what a number is made of
RANGE = re.compile(r"\{(\w+):range\}|\{(\w+):bare\} to \{(\w+)\}")


class Number(cached_property):  # type: ignore[type-arg]
    """A number of an answer, and what there is to know about it; see `figure`."""

    def __init__(
        self,
        function: Callable[[Any], Any],
        *,
        of: str,
        rows: str = "",
        label: str = "",
        kind: Kind | Callable[[Any], Kind] = "derived",
        reading: str | None = None,
        rough: bool = False,
        always: bool = False,
        over: str | Callable[[Any], str] = "",
    ) -> None:
        super().__init__(function)
        self.of, self.rows, self.label, self.kind, self.reading = of, rows, label, kind, reading
        self.rough, self.always, self.over = rough, always, over

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.ending = _ending(name)
        self.label = self.label or name.removesuffix(f"_{self.ending}").replace("_", " ")

    def __get__(self, found: Any, owner: type | None = None) -> Any:
        if found is not None and not self.always and found.why_not:
            return math.nan
        return super().__get__(found, owner)

    def figure(self, found: "Answer", name: str) -> Figure:
        """The number with its unit, the reading that it holds under and where it comes from."""
        own = "" if self.of in found.across else found.reading
        reading = own if self.reading is None else self.reading
        made = replace(
            quantity(getattr(found, name), UNITS[self.ending][0], reading, digits=3),
            kind=self.kind(found) if callable(self.kind) else self.kind,
            label=self.label,
            definition=self._definition(found),
            of=self.of,
        )
        return about(made) if self.rough else made

    def _definition(self, found: "Answer") -> str:
        told, span = " ".join((self.func.__doc__ or "").split()), self.spans(found)
        return f"{told.removesuffix('.')}; {span}." if span else told

    def spans(self, found: "Answer") -> str:
        """What makes a range of the end that it is, in words; empty where it is no end."""
        return self.over(found) if callable(self.over) else self.over


def figure(**known: Any) -> Callable[[Callable[[Any], T]], T]:
    """A number of an answer: a float or a day, kept once it is worked out.

    of: the table or the inputs that it comes from. rows: the path to the rows of it that give the
    number, see `traces` (default: none are said to). label: what a tile calls it (default: its name
    without the unit). kind: where it comes from, or a function of the answer that says so (default:
    derived). reading: the one that it holds under (default: the answer's own, or
    none where what it is of is `across` them). rough: drawn or
    integrated, so written to two digits. always: also where the question has no answer. over: of
    the ends of a range, what makes it one: "90 % interval", "by interpretation", or a function of
    the answer that says so.
    """

    def decorate(function: Callable[[Any], T]) -> T:
        return cast(T, Number(function, **known))

    return decorate


def _ending(name: str) -> str:
    if ending := findings.ending_of(name):
        return ending
    raise ValueError(f"{name!r} must end in a unit: {', '.join(UNITS)}")


def _with_ends(name: str) -> tuple[str, str, str]:
    ending = _ending(name)
    stem = name.removesuffix(ending)
    return f"{stem}low_{ending}", name, f"{stem}high_{ending}"


class _Table(cached_property):  # type: ignore[type-arg]
    def __get__(self, found: Any, owner: type | None = None) -> Any:
        if found is not None and found.why_not:
            return pd.DataFrame()
        made = super().__get__(found, owner)
        if isinstance(made, pd.DataFrame):
            made.attrs["answer"] = type(found)  # pandas copies what is in here at every step
        return made


def table(function: Callable[[Any], T]) -> T:
    """A table of an answer, kept once it is worked out; empty where the question has no answer."""
    return cast(T, _Table(function))


class Answer:
    """One question answered for one set of parameters; numbers and tables are properties.

    `words` holds a function for each sentence and for the title of each chart, `charts` one for
    each chart; all take the answer. `tiles` are the numbers shown first, `key` the chart. `brief`
    names the tables that the brief over all pages shows, and `words.bullet` its line there.
    """

    words: ModuleType
    charts: ModuleType
    tiles: ClassVar[tuple[str, ...]] = ()
    brief: ClassVar[tuple[str, ...]] = ()
    key: ClassVar[str]
    across: ClassVar[tuple[str, ...]] = ("parameters", "assumptions")
    """What holds under no one interpretation: its inputs, and tables that compare them."""
    heads: ClassVar[Mapping[str, str]] = {}
    """What a column of its tables is called where its name without the unit says too little."""
    always: ClassVar[tuple[str, ...]] = ()
    """The sentences that are said also where the question has no answer."""
    why_not: str = ""
    """Why the question has no answer, as a sentence; empty where it has one."""
    reading: str = ""
    """The reading that its numbers hold under."""

    def say(self, name: str) -> Finding | None:
        """The sentence `name` of the words; nothing where there is nothing to say."""
        silent = self.why_not and name not in self.always
        text = "" if silent else self.text(name)
        return self.stated(text) if text else None

    def text(self, name: str) -> str:
        """What the words hold by that name: a text, or what a function makes of the answer."""
        found = getattr(self.words, name)
        return str(found(self) if callable(found) else found)

    def title(self, name: str) -> str:
        """The title of a chart, in words."""
        return str(self._titled(name))

    def headed(self, name: str) -> dict[str, Any]:
        """Title and description of the chart `name`, as properties; in a report its figures too."""
        said = self._titled(name)
        told: dict[str, Any] = dict.fromkeys(("title", "description"), str(said))
        return told | ({"usermeta": {"figures": said.rows}} if theme.OUTSIDE in os.environ else {})

    def _titled(self, name: str) -> Finding:
        return self.stated("" if self.why_not else self.text(f"{name}_title"))

    def draw(self, name: str) -> Any:
        """The chart `name` with its title; nothing where there is nothing to draw."""
        chart = None if self.why_not else getattr(self.charts, name)(self)
        for what, told in self.headed(name).items() if chart is not None else ():
            setattr(chart, what, told)  # `properties` would copy it all
        return chart

    def stated(self, text: str) -> Finding:
        """The text with a number, or words, of the answer in place of each name in braces.

        `{name:size}` leaves out its sign. `{name:range}` gives its ends with the unit once, or one
        where both are written alike; so does `{one:bare} to {other}`.
        """
        plain, parts = "", dict[str, Figure | str]()
        for words, name, form, _ in Formatter().parse(RANGE.sub(self._range, text)):
            plain += words.replace("{", "{{").replace("}", "}}")
            if name:
                plain += f"{{{name}}}"
                parts[name] = self._part(name, form or "")
        return finding(plain, self.made_of, **parts)

    def by_name(self, inputs: str) -> pd.DataFrame | None:
        """Inputs that numbers are read from, by name, their `value` among them; None of others."""
        return None

    def made_of(self, name: str) -> list[dict[str, Any]]:
        """The rows that give a number, in words, and how; nothing where none are said to."""
        value, rows = getattr(self, name), getattr(type(self), name).rows
        return [] if value != value or not rows else [*map(_in_words, traced(self, rows)[1])]

    def _range(self, match: re.Match[str]) -> str:
        names = _with_ends(match[1])[::2] if match[1] else (match[2], match[3])
        low, high = map(str, map(self.shown, names))
        first, between, last = findings.ends(low, high)
        if low == high:
            return f"{{{names[0]}}}"
        return f"{{{names[0]}:={first}}}{between}{{{names[1]}:={last}}}"

    def _part(self, name: str, form: str) -> Figure | str:
        number = getattr(type(self), name, None)
        if not isinstance(number, Number):
            words = getattr(self, name)
            if form or not isinstance(words, str):
                raise ValueError(f"{name!r} is no figure and no text of this answer")
            return words
        made = number.figure(self, name)
        if form == "size":
            return replace(made, value=abs(cast(float, made.value)))
        if form and not form.startswith("="):
            raise ValueError(f"{name!r}: {form!r} is no form of a number")
        return replace(made, text=form[1:])

    def shown(self, name: str) -> Figure:
        """A number with its unit."""
        return cast(Number, getattr(type(self), name)).figure(self, name)

    def same_words(self, one: str, other: str) -> bool:
        """Whether two numbers are written alike."""
        return str(self.shown(one)) == str(self.shown(other))

    def ends_of(self, name: str) -> tuple[float, float, float]:
        """The least, the usual and the greatest value of a number that has a range."""
        low, value, high = (float(getattr(self, each)) for each in _with_ends(name))
        return low, value, high

    @property
    def base(self) -> list[str]:
        """The base case in words: what all pages of a report share."""
        return []

    @property
    def made_from(self) -> pd.DataFrame:
        """What its numbers are made of: `input, kind, date, source`."""
        return pd.DataFrame(columns=["input", "kind", "date", "source"])

    @property
    def documents(self) -> Sequence[Any]:
        """The documents behind it: `publisher, title, grade, url`."""
        return ()

    @property
    def lead(self) -> Finding:
        """The answer in a sentence or two; why there is none where there is none."""
        return self.stated(self.why_not or self.text("lead"))

    @property
    def heading(self) -> Finding:
        """The answer in at most twelve words."""
        return self.stated("" if self.why_not else self.text("heading"))

    def as_html(self) -> str:
        """The answer as a page begins: heading, lead and tiles."""
        heading = self.heading
        head = f'<h2 class="answer">{heading.html}</h2>' if str(heading) else ""
        return head + self._below()

    def _below(self) -> str:
        return self.lead.as_html() + _tiles(self._tiles())

    def _tiles(self) -> list[dict[str, str]]:
        tiles = [] if self.why_not else map(self._tile, self.tiles)
        return [tile for tile in tiles if tile["value"] != findings.UNDEFINED]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """The answer as a page begins, and all that the brief over all pages takes from it."""
        heading, lead, tiles = self.heading, self.lead, self._tiles()
        shown = () if self.why_not else self.tiles
        names = [name for tile in shown for name in (tile, *self._range_of(tile))]
        tiled = self.stated("".join(f"{{{name}}}" for name in names))
        said = {row["figure"]: row for each in (heading, lead, tiled) for row in each.rows}
        brief = {name: in_words(getattr(self, name)) for name in self.brief if not self.why_not}
        silent = self.why_not or not hasattr(self.words, "bullet")
        data = {
            "figures": [*said.values()],
            "heading": str(heading),
            "html": self._below(),
            "lead": str(lead),
            "tiles": tiles,
            "bullet": self.stated("" if silent else self.text("bullet")).html,
            "brief": brief,
            "base": self.base,
            "inputs": in_words(self.made_from),
            "sources": [dict(each._asdict()) for each in self.documents],
        }
        return {"text/html": self.as_html(), "text/plain": str(lead), MIME: data}

    def _range_of(self, name: str) -> tuple[str, ...]:
        """The numbers that are the ends of another's range: `x_low_usd, x_high_usd` of `x_usd`.

        What is itself the upper end is shown with its range too.
        """
        low, _, high = _with_ends(name)
        if "_high_" in name:
            low, high = name.replace("_high_", "_low_"), name
        return (low, high) if hasattr(type(self), low) and hasattr(type(self), high) else ()

    def _spans(self, name: str) -> str:
        return cast(Number, getattr(type(self), self._range_of(name)[0])).spans(self)

    def _tile(self, name: str) -> dict[str, str]:
        ends = [str(self.shown(end)) for end in self._range_of(name)]
        range_ = f"{span(*ends)}, {self._spans(name)}" if len(set(ends)) == 2 else ""
        number = cast(Number, getattr(type(self), name))
        nothing = number.rough and getattr(self, name) == 0  # no digit is certain
        value = "next to nothing" if nothing else str(self.shown(name))
        return {"figure": name, "label": number.label, "value": value, "range": range_}


def _in_words(part: Part) -> dict[str, Any]:
    """Rows as a page shows them: texts, the column that the number stands in, and its source."""
    texts = list(part.rows.select_dtypes(exclude=["number", "bool"]))
    names, own = texts[:4] or list(part.rows)[:2], [part.column] if part.column else []
    about = [each for each in ("kind", "date", "source") if each in texts]
    rows = in_words(part.rows[list(dict.fromkeys([*names, *own, *about]))].iloc[:SHOWN])
    return {"how": part.how, "rows": rows, "left": max(0, len(part.rows) - SHOWN)}


def _broken(value: str) -> str:
    """A tile's value, in which a line breaks after a slash alone."""
    return escape(value).replace("/", "/<wbr>").replace("-", HYPHEN)


def _tiles(tiles: Sequence[Mapping[str, str]]) -> str:
    each = "".join(
        f"<div><dt>{escape(tile['label'])}</dt>"
        f"<dd>{findings.bold(tile['figure'], _broken(tile['value']))}"
        + (f"<small>{escape(tile['range'])}</small>" if tile["range"] else "")
        + "</dd></div>"
        for tile in tiles
    )
    return f'<dl class="tiles">{each}</dl>' if each else ""
