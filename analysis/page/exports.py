"""What people take with them: an agreement as an Excel workbook, and its dates as a calendar."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Any

from analysis.contract import Agreement, Position
from analysis.data.texts import plain
from analysis.page.workbook import workbook

__all__ = ["Downloads", "calendar", "workbook"]
WARNING = timedelta(days=-14)  # before a last day to serve notice
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


def calendar(found: Position) -> bytes:
    """Every deadline from the position's day on as an all-day event, with a warning 14 days before.

    Only a last day to act is warned of. The same terms and day give the same bytes (RFC 5545: the
    stamp is the day, an event's UID a digest of what it says), so that a second import replaces
    the first.
    """
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//compute-agreements//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", plain(found.agreement.title))
    dates: Any = found.deadlines
    for event in dates[dates.date >= found.as_of].itertuples():
        made.add_component(
            _event(found.read, found.as_of, event.date, event.event, event.party, event.ends)
        )
    return bytes(made.to_ical())


def _event(
    agreement: Agreement, as_of: date, day: date, words: str, party: str, ends: date | None
) -> Any:
    from icalendar import Alarm, Event

    who = {"either": "either party", "both": ""}.get(party, f"the {party}")
    said = f"{agreement.id}: {words}" + (f" ({who})" if who else "")
    if ends and ends != day:
        begins = ends > agreement.start
        said += f", service ends {ends}" if begins else ", service does not begin"
    made = Event()
    digest = hashlib.sha256(f"{agreement.id} {day} {words} {party}".encode()).hexdigest()
    made.add("uid", f"{digest[:32]}@compute-agreements")
    made.add("dtstamp", datetime.combine(as_of, time(), UTC))
    made.add("dtstart", day)
    made.add("dtend", day + timedelta(days=1))
    made.add("transp", "TRANSPARENT")
    made.add("summary", plain(said))
    made.add("description", plain(f"Interpretation: {agreement.reading.title}"))
    if "last day" in words:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", plain(said))
        alarm.add("trigger", WARNING)
        made.add_component(alarm)
    return made
