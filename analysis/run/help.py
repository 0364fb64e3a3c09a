"""What `report --help` lists: examples, agreements and their readings, questions, parameters."""

from collections.abc import Iterable, Iterator

from analysis.contract import files
from analysis.page import notebooks, parameters
from analysis.page.command import written
from analysis.page.notebooks import Notebook
from analysis.run import pages
from analysis.run.report import FIXED
from analysis.run.runs import title

ASKED = {*FIXED, "reading", "as_of"}  # each has an option of its own


def text(program: str) -> str:
    """All that can be asked for, in words."""
    books = notebooks.find()
    return pages.filled(
        "help.txt",
        program=program,
        agreements=[(name, files.contract(name)) for name in files.names()],
        questions=[(book.name, title(book)) for book in books],
        parameters=_parameters(books),
    )


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
