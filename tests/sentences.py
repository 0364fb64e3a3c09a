"""All that the questions say of an agreement, and what no sentence may be."""

import re
from importlib import import_module
from pathlib import Path

from tests.played import NOTEBOOKS

SOURCES = [path.read_text(encoding="utf-8") for path in NOTEBOOKS.glob("*.ipynb")]
QUICK = ("commitment", "price", "changes", "accounting", "site")
SLOW = ("lease_out", "build_or_rent", "drivers", "precedent", "exit")
QUESTIONS = QUICK + SLOW
PLURAL = (
    r"(?:days|months|years|judgements|interpretations|deals|rows|agreements|exits|fees|notices)"
)
SINGLE = r"(?:day|month|year|judgement|interpretation)"
REFUSED = {
    "an empty reason": r": ?\.|: *$",
    "doubled spaces or stops": r"  |\.\.|,,|;;| [,;.](?!\d)",
    "minus zero": r"[−-]\$?0(?:\.0+)?(?!\d|[.,]\d)",
    "one of several": rf"(?<![\d.,–-])1 {PLURAL}\b",
    "several of one": rf"(?<![\d.,])(?:[2-9]|[1-9]\d+) {SINGLE}\b(?!-)",
    "a word of code": r"\bfirm\b",
    "no number": r"\bnan\b|\binf\b|∞|\bNone\b",
    "a range of one value": r"(?<![\w.$−])(\$?[\d.]+\w*) to \1(?![\w.])",
    "a span of one value": r"(?<![\w.])([\d.]+)–\1(?!\.?\d)",
}  # fmt: skip


def of(name: str, path: Path, reading: str, as_of: str) -> list[str]:
    """All that the question's notebook says of an agreement: its lead, sentences and titles."""
    module = import_module(f"analysis.questions.{name}.answer")
    few = {"draws": 20} if name == "exit" else {}
    found = module.Answer(contract=str(path), as_of=as_of, reading=reading, **few)
    source = next(text for text in SOURCES if f"analysis.questions.{name}.answer import" in text)
    said = [found.say(each) for each in re.findall(r"\.say\([^\w]*(\w+)[^\w]*\)", source)]
    charts = [] if found.why_not else re.findall(r"\.draw\([^\w]*(\w+)[^\w]*\)", source)
    drawn = [found.title(each) for each in charts if getattr(found.charts, each)(found) is not None]
    assert len(said) + len(drawn) > 1
    return [str(found.lead), *map(str, filter(None, said)), *drawn]


def wrong(text: str) -> list[str]:
    """What is wrong with a sentence, by the names of the rules."""
    return [rule for rule, pattern in REFUSED.items() if re.search(pattern, text)]
