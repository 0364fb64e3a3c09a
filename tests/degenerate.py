"""Agreements at an edge of what can be written: every page answers for them, or says why not."""

DAY = "2026-11-23"  # on which they are seen
SITE = "{ mw = 30, accelerators = { H100 = 20_000 } }"
CAPACITY = f"capacity = {SITE}"
STEADY = "fee = [{ from = FROM, usd_month = 100_000_000 }]"


def _right(notice: str) -> str:
    return f"termination = {{ customer = {{ {notice} }}, provider = {{ {notice} }} }}"


FREE = _right("notice_days = 90")


def _agreement(
    *clauses: str,
    fee: str = STEADY,
    site: str = CAPACITY,
    right: str = FREE,
    start: str = "2026-05-03",
    end: str = "2029-06-01",
) -> str:
    """The TOML text of an agreement: $100m a month for 30 MW, either side free on 90 days."""
    head = 'id = "edge"\nprovider = "Provider"\ncustomer = "Customer"\nsigned = 2026-05-03\n'
    lines = [f"start = {start}", f"end = {end}", fee.replace("FROM", start), site, right, *clauses]
    return head + "\n".join(lines) + "\n"


EDGES = {
    "no notice": _agreement(right=_right("notice_days = 0")),
    "no notice of the customer": _agreement(right=FREE.replace("90", "0", 1)),
    "all fees left are due": _agreement(
        right=_right("notice_days = 0, fee_share_of_remaining = 1.0")
    ),
    "a prepayment is lost": _agreement(
        "[prepayment]\nusd = 100_000_000\npaid = 2026-05-03\ncredit_from = 2026-05-03",
        "refundable = false",
        right=_right("notice_days = 0"),
    ),
    "notice longer than the term": _agreement(right=_right("notice_days = 3_000")),
    "nobody may leave": _agreement(right=""),
    "no fee": _agreement(fee="fee = [{ from = FROM, usd_month = 0 }]"),
    "no fee at first": _agreement(
        fee="fee = [{ from = FROM, usd_month = 0 }, { from = 2027-05-01, usd_month = 100_000_000 }]"
    ),
    "a fee below running cost": _agreement(fee="fee = [{ from = FROM, usd_month = 1_250_000 }]"),
    "one day": _agreement(start="2026-11-23", end="2026-11-24"),
    "one month": _agreement(start="2026-11-01", end="2026-12-01"),
    "not yet in service": _agreement(start="2027-06-01"),
    "no capacity": _agreement(site=""),
    "tranches alone": _agreement(
        "[[tranche]]",
        'name = "hall-2"',
        f"capacity = {SITE}",
        "fee = [{ from = 2026-05-03, usd_month = 5_000_000 }]",
        fee="",
        site="",
    ),
    "metered alone": _agreement(
        "[take_or_pay]",
        'unit = "GB-month"',
        "minimum_units_month = 1_000_000",
        "usd_per_unit = 2",
        "overage_usd_per_unit = 2",
        fee="",
    ),
    "lapsed": _agreement(
        '[readings.lapsed]\ntitle = "ends after 180 days"\nend = 2026-10-30\ntermination = "none"'
    ),
}
READ = {"lapsed": "lapsed"}  # under which reading, where it is not the file's own
