"""Tables of `page.choose.chosen`: amounts and a sentence for every choice that a page offers."""

from datetime import date

import pandas as pd

from analysis.contract import Position, readings, terms

Tables = tuple[pd.DataFrame, pd.DataFrame]
LEFT, FIRM, WORTH = "remaining contract value", "committed", "committed, present value"
MOST_DAYS = 60  # firsts: of a longer term every second month, or third …


def days(found: Position, *, most: int = MOST_DAYS) -> list[date]:
    """The start under any interpretation, `most` firsts of months, and the position's day."""
    read = [found.under(name) for name in every(found)]
    firsts = sorted({day for each in read for day in each.service_days if day.day == 1})
    kept = firsts[:: 1 + len(firsts) // most]
    return sorted({*kept, *(each.read.start for each in read), found.as_of})


def every(found: Position) -> dict[str, str]:
    """The interpretations to choose from, with their words: all, the headline, the one in use."""
    names = dict.fromkeys([*readings.names(found), terms.HEADLINE, found.reading])
    return {name: readings.label(found, name) for name in names}
