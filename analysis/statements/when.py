"""What a page says first of the day that it is seen from."""

from datetime import date

from analysis.findings import Finding, day, finding


def seen(found: Finding, *, on: date, end: date, begun: bool = False) -> Finding:
    """A lead that says first where nothing is left to serve on a day.

    `begun`: whether the lead is as when service began on any day, and says so.
    """
    if on >= end:
        text = (
            "On {seen_on} nothing is left to serve; what follows is as when service began. "
            + found.sentence
        )
        return finding(text, seen_on=day(on), **found.parts)
    if begun:
        return finding(found.sentence + " All of it is as when service began.", **found.parts)
    return found
