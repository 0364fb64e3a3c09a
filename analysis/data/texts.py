"""What a file says, whatever program wrote it: text, tables, and slips in TOML.

What cannot be used is refused by its cause.
"""

import codecs
import csv
import io
import re
import tomllib
from collections.abc import Container, Iterable
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent
MAX_FILE_BYTES = 1_000_000
MAX_TERMS_BYTES = 250_000  # of one agreement
MAX_ROWS, MAX_COLUMNS = 10_000, 200  # of a table
MAX_PARTS = 16  # of a dotted key
MAX_TEXT = 2_000  # characters of one value
MOST_QUOTED = 200  # characters of a line that is no TOML
MOST_NAME = 64  # characters of a name that are compared with those known
NEAR = 0.7  # how like a known name another is, for both to be the same word mistyped
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # turn the order of letters
CONTROL = re.compile(f"[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff{BIDI}]")
NO_LINE = re.compile(rf"[\t\n]|{CONTROL.pattern}")

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark begins it
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx and .xls begin
DIVIDERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class ContractError(ValueError):
    """A file of terms or of rows that cannot be used; its text has one line for each problem."""


def one_line(text: object) -> bool:
    """Whether it is a text without line breaks, control characters, or marks that turn letters.

    >>> one_line("Müller & Søn\\u00a0AG"), one_line("a\\nb"), one_line("\\x1b[31m"), one_line(1)
    (True, False, False, False)
    """
    return isinstance(text, str) and not NO_LINE.search(text)


def read(path: Path, most: int = MAX_FILE_BYTES) -> str:
    """A file as text; `ContractError` if it is none, larger than `most` bytes, or no text."""
    if not path.is_file():
        raise ContractError(f"{path.name or path}: not a file; allowed: a TOML or CSV file")
    try:
        with path.open("rb") as file:
            raw = file.read(most + 1)
        if len(raw) > most:
            raise ContractError(f"{path.name}: larger than {most:,} bytes, which is not read")
        return decoded(raw)
    except ContractError:
        raise
    except OSError as error:
        raise ContractError(f"{path.name}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ContractError(f"{path.name}: {error}") from None


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-8, or UTF-16 and UTF-32 with the mark that says so.

    Raises ValueError that names what it is instead, and what to do.

    >>> decoded("é".encode("utf-16")), decoded(b"\\xef\\xbb\\xbfa")
    ('é', 'a')
    """
    if raw.startswith(WORKBOOKS):
        raise ValueError("an Excel workbook; save it as CSV UTF-8")
    name = next((name for mark, name in MARKS.items() if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(name)
    except UnicodeDecodeError as error:
        if name != "utf-8":
            raise ValueError(f"not a text: broken after a mark of {name.upper()}") from None
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"byte {raw[error.start]:#04x} in line {line}"
        raise ValueError(
            f"not a text in UTF-8 ({byte}; Windows-1252 or Latin-1?); save it as UTF-8"
        ) from None
    if "\0" in text:
        raise ValueError("not a text in UTF-8 (UTF-16 without its mark?); save it as UTF-8")
    text = text.replace("\r\n", "\n")
    return text if "\n" in text else text.replace("\r", "\n")  # lines that end as on an old Mac


def rows(text: str) -> list[list[str]]:
    """The lines of a CSV text as lists of one length, blank ones left out.

    Raises ValueError that names the cause: no commas, a line of another length, a quote left open.
    """
    head = next((line for line in text.splitlines() if line.strip()), "")
    for mark, name in DIVIDERS.items():
        if mark in head and head.count(mark) >= head.count(","):
            raise ValueError(f"columns divided by {name}; allowed: by commas")
    try:
        found = [row for row in csv.reader(io.StringIO(text), strict=True) if row]
    except csv.Error as error:
        raise ValueError(f"not a CSV table: {error}") from None
    if len(found) > MAX_ROWS + 1:
        raise ValueError(f"{len(found) - 1:,} rows; allowed: at most {MAX_ROWS:,}")
    if found and len(found[0]) > MAX_COLUMNS:
        raise ValueError(f"{len(found[0]):,} columns; allowed: at most {MAX_COLUMNS}")
    for number, row in enumerate(found[1:], start=1):
        if len(row) != len(found[0]):
            raise ValueError(
                f"row {number}: {len(row)} values for {len(found[0])} columns; "
                "a value that holds a comma stands in quotes"
            )
    return found


def deep(text: str) -> bool:
    """Whether a TOML text has a key of more than `MAX_PARTS` parts, which is costly to read.

    >>> deep("a" + ".b" * 20 + " = 1"), deep('a = "' + ".b" * 20 + '"'), deep("a.b.c = 1")
    (True, False, False)
    """
    plain = QUOTED.sub("·", text)
    return bool(
        re.search(rf"(?<![\w·-])[\w·-]++(?:[ \t]*+\.[ \t]*+[\w·-]++){{{MAX_PARTS}}}", plain)
    )


QUOTED = re.compile(
    r'#[^\n]*|"""(?:\\.|[^\\])*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)'
    r"""|"(?:\\.|[^"\\\n])*+"?|'[^'\n]*+'?""",
    re.DOTALL,
)
"""A comment or a text, also one left open: whatever it holds is no key."""
STRING = r'"(?:[^"\\]|\\.)*"|(?<!\d)\'[^\']*\''
DATE = "a date is written 2026-05-03, without quotes"
NUMBER = "a number is written 1250000 or 1_250_000, without separators but _"
YES_OR_NO = "{0} is not allowed; allowed: true or false"
DASH = r"[\u2010-\u2015\u2212]"
ANYWHERE = (
    (r"[“”„‟‘’‚‛«»]", "curly quotes {0} are not allowed; a text stands in straight ones: \"...\""),
    (r"\r", "the line ends in a carriage return alone; save the file with line feeds"),
)  # fmt: skip
SLIPS = (
    (rf"\b\d{{4}}({DASH}|\s)\d{{1,2}}\1\d{{1,2}}\b", f"{{0}} is not allowed; {DATE}"),
    (rf"[\w.]*{DASH}[\w.]*", "{0} is not allowed; a minus is written -, the keyboard's hyphen"),
    (r'"', "a quote is left open; a text stands in two, in one line"),
    (r"(?:US)?[$€£]\s*[\d.,_]*", f"{{0}} is not allowed; {NUMBER}, in US dollars"),
    (r"\d[\d.,]*\s*%", "{0} is not allowed; a share is written as a fraction: 0.10 for 10 %"),
    (r"\b\d{1,4}([./])\d{1,2}\1\d{2,4}\b", f"{{0}} is not allowed; {DATE}"),
    (r"\b\d{1,2}-\d{1,2}-\d{4}\b", f"{{0}} is not allowed; {DATE}"),
    (r"\b\d{1,2}\.?\s+[A-Z][a-z]+\.?\s+\d{4}\b", f"{{0}} is not allowed; {DATE}"),
    (r"\b[A-Z][a-z]+\.?\s+\d{1,2},?\s+\d{4}\b", f"{{0}} is not allowed; {DATE}"),
    (r"\b\d{4}-\d{1,2}-\d{1,2}\b", f"{{0}} is no day; {DATE}"),
    (r"\b\d{1,3}(,\d{3})+(\.\d+)?\b|\b\d{1,3}(['.]\d{3}){2,}\b", f"{{0}} is not allowed; {NUMBER}"),
    (r"\b\d{1,3}(\s\d{3})+(\.\d+)?\b", f"{{0}} is not allowed; {NUMBER}"),
    (r"\b\d+,\d+\b", "{0} is not allowed; a decimal is written with a point, like 0.5"),
    (r"\b\d[\d.]*\s*(?:k|mn?|[mb]illion|bn|[MG]W|days)\b", f"{{0}} is not allowed; {NUMBER}"),
    (r"\b(?:True|False|TRUE|FALSE|[Yy]es|[Nn]o)\b", YES_OR_NO),
    (r"(?<![\d.])0\d[\d_]*", f"{{0}} is not allowed; {NUMBER}, and no 0 ahead"),
    (r"\b\d[\d_.]*\s*[A-Za-z][A-Za-z ]*", f"{{0}} is not allowed, a number has no unit; {NUMBER}"),
    (r"(?<!\d)\.\d+|\d+\.(?!\d)", "{0} is not allowed; a decimal is written like 0.5"),
    (r"^\s*[A-Za-z][^#]*", "{0} is not allowed; a text stands in quotes: \"...\""),
    (r"^\s*$", "the value is missing"),
)  # fmt: skip
ODD_SPACE = r"(?![ \t])\s", "a no-break or other odd space is not allowed; allowed: plain spaces"
COLON = r"^\s*[\w.-]+\s*:", "{0} is not allowed; a key and its value are divided by =, not by :"


def toml(text: str, name: str, flags: Container[str] = ()) -> dict[str, Any]:
    """The plain data of a TOML text, `name` standing for its file in errors; see `slip`."""
    if deep(text):
        raise ContractError(f"{name}: a key has more than {MAX_PARTS} parts; allowed: a few")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"{name}: {_not_toml(text, str(error), flags)}") from None
    except RecursionError:
        raise ContractError(f"{name}: tables nested too deep; allowed: a few levels") from None
    except ValueError:  # digits without end
        raise ContractError(f"{name}: a number is too long; allowed: at most 1e15") from None


def _not_toml(text: str, error: str, flags: Container[str]) -> str:
    """Why a text is no TOML: the slip in our words, else the error in those of the parser."""
    place = re.search(r"at line (\d+)", error)
    told = slip(text, int(place[1]), flags) if place else None
    if place and ("overwrite" in error or " twice" in error):
        line = text.split("\n")[int(place[1]) - 1]
        told = (
            f"line {place[1]}: {shown(line.partition('=')[0].strip())} stands there a second time"
        )
    return shown(told, MOST_QUOTED) if told else f"not TOML: {shown(error)}"


def slip(text: str, line: int, flags: Container[str] = ()) -> str | None:
    """What is wrong with a line that TOML refuses, where it is a slip that people make.

    `flags` are the keys that take true or false.

    >>> slip("end = 03.05.2026", 1)
    'line 1: end: 03.05.2026 is not allowed; a date is written 2026-05-03, without quotes'
    """
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return None
    plain = re.sub(STRING, "·", lines[line - 1]).partition("#")[0]
    key, equals, value = re.sub(r"\b\d{4}-\d\d-\d\d\b", _day, plain).partition("=")
    whole, place = key + equals + value, f"{key.strip()[:60]}: " if equals else ""
    told = [(whole, each) for each in ANYWHERE]
    told += [(value, each) for each in SLIPS] if equals else []
    told += [(whole, each) for each in ((ODD_SPACE,) if equals else (ODD_SPACE, COLON))]
    for where, (pattern, words) in told:
        if found := re.search(pattern, where):
            inner = re.findall(r"([\w-]+)\s*=", f"{key}={where[: found.start()]}")[-1:]
            if words == YES_OR_NO and inner and inner[0] not in flags:
                words = "{0} is not allowed; the key takes neither true nor false"
            quoted = re.sub(r"\s", " ", found[0].strip()[:60])
            return f"line {line}: {place}{words.format(quoted)}"
    return None


def _day(found: re.Match[str]) -> str:
    """Nothing where a date is one, for nothing is wrong with it."""
    try:
        return "·" if date.fromisoformat(found[0]) else ""
    except ValueError:
        return found[0]


def twice(names: list[str]) -> str:
    """The first of the names, by the alphabet, that stands there a second time; else empty."""
    return next((b for a, b in pairwise(sorted(names)) if a == b and a), "")


def shown(text: str, most: int = 80) -> str:
    """A text short and plain enough to quote: one line of `most` characters, none for control."""
    plain = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:most])
    return plain + "…" * (len(text) > len(plain))


def plain(value: Any) -> Any:
    """A text, or all texts of plain data, with � for control characters except lines and tabs.

    >>> plain({"a\\0": ["\\x1b[31m", 1]}), plain("a\\nb")
    ({'a�': ['�[31m', 1]}, 'a\\nb')
    """
    if isinstance(value, str):
        return CONTROL.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {plain(key): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def cell(value: Any) -> Any:
    """A value for a table's cell: a text that a spreadsheet would take for a formula is quoted.

    >>> cell("=1+1"), cell("-0.05"), cell(-1), cell("@a\\0")
    ("'=1+1", '-0.05', -1, "'@a�")
    """
    if not isinstance(value, str):
        return value
    return ("'" if FORMULA.match(value) else "") + plain(value)


FORMULA = re.compile(r"\s*[=+@\t\r-](?!\d*\.?\d+(e[+-]?\d+)?$)", re.IGNORECASE)


def listed(words: Iterable[object], last: str = "and") -> str:
    """Words in a row, with "and" or "or" before the last.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or"), listed(["a"]), listed([])
    ('a, b and c', 'a or b', 'a', '')
    """
    *most, end = [str(word) for word in words] or [""]
    return f"{', '.join(most)} {last} {end}" if most else end


def near(name: str, known: Iterable[str]) -> str:
    """The hint that a name which is not known may be one that is, mistyped; else empty.

    >>> near("noticedays", ["notice_days", "end"]), near("x", ["end"])
    ('; did you mean notice_days?', '')
    """
    found = nearest(name, known)
    return f"; did you mean {found}?" if found else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that one which is not known is near to; else empty."""
    return next(iter(get_close_matches(name[:MOST_NAME], list(known), 1, NEAR)), "")


def per_cent(value: object) -> str:
    """The hint that a rate or share above 1 may be meant as per cent; else empty.

    >>> per_cent(8), per_cent(0.5)
    ('; did you mean 0.08 (8 %)?', '')
    """
    number = isinstance(value, int | float) and not isinstance(value, bool) and 1 < value <= 100
    return f"; did you mean {value / 100:g} ({value:g} %)?" if number else ""  # type: ignore[operator]
