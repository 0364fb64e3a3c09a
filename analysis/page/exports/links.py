"""Links that hold their file: they work in JupyterLab, in an app and on a page without network."""

import base64
from collections.abc import Mapping
from html import escape

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ics": "text/calendar",
    "csv": "text/csv",
}


class Downloads:
    """Files to take away, the bytes of each by its name, shown as links.

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
