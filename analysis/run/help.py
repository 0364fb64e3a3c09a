"""What `report --help` lists: examples, agreements and their readings, questions, parameters."""

from collections.abc import Iterable, Iterator

from analysis.contract import files
from analysis.page import notebooks, parameters
from analysis.page.command import written
from analysis.page.notebooks import Notebook
from analysis.run.report import FIXED
from analysis.run.runs import title

EXAMPLES = """examples:
  {program} report
  {program} report --contract all --out published
  {program} report --contract my.toml --as-of 2026-06-01 --notebooks 01 03
  {program} report --reading R2 --notebooks 04 -p rate=0.12 -p 'assume={{"rate_year" = 0.12}}'
"""
ASKED = {*FIXED, "reading", "as_of"}  # each has an option of its own


def text(program: str) -> str:
    """All that can be asked for, in words."""
    books = notebooks.find()
    lines = ["agreements (--contract), and the readings of each (--reading, joined by +):"]
    for name in files.names():
        agreement = files.contract(name)
        lines.append(f"  {name}: {agreement.title}")
        lines += [f"    {code}: {words}" for code, words in agreement.readings.items()]
    lines += ["", "questions (--notebooks):", *(f"  {book.name}: {title(book)}" for book in books)]
    lines += ["", "parameters (-p NAME=VALUE), as they are, and the questions that have each:"]
    return "\n".join([EXAMPLES.format(program=program), *lines, *_parameters(books)])


def _parameters(books: Iterable[Notebook]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for book in books:
        fields = book.kind.model_fields
        for name, value in book.parameters.items():
            field = fields[name]
            words = "; ".join(filter(None, (field.description, parameters.allowed(field))))
            line = f"  {name}={written(value)}" + (f"  {words}" if words else "")
            if name not in ASKED:
                found.setdefault(line, []).append(book.name.partition("_")[0])
    return (f"{line}  [{' '.join(found[line])}]" for line in sorted(found))
