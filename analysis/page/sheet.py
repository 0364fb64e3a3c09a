"""What a file is understood to say, before anything is valued: in lines, and as the term sheet."""

import re
from datetime import date
from html import escape

import pandas as pd

from analysis.contract import Agreement, Position, files, ladder, position
from analysis.contract.amendments import in_force
from analysis.contract.fields import DAY
from analysis.data.texts import listed
from analysis.page import clauses, findings, hints, tables

NAMES = {
    "customer": "termination by the customer",
    "provider": "termination by the provider",
    "total to the stated end": "total contract value",
}
"""What the term sheet calls a row that has another name in the lines."""
FIELDS = {
    "parties": ("provider", "customer"),
    "term": ("start", "end"),
    "first monthly fee": ("fee",),
    "last monthly fee": ("fee",),
    "total to the stated end": ("fee",),
    "customer": ("termination.customer",),
    "provider": ("termination.provider",),
    "what is sold": ("sells",),
    "costs not in the fee": ("costs",),
    "rises": ("escalator", "tranche.escalator"),
    "delivery": ("delivery", "tranche.delivery"),
    "prepayment": ("prepayment", "tranche.prepayment"),
    "take or pay": ("take_or_pay",),
    "paid once": ("one_off",),
    "service credit": ("service_credit",),
    "option to extend": ("extension",),
    "how far fees are promised": ("amounts", "tranche.amounts"),
    "price by unit": ("unit_price",),
    "more capacity": ("capacity_option",),
    "termination for cause": ("cause",),
    "other consideration": ("consideration",),
    "holding over": ("holdover",),
    "tranche to end alone": ("tranche.termination",),
}
"""The terms that a row rests on, where it has another name than its term."""
NO_EVIDENCE = {"kind": "none given", "source": "", "date": None, "locator": "", "note": ""}
MILLIONS = re.compile(r"\$\d{1,3}(?:,\d{3}){2,}(?:\.\d+)?")


def lines(agreement: Agreement) -> list[str]:
    """Sides, term, fees, total, who may terminate when, and hints at what may be a slip."""
    return [
        f"{agreement.id}: {agreement.provider} provides, {agreement.customer} uses",
        *(f"{name}: {text}" for name, text in clauses.main(agreement)),
        f"readings: {', '.join(agreement.readings)}",
        *(f"hint: {hint}" for hint in hints.of(agreement)),
    ]


def checked(agreement: Agreement) -> list[str]:
    """What `check` tells: `lines`, what the money hangs on, and what is committed.

    That is at first, after the last amendment and after the last fact.
    """
    known = [position(agreement)]
    if (last := max((a.signed for a in agreement.amendment), default=date.min)) > known[0].as_of:
        known.append(position(agreement, last))
    standing = known[-1].standing
    if (last := max((f.date for f in agreement.fact), default=date.min)) > known[-1].as_of:
        known.append(position(agreement, last))
    facts = []
    for kind in dict.fromkeys(fact.kind for fact in agreement.fact):
        days = [fact.date for fact in agreement.fact if fact.kind == kind]
        facts.append(f"facts: {len(days)} of {kind}, the last of {max(days)}")
    besides = clauses.besides(in_force(standing))
    uncertain = []
    for path, span in agreement.uncertain.items():
        table, *parts = path.split(".")
        if table == "tranche":
            path = f"{agreement.tranche[int(parts[0])].name}: {'.'.join(parts[1:])}"
        uncertain.append(f"uncertain: {path}, {span.low} to {span.high}")
    return [
        *lines(standing),
        *hints.understood(agreement),
        *uncertain,
        *(f"{name}: {text}" for name, text in besides.items()),
        *(
            f"amendment: {a.title}, from {a.effective}: {listed([*a.terms])}"
            for a in standing.amendment
        ),
        *facts,
        *map(_committed, known),
    ]


def _committed(found: Position) -> str:
    """What is committed on a day, and the last day that a fee of it is for."""
    firm = found.firm()
    waits = firm.usd - found.ladder().set_index("step").usd[ladder.FIRM]
    held = f", {clauses.usd(waits)} of it conditional on delivery" if waits > 1 else ""
    owed = f", {clauses.usd(firm.exit_fee_usd)} of it to leave" if firm.exit_fee_usd else ""
    paid = firm.rows.end[firm.rows.fee_usd != 0]
    last = paid.max() if len(paid) else firm.end
    less = -sum(charge.usd for charge in firm.charges if charge.usd < 0)
    held += f", after {clauses.usd(less)} of credits" if less else ""
    first = ", the first day of service" if found.as_of == found.agreement.start else ""
    told = f"committed on {found.as_of}{first}: {clauses.usd(firm.usd)}{held}{owed}"
    return f"{told}, to {last - DAY}"


def term_sheet(found: Position) -> pd.DataFrame:
    """The terms as known on the day, a row each: `term, value, source`.

    source: the kinds of evidence behind it (disclosed, reported, derived, assumed). Amounts from a
    million on are written as pages write them.

    >>> term_sheet(position(deal)).value.tolist()[0]
    'Provider provides, Customer uses'
    """
    deal, pay = found.agreement, found.terms.payment
    about = evidence(deal)
    often = "monthly" if pay.billing_months == 1 else f"every {pay.billing_months} months"
    within = f", within {pay.days_to_pay} days" if pay.days_to_pay else ""
    rows = [
        ("parties", f"{deal.provider} provides, {deal.customer} uses"),
        *(row for row in clauses.main(found.standing) if row[0] != "reported"),
        ("payment", f"in {pay.timing}, {often}{within}"),
        *clauses.besides(found.terms).items(),
        ("interpretation", found.interpretation),
    ]
    table = [(NAMES.get(name, name), _short(text), _kinds(about, name)) for name, text in rows]
    return pd.DataFrame(table, columns=["term", "value", "source"])


def evidence(agreement: Agreement) -> pd.DataFrame:
    """Where each value of the agreement comes from: a row a value.

    Columns `field, value, kind, source, date, locator, note`; of several entries that cover a
    value the most specific one counts. `kind` is "none given" where nothing covers it.
    """
    table = []
    entries = {item.field: item for item in reversed(agreement.evidence)}
    for field, value in files.values(agreement):
        cited = [path for path in files.paths(field) if path in entries]
        best = entries[max(cited, key=len)] if cited else None
        about = [getattr(best, column, empty) for column, empty in NO_EVIDENCE.items()]
        table.append((field, value, *about))
    return pd.DataFrame(table, columns=["field", "value", *NO_EVIDENCE])


def html(found: Position) -> str:
    """The term sheet as a notebook shows it."""
    head = f"<b>{escape(found.agreement.title, quote=False)}</b>, {found.as_of}"
    return head + tables.html(term_sheet(found))


def _short(text: str) -> str:
    return MILLIONS.sub(lambda m: str(findings.usd(float(m[0][1:].replace(",", "")))), text)


def _kinds(about: pd.DataFrame, name: str) -> str:
    paths = FIELDS.get(name, (name,))
    rests = [any(f == p or f.startswith(f"{p}.") for p in paths) for f in about.field]
    return ", ".join(kind for kind in about.kind[rests].unique() if kind != "none given")
