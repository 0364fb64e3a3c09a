"""What people take with them: an agreement as an Excel workbook, and its dates as a calendar."""

import base64
from collections.abc import Mapping
from html import escape

from analysis.page.exports.calendar import calendar
from analysis.page.exports.workbook import workbook

__all__ = ["Downloads", "calendar", "workbook"]
TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar",
    "csv": "text/csv",
}


class Downloads:
    """Files to take away, by name, shown as links that hold them: no network is needed.

    >>> Downloads({"deal.ics": b"BEGIN"})
    deal.ics (5 bytes)
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def __repr__(self) -> str:
        return ", ".join(f"{name} ({len(held):,} bytes)" for name, held in self.files.items())

    def _repr_html_(self) -> str:
        links = (
            f'<a download="{escape(name)}" href="data:{TYPES[name.rsplit(".", 1)[-1]]};base64,'
            f'{base64.b64encode(held).decode()}">{escape(name)}</a>'
            for name, held in self.files.items()
        )
        return f"<p>{' · '.join(links)}</p>"
