"""The library of real agreements: totals, evidence, and that every clause in a file counts."""

import tomllib
from datetime import date
from typing import Any

import pandas as pd
import pytest

from analysis.contract import files, position
from analysis.contract.schedule import Schedule
from analysis.data import sources
from analysis.page import sheet
from analysis.page.sheet import term_sheet
from analysis.run import front

LIBRARY = files.shelved()
DAY = date(2026, 11, 23)

TOTALS = {
    "applied-coreweave": 7e9,
    "aws-capacity-block": 1e5,
    "bit-digital-initial": 150e6,
    "cerebras-openai": 20e9,
    "cipher-aws": 5.5e9,
    "cipher-fluidstack": 3e9,
    "constant-contact-digital": 16_434_829.92,
    "core-scientific-coreweave": 3.5e9,
    "coreweave-meta": 14.2e9,
    "coreweave-openai": 11.9e9,
    "endurance-digital": 880_145.10,
    "galaxy-coreweave": 15e9,
    "google-cud": (512 * 0.0142 + 2_048 * 0.0019) * 24 * 1_096,
    "hut8-fluidstack": 7e9,
    "hyperscale-neocloud": 0.6e9,
    "ionic-nscale": 2e9,
    "iren-microsoft": 9.7e9,
    "lyft-aws": 350e6,
    "nebius-meta": 2.9e9,
    "nebius-microsoft": 17.4e9,
    "nscale-anthropic": 44.6e9,
    "pinterest-aws": 750e6,
    "sailpoint-cloud": 307.5e6,
    "snap-aws": 1e9,
    "snap-google": 2e9,
    "snowflake-aws": 2.5e9,
    "terawulf-fluidstack": 3.7e9,
    "whitefiber-nscale": 865e6,
}
"""Totals that were disclosed or reported, and those added up by hand from disclosed rents."""

ROWS = {
    "applied-coreweave": "applied-coreweave-ellendale-2025-06",
    "cerebras-openai": "cerebras-openai-2026",
    "cipher-aws": "cipher-aws-2025",
    "cipher-fluidstack": "cipher-fluidstack-barberlake-2025",
    "core-scientific-coreweave": "corescientific-coreweave-2024-06",
    "coreweave-meta": "coreweave-meta-2025",
    "coreweave-openai": "coreweave-openai-2025",
    "galaxy-coreweave": "galaxy-coreweave-helios-2025",
    "hut8-fluidstack": "hut8-fluidstack-riverbend-2025",
    "ionic-nscale": "ionic-nscale-cedarvale-2025",
    "iren-microsoft": "iren-microsoft-2025",
    "nebius-meta": "nebius-meta-2025",
    "nebius-microsoft": "nebius-microsoft-2025",
    "terawulf-fluidstack": "terawulf-fluidstack-lakemariner-2025-08-14",
}
"""The row of the table of comparables that states the same deal."""
NEAR = 50  # days between a signature and its announcement

WHO_AND_WHEN = {"id", "title", "provider", "customer", "signed", "start", "evidence"}


def test_the_library_holds_real_agreements_by_family() -> None:
    assert set(LIBRARY) == set(TOTALS)
    assert {path.parent.name for path in LIBRARY.values()} == {
        "colocation", "commitments", "compute", "leases",
    }  # fmt: skip
    assert not set(LIBRARY) & set(files.contracts())


@pytest.mark.parametrize("name", LIBRARY)
def test_the_schedule_gives_the_total_to_the_cent(name: str) -> None:
    deal = files.contract(name)
    usd = sum(charge.usd for charge in Schedule(deal).whole)
    assert usd == pytest.approx(TOTALS[name], abs=0.005)
    for line in sheet.lines(deal):
        if line.startswith("reported: ") and name != "hyperscale-neocloud":  # its is of 20 years
            assert line.endswith("; difference none")


@pytest.mark.parametrize("name", LIBRARY)
def test_every_value_has_evidence_and_notes_carry_no_clause(name: str) -> None:
    deal = files.contract(name)
    table = sheet.evidence(deal)
    bare = table[(table.kind == "none given") | (table.source == "") | (table.locator == "")]
    assert list(bare.field) == []
    assert all(day <= DAY for day in table.date)
    assert "*" not in {item.field for item in deal.evidence}
    assert deal.notes == ()
    assert not deal.invented


def shown(deal: Any) -> dict[str, str]:
    """What a reader is shown of an agreement, by name: at its start, and in the middle."""
    start = position(deal)
    found = {
        "check": "\n".join(sheet.lines(deal)),
        "uncertain": str(deal.uncertain),
    }
    found["front page"] = str(front.row(deal, "", DAY))
    for now in (start, start.on(start.end - (start.end - deal.start) / 2)):
        tables = {
            "schedule": now.rows,
            "payments": now.payments,
            "deadlines": now.deadlines,
            "term sheet": term_sheet(now),
            "ladder": now.ladder(),
        }
        found |= {f"{key}, {now.as_of}": table.to_csv() for key, table in tables.items()}
        exits = [now.exits(party) for party in ("customer", "provider")]
        found[f"exits, {now.as_of}"] = str(exits)
    return found


def parts(table: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The clauses of a file: its keys, and the keys of its tranches."""
    own = [(key,) for key in table if key not in WHO_AND_WHEN]
    tranches = enumerate(table.get("tranche", []))
    inner = [("tranche", at, key) for at, each in tranches for key in each if key != "name"]
    return own + inner


@pytest.mark.parametrize("name", LIBRARY)
def test_no_clause_can_be_removed_unnoticed(name: str) -> None:
    text = LIBRARY[name].read_text(encoding="utf-8")
    table = tomllib.loads(text)
    whole = files.contract(name)
    before, unnoticed = shown(whole), []
    for path in parts(table):
        less = tomllib.loads(text)
        less.pop("evidence")
        *above, key = path
        inside: Any = less
        for step in above:
            inside = inside[step]
        inside.pop(key)
        try:
            deal = type(whole).model_validate(less)
        except ValueError:
            continue  # the file is refused without it
        if deal.model_dump() != whole.model_dump(exclude={"evidence"}) | {"evidence": ()}:
            unnoticed += [path] if shown(deal) == before else []
    assert unnoticed == []


@pytest.mark.parametrize("name", ROWS)
def test_the_table_of_comparables_says_the_same(name: str) -> None:
    rows = sources.comparables().set_index("id")
    row, deal = rows.loc[ROWS[name]], files.contract(name)
    assert row.provider.split()[0] == deal.provider.split()[0]
    assert abs((date.fromisoformat(row.announced) - deal.signed).days) <= NEAR
    if row.total_usd:
        assert sum(c.usd for c in Schedule(deal).whole) == pytest.approx(float(row.total_usd))
    if row.capacity_mw:
        assert deal.capacity.mw == float(row.capacity_mw)
        assert row.mw_basis in ("not stated", deal.capacity.mw_basis)
    if row.end and name not in ("cerebras-openai",):  # whose row ends with the last delivery
        assert str(deal.end) == row.end
    if row.term_months:
        terms = [t.term_months for t in deal.tranche if t.term_months] or [deal.term_months]
        assert {int(row.term_months)} == set(terms) or name == "coreweave-openai"
    assert pd.notna(row.source)


def test_an_option_may_state_rents_though_delivery_moves_the_start() -> None:
    deal = files.contract("cipher-fluidstack")
    extended = deal.change({"delivery": {"due": date(2027, 1, 1)}})
    beside = position(extended, deal.signed).ladder().set_index("step").usd
    assert beside["option not exercised"].tolist() == [33_333_333.0 * 60] * 2
    alone = {"from": deal.start, "usd_month": 25e6}
    data = tomllib.loads(LIBRARY[deal.id].read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match=r"delivery\.moves_start: leave out from of fees"):
        type(deal).model_validate(data | {"fee": [alone], "evidence": []})
