"""Texts that are nearly right: a good one with a few edits, as a slip or an attacker makes them."""

import re
from collections.abc import Callable

from hypothesis import strategies as st

Edit = Callable[[list[str]], list[str]]
TOKEN = re.compile(r"[A-Za-z_][\w-]*|\d[\w.:-]*|\"[^\"\n]*\"|\s+|.", re.S)
# fmt: off
NASTY = [
    "", "-1", "0", "1e400", "-0.0", "nan", "inf", "1e308", "5e-324", "9" * 400, "0x" + "f" * 300,
    "true", '""', '"' + "a" * 5_000 + '"', "'''", '"\\u0000"', "[]", "{}", "[[]]", "[" * 500,
    "{a=" * 200,
    "0001-01-01", "9999-12-31", "2026-02-30", "2026-05-03T00:00:00Z", "12:00:00", "2299-12-31",
    "1900-01-01",
    "../../../etc/passwd", '"../../evil"', '"/tmp/evil"', '"con"', '"."', '"$(touch evil)"',
    '"{{7*7}}"',
    "\x00", "\ufeff", "\u202e", "\ud7ff", "\U0010ffff", "\r", "\n\n[fee]\n", "\n[[fee]]\n",
    "=", ".", ",", "#",
    "[readings.x]\n", 'title = "x"\n', "[[amendment]]\n", "[[tranche]]\n", "[extension]\n",
    "100000", "36525",
    "36526", "1200", "1201", "1e15", "1.0000001e15", "0.0000001", "none", '"none"',
    '"headline"', '"+"',
]
# fmt: on


def mutated(goods: list[str], edits: int = 4) -> st.SearchStrategy[str]:
    """A good text with up to so many edits of its tokens and lines."""
    tokens = [TOKEN.findall(good) for good in goods]
    return st.builds(
        _applied, st.sampled_from(tokens), st.lists(_edit(), min_size=1, max_size=edits)
    )


def _edit() -> st.SearchStrategy[Edit]:
    place = st.floats(0, 1, exclude_max=True)
    return st.one_of(
        st.builds(_put, place, st.sampled_from(NASTY)),
        st.builds(_replace, place, st.sampled_from(NASTY)),
        st.builds(_swap, place, place),
        st.builds(_cut, place, st.integers(1, 40)),
        st.builds(_double, place, st.integers(1, 60)),
        st.builds(_replace, place, st.text(max_size=8)),
        st.builds(_replace, place, st.floats().map(repr)),
        st.builds(_replace, place, st.dates().map(str)),
    )


def _applied(tokens: list[str], edits: list[Edit]) -> str:
    for edit in edits:
        tokens = edit(tokens) or [""]
    return "".join(tokens)


def _at(tokens: list[str], place: float) -> int:
    """A token that says something, not a blank, at about that place."""
    said = [n for n, token in enumerate(tokens) if not token.isspace()] or [0]
    return said[int(place * len(said))]


def _put(place: float, text: str) -> Edit:
    return lambda tokens: [*tokens[: (at := _at(tokens, place))], text, *tokens[at:]]


def _replace(place: float, text: str) -> Edit:
    return lambda tokens: [*tokens[: (at := _at(tokens, place))], text, *tokens[at + 1 :]]


def _cut(place: float, length: int) -> Edit:
    return lambda tokens: [*tokens[: (at := _at(tokens, place))], *tokens[at + length :]]


def _double(place: float, length: int) -> Edit:
    return lambda tokens: [*tokens[: (at := _at(tokens, place)) + length], *tokens[at:]]


def _swap(one: float, other: float) -> Edit:
    def swapped(tokens: list[str]) -> list[str]:
        left, right, new = _at(tokens, one), _at(tokens, other), list(tokens)
        new[left], new[right] = new[right], new[left]
        return new

    return swapped
