"""One agreement among the disclosed deals: its rows, its place, and the slope by term."""

from datetime import date
from functools import cache
from typing import Any

import pandas as pd
import pytest

from analysis.contract import files, position
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models import comparables
from analysis.models.comparables import disclosed, measured, precedent
from analysis.models.comparables.disclosed import check, overlapping, own_rows
from analysis.models.comparables.precedent import Place
from analysis.models.units import Interval
from analysis.questions.precedent.answer import Answer
from tests.agreements import customer, plain

RAW = sources.comparables()
REAL = [name for name in files.contracts() if not files.contract(name).invented]


@cache
def pointed(name: str) -> pd.DataFrame:
    return points(files.contract(name))


def beside(deal: Agreement, day: date | None = None, **given: Any) -> pd.DataFrame:
    return disclosed.beside(RAW, position(deal, as_of=day), **given)


def points(deal: Agreement, **given: Any) -> pd.DataFrame:
    rows = beside(deal, **given)
    deals = comparables.deals(rows)
    firm = measured.firmness(deals, [*map(files.contract, REAL), deal])
    measures = comparables.measures(deals, sources.imputations(), firmness=firm)
    return precedent.points(deals, measures, own_rows(rows, deal))


# The agreement's rows


@pytest.mark.parametrize("name", REAL)
def test_a_shipped_agreement_keeps_its_rows(name: str) -> None:
    deal = files.contract(name)
    found = beside(deal)
    own = own_rows(found, deal)
    assert set(own) == {i for i, c in zip(RAW.id, RAW.contract, strict=True) if c.startswith(name)}
    assert len(found) == len(RAW)
    assert check(found) == []


def test_terms_that_differ_from_the_table_replace_its_rows() -> None:
    deal = files.contract("google-spacex")
    dearer = deal.change({"fee": [{"from": deal.start, "usd_month": 1e9}]})
    found = beside(dearer)
    assert own_rows(found, dearer) == ["this-google-spacex"]
    assert "spacex-google-2026" not in set(found.id)
    [row] = found[found.id == "this-google-spacex"].to_dict("records")
    assert (float(row["fee_usd_month"]), row["scope"]) == (1e9, "bare metal")


def test_an_agreement_of_ones_own_gets_a_row_that_can_be_used() -> None:
    mine = plain(capacity={"mw": 2, "mw_basis": "facility"}, termination=customer(notice_days=31))
    found = points(mine, sold_as="hosting")
    [own] = found[found.own].to_dict("records")
    assert own["scope"] == "hosting"
    assert own["low"] == pytest.approx(1_200 / 2 * 1_000 / 1e9)  # $1,200 a year, 2 MW
    assert own["high"] == own["low"]
    assert own["firm_low"] == pytest.approx(1 / 12)
    assert beside(mine).source.iloc[-1] == disclosed.OWN_FILE


def test_a_range_of_megawatts_is_two_rows_of_one_capacity() -> None:
    mine = plain(capacity={"mw": {"low": 1, "use": 2, "high": 4}, "mw_basis": "facility"})
    found = points(mine, sold_as="hosting")
    own = found[found.own]
    assert own.low.to_list() == pytest.approx([0.0012, 0.0003])
    assert own.group.nunique() == 1
    assert precedent.place(found).price == Interval(own.low.min(), own.low.max())


def test_megawatts_and_scope_can_be_given() -> None:
    deal = files.contract("reflection-spacex")
    assert precedent.place(pointed("reflection-spacex")).price is None
    place = precedent.place(points(deal, capacity_mw=50.0))
    assert place.price is not None
    assert place.price.high == pytest.approx(150e6 * 12 / 50 * 1_000 / 1e9)
    xai = files.contract("anthropic-xai")
    assert own_rows(beside(xai, scope="both-sites"), xai) == ["spacex-anthropic-2026-filed"]
    assert own_rows(beside(xai, scope="colossus-1-estimate"), xai) == ["this-anthropic-xai"]
    estimate = precedent.place(points(xai, scope="colossus-1-estimate")).price  # U9
    assert estimate is not None
    assert (estimate.low, estimate.high) == (pytest.approx(35.294118), pytest.approx(35.294118))
    with pytest.raises(ValueError, match="scope: 'memphis' is not known"):
        beside(xai, scope="memphis")


# Its place


def test_the_known_places() -> None:
    anthropic, google = (precedent.place(pointed(f"{n}")) for n in REAL[:2])
    assert anthropic.price is not None
    assert (anthropic.price.low, anthropic.price.high) == (
        pytest.approx(15 / (0.510 * 1.55)),
        pytest.approx(50.0),
    )
    # Cerebras sold "more than" $20bn, which has no upper end: surely below nobody
    assert against(anthropic) == {"below": 5, "above": 1, "overlaps": 2}
    assert against(google) == {"below": 7, "overlaps": 1}
    assert (anthropic.others.known.sum(), google.others.known.sum()) == (1, 1)


def against(found: Place) -> dict[str, int]:
    return dict(found.others.against.value_counts())


def toy(*rows: tuple[str, str, float, float, bool, str]) -> pd.DataFrame:
    columns = ["id", "scope", "low", "high", "own", "group"]
    found = pd.DataFrame(rows, columns=columns).assign(known=False, taken_from="", bound="")
    return found.assign(of=found.group, name=found.id)


def test_sure_means_the_whole_interval_and_each_capacity_counts_once() -> None:
    found: Place = precedent.place(
        toy(
            ("me", "hosting", 2.0, 3.0, True, "me"),
            ("under", "hosting", 1.0, 1.9, False, "under"),
            ("meets", "hosting", 1.0, 2.0, False, "meets"),
            ("over", "hosting", 3.5, 4.0, False, "over"),
            ("again", "hosting", 3.1, 3.2, False, "over"),
            ("other", "bare metal", 9.0, 9.0, False, "other"),
        )
    )
    assert against(found) == {"below": 1, "above": 1, "overlaps": 1}


def test_a_comparable_stated_as_a_minimum_is_never_surely_cheaper() -> None:
    rows = toy(
        ("me", "hosting", 2.0, 3.0, True, "me"),
        ("least", "hosting", 1.0, 1.9, False, "least"),
        ("most", "hosting", 3.5, 4.0, False, "most"),
    )
    found = precedent.place(rows.assign(bound=["", "at least", "at most"]))
    assert against(found) == {"overlaps": 2}
    mine = precedent.place(rows.assign(bound=["at least", "", ""]))
    assert against(mine) == {"below": 1, "overlaps": 1}


def test_an_unknown_scope_is_compared_with_nothing() -> None:
    unknown = precedent.SCOPE_UNKNOWN
    found = precedent.place(
        toy(("me", unknown, 2.0, 3.0, True, "me"), ("you", unknown, 1.0, 1.0, False, "you"))
    )
    assert found.others.empty
    assert found.other_prices is None


def test_the_order_holds_each_scope_apart() -> None:
    rows = beside(files.contract("anthropic-xai"))
    deals = comparables.deals(rows)
    measures = comparables.measures(deals, sources.imputations())
    found = precedent.points(deals, measures, [])
    held = 0
    for scope in found["scope"].unique():
        part = precedent.ranking(found, scope)
        held += len(part)
        assert set(part["scope"]) <= {scope}
        assert part.empty or (part.worst_rank.max(), part.best_rank.min()) == (len(part), 1)
    assert held == found.low.notna().sum()
    slopes = precedent.by_term(found, measures)
    assert len(slopes)
    assert (slopes.deals >= precedent.FEWEST).all()
    assert ((slopes.slope_low <= slopes.slope) & (slopes.slope <= slopes.slope_high)).all()


def test_names_tell_rows_apart() -> None:
    deals = comparables.deals(RAW)
    names = precedent.names(deals)
    assert len(set(names)) == len(names)
    assert "xAI – Anthropic, 300 MW" in names
    found = Answer()
    assert found.deals.deal.is_unique
    assert len(found.deals) == len(deals)
    assert found.deals.source.str.startswith("http").all()


def test_rows_that_share_capacity_are_one_group() -> None:
    deals = comparables.deals(RAW)
    found = dict(zip(deals.index, precedent.groups(deals), strict=True))
    for one, other in overlapping(deals):
        assert found[one] == found[other]
    assert found["iren-microsoft-2025"] == "iren-microsoft-2025"


def test_fees_that_change_are_those_of_the_day() -> None:
    deal = files.contract("invented-every-clause")
    for day, usd in ((deal.start, 100e6), (date(2026, 9, 1), 160e6), (date(2027, 4, 1), 159.65e6)):
        row = beside(deal, day=day).tail(1).to_dict("records")[0]
        assert float(row["fee_usd_month"]) == pytest.approx(usd)


def test_a_fee_of_nothing_is_counted_to_the_end() -> None:
    deal = plain(fee=[], take_or_pay={
        "unit": "GB", "minimum_units_month": 1.0, "usd_per_unit": 2.0, "overage_usd_per_unit": 3.0
    })  # fmt: skip
    [row] = beside(deal).tail(1).to_dict("records")
    assert float(row["total_usd"]) == pytest.approx(position(deal).headline.usd)
    assert row["otherwise"] == "total_usd: derived"


@pytest.mark.parametrize("name", files.names())
def test_no_deal_is_set_against_itself(name: str) -> None:
    """A row of the same total between the same two is its own; by the first word of their names."""

    def first(party: str) -> str:
        return party.split()[0].replace("Amazon", "AWS")

    deal, found = files.contract(name), pointed(name)
    table = comparables.deals(RAW)
    same = table.total_usd == deal.total_usd
    for party in ("provider", "customer"):
        same &= table[party].map(first) == first(getattr(deal, party))
    assert set(table.id[same]) <= set(found.id[found.own])
