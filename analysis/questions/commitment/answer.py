"""How much of an agreement is committed, until when, under which interpretation."""

import math
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd

from analysis.contract import ladder as steps
from analysis.contract import (
    readings,
    schedule,
)
from analysis.contract.schedule import Schedule
from analysis.contract.served import served_until
from analysis.data.texts import listed
from analysis.models.finance.value import present_value
from analysis.models.units import CENT_USD
from analysis.page import exports, sheet
from analysis.page.answers import table
from analysis.questions.commitment import tables
from analysis.questions.commitment.parameters import Parameters
from analysis.questions.figures import ends, number, seen, tabled, worded
from analysis.questions.question import Question, evidenced

ROUND_OFF, MOST_NAMED = 1e-9, 2
TERM = "terms.termination."
MOVED = (
    *("contract", "reading", "as_of", "party"),
    *(f"{TERM}customer.{key}" for key in ("notice_days", "gate_months", "fee_months")),
    "terms.end",
    *(f"{TERM}provider.{key}" for key in ("notice_days", "gate_months", "fee_months")),
    *("seen_from", "rate", "default_probability", "loss_given_default"),
)
NOW, BEGAN = "valuation date", "start"
COLUMNS = {
    "firm_low_usd": "committed_low_usd",
    "firm_usd": "committed_usd",
    "firm_high_usd": "committed_high_usd",
    "headline_usd": "remaining_usd",
    "firmness": "committed_share",
}
SHOWN = ["valued_on", "interpretation", "reading", "status", "end", *COLUMNS.values()]


class Answer(Question):
    """What is committed although a party may terminate, and what remains if nobody does."""

    kind = Parameters
    notebook = "01_what_is_committed"
    counts_committed = False
    heads = Question.heads | {"reading": "code"}
    brief = ("term_sheet", "by_notice", "dates", "open_points")
    main = "bridge"
    moved: ClassVar = dict.fromkeys(MOVED, "")
    below = ("noticed",)

    @property
    def key(self) -> str:  # type: ignore[override]
        """The chart shown first: the ladder where something is conditional, else the timeline."""
        return "ladder" if self.hangs else "timeline"

    @property
    def early_or_late(self) -> str:
        """That the agreement is signed later; what else the day means is said by the lead."""
        return super().early_or_late if self.as_of < self.agreement.signed else ""

    @property
    def idle(self) -> dict[str, str]:
        """Why a control moves nothing."""
        over = "" if self.full_rate_usd > CENT_USD else "nothing is left to serve on that day"
        sure = "" if self.given.loss_given_default else "the loss is 0"
        safe = "" if self.given.default_probability else "the default probability is 0"
        same = "both are the same day" if self.as_of == self.agreement.start else ""
        risk = {"default_probability": over or sure, "loss_given_default": over or safe}
        return {"seen_from": same, "rate": over, **risk}

    party = worded("given.party", "Who may terminate.")

    @property
    def alone(self) -> bool:
        """Whether the text has the one interpretation in use, and none beside it."""
        return not self.agreement.changes and self.reading == self.agreement.reading.name

    @property
    def interpretation(self) -> str:
        """The interpretation in use, by what it says and its name."""
        return f"“{self.position.read.reading.title}” ({self.reading})"

    stated_end_date = number(
        "position.carried.end",
        "The end that the file or the interpretation states, the later.",
        of="agreement",
        reading="",
        kind=evidenced("end"),
    )
    service_start_date = number(
        "position.read.start", "The first day served.", of="agreement", kind=evidenced("start")
    )
    remaining_usd = number(
        lambda found: found.position.carried.usd,
        "All fees from the valuation date to the stated end.",
        of="interpretations",
        rows="_in_use.remaining_usd",
        label="remaining contract value",
    )
    committed_usd = number(
        lambda found: found._firm.usd,
        "Fees that stay owed although the party may terminate.",
        of="interpretations",
        rows="_in_use.committed_usd",
        label="committed",
    )
    committed_end_date = number(
        lambda found: found._firm.end,
        "The earliest day on which the party can be gone.",
        of="interpretations",
        rows="_in_use.end",
        label="earliest termination",
    )
    _firm = property(lambda found: found.position.firm(found.given.party))
    last_service_date = number(
        lambda found: found.service_end_date - timedelta(days=1),
        "The last day of service, as known on the valuation date.",
        of="agreement",
    )
    service_end_date = number(
        lambda found: served_until(found.position.read, found.as_of),
        "The first day on which nothing is served any more.",
        of="agreement",
    )

    committed_share = number(
        lambda found: found.committed_usd / (found.remaining_usd or math.nan),
        "Committed fees ÷ remaining contract value.",
        of="interpretations",
        rows="_in_use.committed_share",
    )

    service_days = number(
        lambda found: (found.position.end - max(found.as_of, found.agreement.start)).days,
        "Days of service left to the stated end.",
        of="agreement",
    )
    committed_days = number(
        lambda found: (found.committed_end_date - found.as_of).days,
        "Days from the valuation date to the earliest termination.",
        of="interpretations",
    )

    def present_value(self, rate: float) -> float:
        """Committed fees discounted to the valuation date."""
        return present_value(self._firm, rate=rate, as_of=self.as_of)

    @property
    def case(self) -> str:
        """What kind of answer there is on the valuation date."""
        if self.committed_end_date <= self.service_start_date:
            return "not begun" if self.committed_usd < CENT_USD else "fee to leave"
        if self.committed_usd >= CENT_USD:
            return "whole" if self.committed_share > 1 - ROUND_OFF else "open"
        if self.service_end_date <= self.as_of:
            return "over"
        return "no fee" if self.position.headline.usd < CENT_USD else "free"

    @property
    def right(self) -> str:
        """Why nothing but the stated end ends the commitment."""
        ways = self.position.exits(self.given.party)
        if ways and min(way.first for way in ways) >= self.position.end:
            return "can no longer terminate before the stated end"
        held = self.position.right(self.given.party)
        return "gains nothing by terminating" if held else "has no right to terminate"

    in_part = property(lambda found: found.committed_end_date >= found.service_end_date)
    ends_earlier = property(lambda found: bool(found.position.end < found.stated_end_date))

    @table
    def interpretations(self) -> pd.DataFrame:
        """What each interpretation commits on the valuation date, and when service began.

        `valued_on, interpretation, reading, status, end, committed_usd, remaining_usd,
        committed_share`; `low` and `high` are the amounts at the ends of undisclosed discounts.
        """
        days = {BEGAN: self.agreement.start, NOW: self.as_of}
        once = {day: seen for seen, day in days.items()}  # on the first day alike
        found = [self._compared(day).assign(valued_on=seen) for day, seen in once.items()]
        told = pd.concat(found[::-1], ignore_index=True)
        return told.rename(columns=COLUMNS | {"title": "interpretation"})[SHOWN]

    def _compared(self, day: date) -> pd.DataFrame:
        found = readings.compare(self.position.on(day), party=self.given.party)
        status = [readings.said(self.position, name).status for name in found.reading]
        return found.assign(status=status)

    def _those(self, seen: str) -> pd.DataFrame:
        """What is still held: the interpretation in use, and those that weigh something."""
        found = self.interpretations[self.interpretations.valued_on == seen]
        return found[found.reading.isin(self._held)]

    @cached_property
    def _held(self) -> list[str]:
        names, here = self.agreement.readings, self.position
        return [n for n in names if n == self.reading or readings.said(here, n).counts]

    @property
    def _in_use(self) -> pd.DataFrame:
        """The interpretation in use on the valuation date."""
        now = self._those(NOW)
        return now[now.reading == self.reading]

    @cached_property
    def _open(self) -> pd.DataFrame:
        """The interpretations under which the party may still terminate; else that in use."""
        now = self._those(NOW)
        limited = (now.committed_share < 1 - ROUND_OFF) & (now.committed_usd > CENT_USD)
        return now[limited] if limited.any() else self._in_use

    open_low_usd, open_high_usd = ends(
        "_open.committed_usd",
        "that an interpretation commits under which the party may still terminate",
        of="interpretations",
        reading="",
    )

    @property
    def agreed(self) -> str:
        """Whether these interpretations are several, and commit the same."""
        if len(self._open) == 1:
            return "alone" if self.alone else "one"
        return "same" if self.open_high_usd - self.open_low_usd < CENT_USD else "apart"

    @property
    def lapsed(self) -> str:
        """The interpretations under which nothing is committed on the valuation date."""
        now = self._those(NOW)
        return _listed(now[now.committed_usd < CENT_USD])

    @property
    def whole(self) -> str:
        """The interpretations under which everything is committed."""
        now = self._those(NOW)
        everything = now.committed_share >= 1 - ROUND_OFF
        return _listed(now[everything & (now.committed_usd >= CENT_USD)])

    @cached_property
    def began(self) -> pd.DataFrame:
        """What was committed when service began where not everything was."""
        began = self._those(BEGAN)
        return began[began.committed_share < 1 - ROUND_OFF]

    start_low_usd, start_high_usd = ends(
        "began.committed_low_usd:least",
        "committed when service began, over interpretations",
        "began.committed_high_usd:most",
        of="interpretations",
        reading="",
    )
    windows = tabled(
        lambda found: tables.windows(found.position, party=found.given.party),
        "The term of each interpretation in stretches: `label, phase, start, end`.",
    )
    marks = tabled(
        lambda found: tables.marks(found.position, party=found.given.party),
        "The days that divide it: `label, mark, date`.",
    )

    bridge_date = seen("The day on which the bridge is valued.")

    def drawn_on(self, name: str) -> date:
        """The valuation date, or the day of the bridge."""
        return self.bridge_date if name == "bridge" else self.as_of

    discount_rate = number("given.rate", "The effective annual discount rate.")
    default_rate = number("given.default_probability", "The chance a year that the party fails.")
    loss_share = number("given.loss_given_default", "The share of what is then due that is lost.")

    @property
    def _risk(self) -> dict[str, Any]:
        names = ("party", "rate", "default_probability", "loss_given_default")
        return {name: getattr(self.given, name) for name in names}

    bridge = tabled(
        lambda found: found.position.on(found.bridge_date).bridge(**found._risk),
        "From fees at the full rate to committed after risk: `step, usd, running_usd`.",
    )
    full_rate_usd = number("bridge.usd:first", "Fees at their full rate to the stated end.")
    bridge_end_usd = number(
        "bridge.running_usd:last", "Committed fees after time value and expected credit loss."
    )
    _risked = property(lambda found: found.ladder[found.ladder.step == steps.RISKED])
    risk_adjusted_usd = number(
        "_risked.usd:first",
        "Committed fees on the valuation date after time value and credit loss.",
        of="ladder",
        label="after time value and credit loss",
    )
    ladder = tabled(
        lambda found: found.position.ladder(**found._risk),
        "What must happen for each dollar to be paid: `step, what, usd, by, date`.",
    )

    @cached_property
    def _steps(self) -> pd.Series:
        return self.ladder.groupby("step").usd.sum()

    @property
    def tiles(self) -> tuple[str, ...]:  # type: ignore[override]
        """Of capacity delivered or due where fees hang on more than notice."""
        second = "firm_usd" if self.hangs else "committed_usd"
        return ("remaining_usd", second, "committed_end_date", "risk_adjusted_usd")

    @property
    def hangs(self) -> bool:
        """Whether fees hang on delivery, lie above the commitment, or are backed by others."""
        course = self.position.schedule
        if not course.terms.support and not [*steps.hanging(course, self.as_of)]:
            return False
        named = (steps.UNDELIVERED, steps.ABOVE, steps.BACKED)
        return any(abs(self._steps.get(step, 0.0)) > CENT_USD for step in named)

    def off(self, step: str) -> float:
        """What a step takes off."""
        return float(self._taken_off(step).usd.sum())

    def _taken_off(self, step: str) -> pd.DataFrame:
        rows = self.ladder[self.ladder.step == step]
        return rows.assign(usd=-rows.usd)

    _conditional = property(lambda found: found._taken_off(steps.UNDELIVERED))
    _above = property(lambda found: found._taken_off(steps.ABOVE))
    _cancellable = property(lambda found: found._taken_off(steps.CANCELLABLE))

    @property
    def backers(self) -> str:
        """Who stands behind the customer's payments, two at most by name."""
        found = self.ladder[(self.ladder.step == steps.BACKED) & (self.ladder.usd > CENT_USD)]
        names = list(dict.fromkeys(found.by))
        return listed(names if len(names) <= MOST_NAMED else [*names[:1], "others"])

    conditional_usd = number(
        lambda found: found.off(steps.UNDELIVERED),
        "Fees for capacity still to be delivered.",
        of="ladder",
        rows="_conditional.usd:sum",
    )

    @property
    def once(self) -> str:
        """That what counts as committed waits for delivery, in words; empty where it does not."""
        return " once delivered" if self.conditional_usd else ""

    above_usd = number(
        lambda found: found.off(steps.ABOVE),
        "Fees that are named as the most or as an estimate.",
        of="ladder",
        rows="_above.usd:sum",
    )
    cancellable_usd = number(
        lambda found: found.off(steps.CANCELLABLE),
        "Fees of the rest after the earliest day on which the party can be gone.",
        of="ladder",
        rows="_cancellable.usd:sum",
    )
    firm_usd = number(
        "_firm_steps.usd:sum",
        "Fees committed of capacity that is delivered, or was due with no fact, and fees to leave.",
        of="ladder",
        label="committed, of capacity delivered or due",
    )
    _firm_steps = property(lambda found: found.ladder[found.ladder.step == steps.FIRM])

    @table
    def effective_price(self) -> pd.DataFrame:
        """The price with and without shares, warrants and loans: `price, usd, usd_mw_month`."""
        found = tables.effective_price(self.position.schedule, self.given.rate)
        return found if len(found) > 1 else found[:0]

    @table
    def notice_periods(self) -> pd.DataFrame:
        """What another notice would commit: `party, notice_days, end, committed_usd`.

        The notice of both sides changes; a party without a right to terminate is left out.
        """
        now, rows = self.position, []
        held = list(now.read.termination.held)
        for days in self.given.notices if held and self.case != "over" else ():
            notice = {"notice_days": days, "notice_months": "none"}
            version = now.changed({"termination": dict.fromkeys(held, notice)})
            rows += [(who, days, version.firm(who).end, version.firm(who).usd) for who in held]
        found = pd.DataFrame(rows, columns=["party", "notice_days", "end", "committed_usd"])
        return found.sort_values("party", kind="stable", ignore_index=True)

    @cached_property
    def noticed(self) -> pd.DataFrame:
        """What the party's other notice would commit: `party, notice_days, end, committed_usd`."""
        own: pd.DataFrame = self.notice_periods[self.notice_periods.party == self.party]
        return own

    @property
    def own_notice_days(self) -> int:
        """The notice of the party's right, served on the valuation date; 0 without one."""
        held = self.position.right(self.party)
        return (held[0].ends(self.as_of) - self.as_of).days if held else 0

    shortest_notice_days = number("noticed.notice_days:first", "The shortest notice compared.")
    longest_notice_days = number("noticed.notice_days:last", "The longest notice compared.")
    shortest_notice_usd = number(
        "noticed.committed_usd:first", "What the shortest notice commits.", of="notice_periods"
    )
    longest_notice_usd = number(
        "noticed.committed_usd:last", "What the longest notice commits.", of="notice_periods"
    )

    term_sheet = tabled(sheet.term_sheet, "The terms that day: `term, value, source`.", "position")

    @table
    def by_notice(self) -> pd.DataFrame:
        """Committed fees by notice, a row a length of notice: `notice_days`, a column a party."""
        found = self.notice_periods.pivot(
            index="notice_days", columns="party", values="committed_usd"
        )
        named = {party: f"if_the_{party}_may_terminate_usd" for party in found}
        return found.rename(columns=named).rename_axis(columns=None).reset_index()

    @table
    def dates(self) -> pd.DataFrame:
        """The next date of each kind and party, with the end that it sets: `date, event, party`."""
        ahead = self.deadlines[self.deadlines.date >= self.as_of]
        sets = ahead.ends.notna() & (ahead.ends != ahead.date)
        notice = ahead.event.str.contains("serve notice")
        to = notice.map({True: ", for service to end by ", False: ", then served to "})
        told = ahead.event + (to + ahead.ends.astype(str)).where(sets, "")
        found = ahead.assign(event=told)[~ahead.duplicated(["event", "party"])]
        return found.drop(columns="ends").reset_index(drop=True)

    open_points = tabled(
        lambda found: pd.DataFrame({"open_point": list(found.agreement.notes)}),
        "What the file's author could not find: `open_point`.",
    )
    totals = tabled(
        tables.headline_arithmetic,
        "Why one agreement has several totals: `method, months, usd, reported`.",
        "position.signed",
    )
    unfit = property(lambda found: listed(found.totals.reported[found.totals.months.isna()]))

    @property
    def unfound(self) -> str:
        """What was looked for and is not in the file: no notice is, which a file cannot hold."""
        own = self.position.read
        absent = {"amendment": not own.amendment, "prepayment": own.prepayment is None}
        return listed(["notice", *(name for name, none in absent.items() if none)], "or")

    deadlines = tabled(
        lambda found: found.position.deadlines, "Every date: `date, event, party, ends`."
    )

    @cached_property
    def next(self) -> Any:
        """The party's next last day to serve notice, a row of the deadlines; None without one."""
        dates = self.deadlines[self.deadlines.party.isin([self.party, "either"])]
        dates = dates[(dates.date >= self.as_of) & dates.event.str.startswith("last day to serve")]
        return dates.iloc[0] if len(dates) else None

    @property
    def next_party(self) -> str:
        """Who may serve it."""
        return "either party" if self.next.party == "either" else f"the {self.next.party}"

    notice_date = number("next.date", "The next last day to serve notice.", of="deadlines")
    notice_end_date = number(
        "next.ends", "The first day not served after a notice on that last day.", of="deadlines"
    )

    @table
    def amendments(self) -> pd.DataFrame:
        """What each amendment changes, seen from the day it was signed."""
        return tables.amendments(self.position.read, party=self.given.party)

    rows = tabled(
        lambda found: schedule.frame(Schedule(found.position.signed, found.position.known).whole),
        "A service period a row: `start, end, days, share, fee_usd, due, clause`.",
    )
    evidence = tabled(
        sheet.evidence,
        "Where each value comes from: `field, value, kind, source, date, locator, note`.",
        "agreement",
    )

    @property
    def downloads(self) -> exports.Downloads:
        """The agreement as a workbook with live sums, and its dates as a calendar."""
        book = exports.workbook(self.position, bridge_from=self.bridge_date, **self._risk)
        dates = exports.calendar(self.position)
        name = self.agreement.id
        return exports.Downloads({f"{name}.xlsx": book, f"{name}.ics": dates})

    @cached_property
    def choices(self) -> tables.Tables:
        """What each interpretation commits on each day at each rate, and a sentence for it."""
        amounts, said, firm = [], [], tables.FIRM + self.once
        for name in tables.every(self.position):
            for day in tables.days(self.position):
                other = self.at(name, day)
                choice = {"reading": name, "day": day.isoformat()}
                amounts.append(choice | {"what": tables.LEFT, "usd": other.remaining_usd})
                amounts.append(choice | {"what": firm, "usd": other.committed_usd})
                for rate in sorted({*self.given.rates, self.given.rate}):
                    worth = {"what": tables.WORTH, "usd": other.present_value(rate)}
                    amounts.append(choice | {"rate": rate} | worth)
                said.append({**choice, "sentence": str(other.say("choice"))})
        return pd.DataFrame(amounts), pd.DataFrame(said)


def _listed(rows: pd.DataFrame) -> str:
    """Interpretations by what they say and their names."""
    return listed(f"“{row.interpretation}” ({row.reading})" for row in rows.itertuples())
