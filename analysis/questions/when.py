"""What a page says first of the day that it is seen from."""

from datetime import date

from analysis.contract.commitment import firm
from analysis.contract.served import served_until
from analysis.contract.terms import Agreement
from analysis.page.findings import Finding, day, finding


def seen(found: Finding, agreement: Agreement, *, on: date) -> Finding:
    """A lead that says first where nothing is signed, committed yet, or left to serve, on a day.

    The end is that of service, by the amendments and renewals known on that day.
    """
    if on < agreement.start and firm(agreement, as_of=on).end <= agreement.start:
        text = "On {seen_on} nothing is committed yet: notice that the customer gives now ends the "
        text += "agreement before service begins. What follows is as if it begins. "
        found = finding(text + found.sentence, seen_on=day(on, kind="assumed"), **found.parts)
    if on < served_until(agreement, on):
        return signed(found, agreement, on=on)
    text = "On {seen_on} nothing is left to serve; what follows is as when service began. "
    return finding(text + found.sentence, seen_on=day(on), **found.parts)


def signed(found: Finding, agreement: Agreement, *, on: date) -> Finding:
    """A lead that says first where the agreement was signed after a day."""
    if on >= agreement.signed:
        return found
    text = "The agreement was signed on {signed_on}, after {before_signing}. "
    days = {"signed_on": day(agreement.signed), "before_signing": day(on, kind="assumed")}
    return finding(text + found.sentence, **days, **found.parts)
