"""What was signed: an agreement, the readings it leaves open, and how its terms are changed.

Computes no money and no dates. "What if" is `change(agreement, {...})`, validated anew.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from analysis.contract import derived, duration, prices
from analysis.contract.capacity import Capacity, CapacityOption, Costs, Delivery, Sells, Tranche
from analysis.contract.dates import Proration
from analysis.contract.fields import (
    MAX_NAMED,
    Amounts,
    Bound,
    Clause,
    Day,
    DayRange,
    Few,
    Many,
    Months,
    Name,
    NonNegative,
    OpenDay,
    Positive,
    Share,
    Steps,
    Table,
    Text,
)
from analysis.data.texts import MAX_TEXT, shown

SITE = "site"
HEADLINE = "headline"
DERIVED = {"derived": True}  # from terms that keep the limits of a file: free of them
FIXED_BY_READINGS = {"id", "known", "signed", "reading", "readings", "amendment", "evidence"}


class Fact(Clause):
    """What happened: a share delivered, units used, availability, an index level, money spent."""

    kind: Literal["delivered", "usage", "availability", "index", "spend"]
    """What is known."""
    date: Day
    """The day from which a share delivered holds; the first day of the month of usage and
    availability; the day of publication of an index; the last day that the spending counts."""
    value: NonNegative
    """A share, units, an index level, or dollars spent from the start of the agreement on."""
    capacity: Text = "site"
    """The tranche delivered; of usage, the name of its price where several are charged at once."""
    source: Text
    """Where this is written."""

    def _problems(self) -> Iterator[str]:
        if self.kind not in ("delivered", "usage") and self.capacity != SITE:
            yield f"{self.kind} is of no capacity; leave out {self.capacity!r}"
        elif self.kind in ("delivered", "availability") and self.value > 1:
            yield f"{self.kind} {self.value:g} on {self.date}; allowed: 0 to 1"


class Amendment(Clause):
    """Changed terms from the day `effective` on; periods before it stay as they were.

    New fee steps replace the old ones from the first new one on, are charged as stated and rise
    from then.
    """

    title: Text
    """What the amendment is called."""
    signed: Day
    """The day of signature."""
    effective: Day
    """The first day on which the changed terms hold."""
    terms: Table
    """The keys that change, written as in the agreement, like `end` or `fee`."""


class Reported(Clause):
    """A total that others have put on the agreement."""

    usd: Positive
    """The total."""
    at_least: bool = False
    """True if they wrote "over"."""
    by: Text
    """Who wrote it, and how."""


class Evidence(Clause):
    """Where a value comes from."""

    field: Text
    """Path of the value, like `fee.usd_month`, or one above it; `*` is all."""
    kind: Literal["disclosed", "reported", "derived", "assumed"]
    """How far the source supports it."""
    source: Text
    """Document or page that says so."""
    date: Day
    """The day of the source."""
    locator: Text
    """Where in the source it stands, or how to find it."""
    note: Text = ""
    """What a reader should know beside it."""


SAID = frozenset({"title", "status", "weight", "until"})
"""The keys of a reading that change no term."""
UNWEIGHED = ("superseded", "hypothetical")


class Reading(Clause):
    """The name and meaning of the terms as they stand; "+" joins the names of several readings."""

    name: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", max_length=MAX_TEXT)
    ] = "as-written"
    """The name by which it is asked for."""
    title: Text = "the terms as the file states them"
    """What it takes the text to mean."""
    status: Literal["in force", "superseded", "press", "hypothetical"] = "in force"
    """Of the text that it reads; superseded and hypothetical ones count nothing."""
    weight: Share = 1.0
    """What it counts beside the others, assumed."""
    until: Day | None = None
    """The day from which its text is superseded."""

    @property
    def counts(self) -> float:
        """Its weight beside the others, nothing where it is superseded or hypothetical."""
        return self.weight if self.stands else 0.0

    @property
    def stands(self) -> bool:
        """Whether its text is neither superseded nor hypothetical."""
        return self.status not in UNWEIGHED

    def _problems(self) -> Iterator[str]:
        if self.status in UNWEIGHED and "weight" in self.model_fields_set and self.weight:
            yield f"weight: {self.weight} is not allowed; allowed: 0 where status is {self.status}"
        if self.until and self.status != "superseded":
            yield f"until: {self.until} is not allowed; allowed: where status is superseded"


def said_by(name: str, changed: Mapping[str, Any]) -> Reading:
    """What a reading says of itself, from its table in the file."""
    return Reading(name=name, **{key: changed[key] for key in SAID if key in changed})


class Agreement(Clause):
    """One compute-capacity agreement: all that was signed, and the readings it leaves open."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=64)]
    """The name it is asked for by: small letters, digits and hyphens."""
    title: Text = ""
    """What people call it; left out: its parties."""
    invented: bool = False
    """True for an agreement that nobody signed."""
    known: Day | None = None
    """The day up to which public text was searched for notices, amendments, prepayments."""
    provider: Text
    """Who serves."""
    customer: Text
    """Who pays."""
    signed: Day
    """The day of signature."""
    start: OpenDay
    """The first day of service; left out where every tranche states its own: the first of them."""
    end: OpenDay
    """The first day not served; left out with `term_months`, or where every tranche ends."""
    term_months: Months | None = None
    """In place of `end`: how long the term is."""
    full_months: bool = False
    """True if they are full calendar months, to which the part month at the start is added."""
    total_usd: Positive | None = None
    """The total contract value, "up to" included: fees without an amount are solved from what the
    others leave, shared by MW, else by accelerators of one kind, else evenly."""
    proration: Proration = "calendar-days"
    """How a part month at the start or end of a fee, tranche or price is charged: by its days ÷ the
    month's own, 30, 30/360 or 365 ÷ 12; `full-period`: by days ÷ those of the billing period,
    counted from the start, never rounded up. A step inside a month parts it by days, or 30/360."""
    capacity: Capacity = Capacity()
    scopes: dict[Name, Capacity] = Field(default={}, max_length=MAX_NAMED)
    """Other capacity that the fee may be taken to pay for, by name; never added up."""
    fee: Steps[prices.Fee] = ()
    tranche: Few[Tranche] = ()
    delivery: Delivery | None = None
    termination: duration.Terminations = duration.Terminations()
    payment: prices.Payment = prices.Payment()
    prepayment: prices.Prepayment | None = None
    deposit: prices.Deposit | None = None
    escalator: prices.Escalator | None = None
    take_or_pay: prices.TakeOrPay | None = None
    service_credit: Few[prices.ServiceCredit] = ()
    extension: Few[duration.Extension] = ()
    renewal: duration.Renewal | None = None
    sells: Sells = "not stated"
    """What is provided: a shell, colocation, bare metal, a managed cloud, or credits."""
    costs: Costs = Costs()
    amounts: Amounts = "fixed"
    """How far fees outside tranches are promised; "up to" and estimates are not committed."""
    minimum: Few[prices.Minimum] = ()
    unit_price: Few[prices.UnitPrice] = ()
    one_off: Few[prices.OneOff] = ()
    support: Few[prices.Support] = ()
    capacity_option: Few[CapacityOption] = ()
    cause: Few[duration.Cause] = ()
    consideration: Few[prices.Consideration] = ()
    holdover: duration.Holdover | None = None
    fact: Many[Fact] = ()
    amendment: Many[Amendment] = ()
    reading: Reading = Reading()
    changes: dict[Name, Table] = Field(default={}, alias="readings", max_length=MAX_NAMED)
    """Other meanings of the text by name: each a `title` and the keys that it changes."""
    reported: Many[Reported] = ()
    evidence: Many[Evidence] = ()
    notes: Many[Text] = ()
    """What the author of the file remarks; nothing is computed from it."""
    _parts: list[Tranche] = PrivateAttr(default_factory=list)
    _in_force: dict[tuple[int, ...], "Agreement"] = PrivateAttr(default_factory=dict)
    _uncertain: dict[str, DayRange] = PrivateAttr(default_factory=dict)

    @property
    def parts(self) -> list[Tranche]:
        """The capacities that fees are charged for: the site, if it has a fee, and each tranche."""
        if not self._parts:
            own = {key: getattr(self, key) for key in ("capacity", "fee", "delivery", "amounts")}
            site = [Tranche.model_construct(name=SITE, **own)] if self.fee else []
            self._parts = [*site, *self.tranche]
        return self._parts

    @property
    def begins(self) -> dict[str | None, date]:
        """The first day served, of the agreement (None) and of each tranche by name."""
        return {None: self.start} | {t.name: t.fee[0].since for t in self.tranche}

    @property
    def ends(self) -> dict[str | None, date]:
        """The first day not served, of the agreement (None) and of each tranche by name."""
        return {None: self.end} | {t.name: t.end or self.end for t in self.tranche}

    @property
    def deliveries(self) -> dict[str, Delivery]:
        """When capacity is due, of the site and of tranches by name."""
        every = {SITE: self.delivery, **{t.name: t.delivery for t in self.tranche}}
        return {name: due for name, due in every.items() if due}

    @property
    def open_amounts(self) -> dict[str, str]:
        """The capacities whose fees are not committed: what is said of them by name."""
        said = {SITE: self.amounts, **{t.name: t.amounts for t in self.tranche}}
        return {name: how for name, how in said.items() if how in ("up to", "estimated")}

    @property
    def prepayments(self) -> list[tuple[str, prices.Prepayment]]:
        """Money paid ahead, by the tranche whose invoices use it up; "" for the agreement's own."""
        found = [*((t.name, t.prepayment) for t in self.tranche), ("", self.prepayment)]
        return [(name, ahead) for name, ahead in found if ahead]

    @property
    def uncertain(self) -> dict[str, DayRange]:
        """The ranges of the days that are uncertain, by their path in the file."""
        return self._uncertain

    def stated(self) -> dict[str, Any]:
        """What the file states as plain data: ranges of days in place, nothing filled in."""
        data = self.model_dump(by_alias=True, exclude_unset=True)
        return derived.restored(data, self._uncertain)

    def on_days(self, bound: Bound) -> "Agreement":
        """The agreement with every uncertain day at an end of its range, or so far up it."""
        return Agreement.of(derived.unsolved(derived.on_days(self.stated(), bound)), DERIVED)

    def change(self, changes: Mapping[str, Any]) -> "Agreement":
        """A validated copy with changed terms, written as `derived.merge` says.

        Days that follow from others follow them; solved fees stay, unless a total or a capacity
        changes. Raises `ValueError` with a sentence for each problem.

        >>> deal.change({"termination": {"customer": {"notice_days": 180}}}).end == deal.end
        True
        """
        return Agreement.of(derived.changed(self.stated(), changes), DERIVED)

    def __hash__(self) -> int:
        return hash((self.id, self.start, self.end, self.reading.name))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Agreement) and vars(self) == vars(other)

    def model_copy(self, **how: Any) -> Self:
        copied = super().model_copy(**how)
        copied._in_force, copied._parts = {}, []
        return copied

    @property
    def readings(self) -> dict[str, str]:
        """Names of all readings with their titles: the headline, the file's own, the others.

        >>> list(deal.readings)
        ['headline', 'as-written']
        """
        return {
            HEADLINE: "nobody leaves before the end",
            self.reading.name: self.reading.title,
            **{name: changed["title"] for name, changed in self.changes.items()},
        }

    @model_validator(mode="wrap")
    @classmethod
    def _all_told(
        cls, data: Any, handler: ModelWrapValidatorHandler[Self], info: ValidationInfo
    ) -> Self:
        """Tells of contradictions between clauses beside values that are wrong by themselves."""
        from analysis.contract import checks

        try:
            if not isinstance(data, Mapping) or data.keys() - set(cls.allowed()):
                return handler(data)  # what else is wrong is told without the unknown keys
            filled = derived.filled(data)
            deal = handler(filled.data)
            deal._uncertain = filled.uncertain
            for *above, key in filled.places:  # what is filled in is not stated
                place: Any = deal
                for name in above:
                    place = place[name] if isinstance(name, int) else getattr(place, name)
                place.model_fields_set.discard("since" if key == "from" else key)
            return checks.checked(deal, bool(info.context))
        except ValidationError as error:
            raise checks.told_beside(error, data, info.context) from None


def under(agreement: Agreement, reading: str) -> Agreement:
    """The agreement under a named reading, or several joined by "+", applied in that order.

    "headline" means that nobody leaves. The result holds no other readings. Raises `ValueError`
    that names the readings there are.
    """
    terms, titles = agreement.change({"readings": "none"}), []
    own = reading == agreement.reading.name
    for name in [reading] if own else reading.split("+"):
        if name not in agreement.readings:
            allowed = ", ".join(agreement.readings)
            raise ValueError(f"reading: {shown(name)!r} is not known; allowed: {allowed}")
        titles.append(agreement.readings[name])
        if name == HEADLINE:  # every right to leave goes, those that amendments give included
            amended = [(a, {k: v for k, v in a.terms.items() if k != "termination"})
                       for a in terms.amendment]  # fmt: skip
            kept = [a.model_dump() | {"terms": left} for a, left in amended if left]
            terms = terms.change({"termination": "none", "amendment": kept or "none"})
        else:
            terms = read_as(agreement, name, terms)
    named = Reading.model_construct(name=reading, title="; ".join(titles))
    return terms.model_copy(update={"reading": named})


def read_as(agreement: Agreement, name: str, terms: Agreement | None = None) -> Agreement:
    """The terms (default: the agreement's) with what a reading changes, and no readings."""
    changes = {key: v for key, v in agreement.changes.get(name, {}).items() if key not in SAID}
    if fixed := FIXED_BY_READINGS & set(changes):
        raise ValueError(f"{min(fixed)}: a reading cannot change it")
    return (terms or agreement).change({"readings": "none"} | changes)
