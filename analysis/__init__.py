"""Compute-capacity agreements: what is promised, what it is worth, who owns the right to leave."""

import sys
from typing import Any


def _term_sheet(found: Any) -> str:
    """How a notebook shows an agreement or a position: by its term sheet."""
    from analysis.contract import Position, position
    from analysis.page import sheet

    return sheet.html(found if isinstance(found, Position) else position(found))


def _show(shell: Any) -> None:
    """Show agreements and positions that end a cell."""
    tables = shell.display_formatter.formatters["text/html"]
    tables.for_type_by_name("analysis.contract.terms", "Agreement", _term_sheet)
    tables.for_type_by_name("analysis.contract.position", "Position", _term_sheet)


if "IPython" in sys.modules and (_shell := sys.modules["IPython"].get_ipython()):
    _show(_shell)
