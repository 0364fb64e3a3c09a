"""The disclosed agreements, their common measures and ranks: case P1 of the models, section 9."""

import io
import math
from datetime import date
from itertools import combinations, permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import __main__ as command
from analysis.contract import dates, fields, files
from analysis.data import sources, texts
from analysis.models import comparables, units
from analysis.models.comparables import disclosed as rows
from analysis.models.comparables import measured, precedent, reported
from analysis.models.exits import leaving
from analysis.models.units import Interval

LAW = settings(deadline=None, max_examples=60)
RAW = sources.comparables()
TABLE = comparables.deals(RAW)
IMPUTED = sources.imputations()
FIRM = {
    str(id_): measured.firmness_at_signing(files.contract(named.split(":")[0]))
    for id_, named in TABLE.contract.items()
    if named.split(":")[0] in files.contracts()
}
MEASURED = comparables.measures(TABLE, IMPUTED, firmness=FIRM)


def of(id_: str, measure: str) -> pd.Series:
    found = MEASURED[(MEASURED.id == id_) & (MEASURED.measure == measure)]
    assert len(found) == 1
    return found.iloc[0]


# The table


def test_every_row_can_be_used_and_has_a_source() -> None:
    assert comparables.check(RAW) == []
    assert len(TABLE) >= 44
    assert TABLE.source.str.startswith("http").all()
    assert TABLE.notes.str.len().gt(0).all()


FULL = TABLE[TABLE[["total_usd", "capacity_mw", "term_months"]].notna().all(axis=1)]


def test_enough_rows_disclose_a_unit_price() -> None:
    assert len(FULL) >= 14


@pytest.mark.parametrize("id_", FULL.index)
def test_the_unit_price_is_value_over_mw_over_months(id_: str) -> None:
    raw = RAW.set_index("id").loc[id_]
    price = float(raw.total_usd) / float(raw.capacity_mw) / float(raw.term_months)
    found = of(id_, "usd_mw_month")
    assert (found.low, found.high) == (pytest.approx(price), pytest.approx(price))
    assert found.basis == raw.mw_basis


SHIPPED = TABLE.loc[[*FIRM]]


@pytest.mark.parametrize("id_", SHIPPED.index)
def test_rows_of_shipped_agreements_say_what_their_files_say(id_: str) -> None:
    row = SHIPPED.loc[id_]
    name, _, scope = row.contract.partition(":")
    deal = files.contract(name)
    assert (row.provider, row.customer) == (deal.provider, deal.customer)
    assert (row.start, row.end) == (deal.start, deal.end)
    assert row.fee_usd_month == deal.fee[-1].usd_month
    capacity = units.scopes(deal)[scope or deal.capacity.name]
    counts = [c.use if isinstance(c, fields.Range) else c for c in capacity.accelerators.values()]
    assert (row.accelerators if counts else 0) == sum(counts)
    assert (row.capacity_mw == row.capacity_mw) == (capacity.mw is not None)
    assert not counts or row.accelerator_kind in (
        "NVIDIA, model not disclosed",
        "H100, H200, GB200",
    )


@pytest.mark.parametrize("id_", [id_ for id_, name in TABLE.contract.items() if name])
def test_rows_of_the_library_state_the_total_of_their_files(id_: str) -> None:
    row = TABLE.loc[id_]
    deal = files.contract(row.contract.split(":")[0])
    if deal.total_usd and row.total_usd == row.total_usd:
        totals = {deal.total_usd, *(tranche.total_usd for tranche in deal.tranche)}
        assert row.total_usd in totals


def one_row(**changes: str) -> pd.DataFrame:
    return RAW[RAW.id == "iren-microsoft-2025"].assign(**changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": "IREN"}, "id: 'IREN' is not allowed; allowed: lower-case"),
        ({"source": ""}, "source: it is needed, but missing"),
        ({"provider": "a\nb"}, "provider: 'a�b' is not allowed; allowed: one line"),
        ({"scope": "hotel"}, "scope: 'hotel' is not allowed; allowed: hosting, bare metal"),
        ({"announced": "Nov 2025"}, "announced: 'Nov 2025' is not allowed; allowed: a date"),
        ({"total_usd": "9.7bn"}, "total_usd: '9.7bn' is not allowed; allowed: a number above 0"),
        ({"total_usd": "-1"}, "total_usd: '-1' is not allowed"),
        ({"total_usd": "inf"}, "total_usd: 'inf' is not allowed"),
        ({"prepayment_share": "1.2"}, "prepayment_share: '1.2' is not allowed; allowed: a number"),
        ({"overlaps": "nobody"}, "overlaps: 'nobody' is no row of the table"),
        ({"otherwise": "end: guessed"}, "otherwise: 'end: guessed' is not allowed"),
        ({"otherwise": "price: derived"}, "otherwise: 'price: derived' is not allowed"),
        ({"mw_basis": ""}, "mw_basis: '' is not allowed; allowed: one with capacity_mw only"),
        ({"start": "2026-01-01", "end": "2025-01-01"}, "end: 2025-01-01 is not allowed"),
        ({"start": "2026-01-01", "end": "2027-01-01"}, "term_months: 60 is not allowed"),
        ({"fee_usd_month": "1e9", "total_is": ""}, "total_usd: 9.7e+09 is not allowed"),
        ({"capex_low_usd": "6e9"}, "capex_low_usd: above capex_high_usd"),
        ({"capex_low_usd": ""}, "capex_low_usd: one end alone"),
    ],
)
def test_check_says_what_is_wrong_with_a_row(changes: dict[str, str], said: str) -> None:
    found = comparables.check(one_row(**changes))
    assert any(problem.split(": ", 1)[1].startswith(said) for problem in found), found
    with pytest.raises(ValueError, match=r"iren|IREN"):
        comparables.deals(one_row(**changes))


def test_each_table_says_when_it_was_last_looked_through() -> None:
    tables = {path.name for path in texts.DATA.glob("*.csv")} - {"looked.csv", "checklist.csv"}
    found = sources.looked_through()
    assert set(found.table) == tables
    assert found.what.str.len().gt(0).all()


def test_a_status_has_the_day_of_its_change() -> None:
    found = comparables.check(one_row(status="ended"))
    assert found[0].startswith("iren-microsoft-2025: status_date: '' is not allowed")
    assert comparables.check(one_row(status="ended", status_date="2026-10-01")) == []
    assert "allowed: live, amended" in comparables.check(one_row(status="gone"))[0]


def test_one_row_corrects_the_table(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    path = f"{tmp_path}/row.csv"
    one_row(capacity_mw="250").to_csv(path, index=False)
    found = comparables.deals(sources.comparables(path))
    assert len(found) == len(TABLE)
    assert found.loc["iren-microsoft-2025"].capacity_mw == 250
    assert command.main(["check", path]) == 0
    assert "over a year old" not in capsys.readouterr().out
    one_row(source_date="2025-09-01").to_csv(path, index=False)
    assert command.main(["check", path]) == 0
    assert "look them up again: iren-microsoft-2025\n" in capsys.readouterr().out
    one_row(scope="hotel").to_csv(path, index=False)
    assert command.main(["check", path]) == 1
    assert "scope: 'hotel' is not allowed" in capsys.readouterr().err


def test_a_file_that_is_no_table_is_refused(tmp_path: object) -> None:
    for text in ("", "a,b\n1,2,3\n", "name\nx\n"):
        with open(f"{tmp_path}/bad.csv", "w") as file:
            file.write(text)
        with pytest.raises(files.ContractError, match=r"^bad\.csv: "):
            sources.comparables(f"{tmp_path}/bad.csv")


def test_what_is_blank_is_graded_missing() -> None:
    at = rows.grades(TABLE)
    assert set(at.to_numpy().flat) <= set(rows.GRADES) - {"imputed"}
    assert ((at.total_usd == "missing") == TABLE.total_usd.isna()).all()
    assert at.loc["oracle-openai-2025", "total_usd"] == "disclosed"
    assert at.loc["oracle-openai-2025", "term_months"] == "reported"


def test_overlapping_rows_count_as_one() -> None:
    pairs = rows.overlapping(TABLE)
    assert ("applied-coreweave-ellendale-2025-06", "applied-coreweave-ellendale-2025-08") in pairs
    cipher = TABLE[TABLE.index.str.startswith("cipher-fluidstack")]
    assert not rows.overlapping(cipher.drop("cipher-fluidstack-barberlake-2026"))
    assert len(rows.overlapping(cipher)) == 2
    group = dict(zip(TABLE.index, precedent.groups(TABLE), strict=True))
    assert all(group[one] == group[other] for one, other in pairs)


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(0, 400))
@LAW
def test_months_between_counts_whole_months(start: date, months: int) -> None:
    assert leaving.months_between(start, dates.add_months(start, months)) == months


# Measures


@pytest.mark.parametrize(
    ("id_", "measure", "low", "high", "grade"),
    [
        pytest.param("spacex-anthropic-2026", "usd_bn_gw_year", 50.0, 50.0, "reported", id="U1"),
        pytest.param(
            "spacex-anthropic-2026-filed", "usd_bn_gw_year", 29.4118, 31.1591, "imputed", id="U8"
        ),
        pytest.param(
            "spacex-anthropic-2026-filed", "usd_gpu_hour", 5.268704, 5.268704, "reported", id="U3"
        ),
        pytest.param(
            "spacex-google-2026", "usd_gpu_hour", 11.457036, 11.457036, "reported", id="U6"
        ),
        ("spacex-google-2026", "usd_bn_gw_year", 50.1818, 77.2028, "imputed"),
        ("spacex-google-2026", "firmness", 0.090909, 0.181818, "derived"),
        ("spacex-anthropic-2026", "firmness", 0.035747, 0.234416, "derived"),
        ("iren-microsoft-2025", "usd_bn_gw_year", 9.7, 9.7, "disclosed"),
        ("iren-microsoft-2025", "prepayment_share", 0.2, 0.2, "disclosed"),
        ("iren-microsoft-2025", "capex_multiple", 0.334483, 0.334483, "disclosed"),
        ("iren-microsoft-2025", "firmness", 0.0, 1.0, "imputed"),
        ("oracle-openai-2025", "usd_bn_gw_year", 13.33333, 13.33333, "reported"),
        ("spacex-google-2026", "term_months", 33.0, 33.0, "derived"),
    ],
)
def test_the_common_measures(id_: str, measure: str, low: float, high: float, grade: str) -> None:
    found = of(id_, measure)
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-4), pytest.approx(high, rel=1e-4))
    assert found.grade == grade


def test_an_interval_names_its_imputation_and_nothing_is_invented() -> None:
    wide = MEASURED[MEASURED.low < MEASURED.high]
    assert (wide.how != "").all()
    assert wide.grade.isin(["imputed", "derived"]).all()
    blank = MEASURED[MEASURED.low.isna()]
    assert (blank.grade == "missing").all()
    assert of("lambda-microsoft-2025", "usd_mw_month").grade == "missing"
    assert of("coreweave-openai-2025", "usd_gpu_hour").grade == "missing"
    hosting = MEASURED[(MEASURED.scope == "hosting") & MEASURED.measure.str.contains("hour")]
    assert (hosting.grade == "missing").all()


def test_a_missing_term_is_that_of_the_same_scope() -> None:
    found = of("lambda-anthropic-2026", "term_months")
    same = TABLE[TABLE.scope == "bare metal"].term_months
    assert (found.low, found.high) == (same.min(), same.max())
    assert "as in other bare metal deals" in found.how
    later = of("cerebras-openai-2026", "term_months")
    assert later.low < later.high == pytest.approx(35.58, abs=0.01)


def test_the_hours_of_a_month_are_chosen() -> None:
    found = comparables.measures(TABLE, IMPUTED, hours_month=720.0)
    google = found[(found.id == "spacex-google-2026") & (found.measure == "usd_gpu_hour")]
    assert google.low.iloc[0] == pytest.approx(11.616162, rel=1e-6)


# What a customer has committed to


def test_the_partners_of_the_draft_prospectus_add_up() -> None:
    found = reported.partners(TABLE, "Anthropic", MEASURED)
    told = found[found.tally != ""]
    assert len(told) == 6
    assert told.total_usd.sum() == pytest.approx(518.2e9)
    hard = told[told.binds == reported.BINDS["yes"]].total_usd.sum()
    assert hard == pytest.approx(413.7e9)
    assert hard / told.total_usd.sum() == pytest.approx(0.798, abs=5e-4)
    beside = set(found[found.tally == ""].counterparty)
    assert {"Nscale", "Lambda", "Akamai", "TeraWulf", "Volta Infra"} <= beside


def test_years_add_up_to_the_tally() -> None:
    found = reported.by_year(reported.partners(TABLE, "Anthropic", MEASURED))
    assert found.usd.sum() == pytest.approx(518.2e9)
    undated = found[found.year.isna()].usd.sum()
    assert undated == pytest.approx((161.2 + 20) * 1e9)
    hard = found[(found.year == 2034) & (found.binds == reported.BINDS["yes"])].usd
    assert hard.iloc[0] == pytest.approx(110e9 * 365 / 3653)  # Amazon alone


def test_rows_without_a_text_never_enter_a_sum_twice() -> None:
    pairs = {frozenset(pair) for pair in rows.overlapping(TABLE)}
    assert frozenset({"spacex-unnamed-2026-08", "spacex-unnamed-2026-09"}) in pairs
    for row in ("spacex-anthropic-2026", "spacex-anthropic-2026-filed"):
        assert frozenset({row, "spacex-anthropic-total-2026"}) in pairs


# Ranks


def fake(spans: list[tuple[float, float]], taken: str = "", bound: str = "") -> pd.DataFrame:
    """Points d0, d1, … at these prices, the last one imputed from `taken`, or only a bound."""
    table = pd.DataFrame(spans, columns=["low", "high"]).assign(scope="hosting")
    last = table.index == len(spans) - 1
    named = [f"d{n}" for n in range(len(spans))]
    return table.assign(
        id=named, of=named, taken_from=np.where(last, taken, ""), bound=np.where(last, bound, "")
    )


def test_a_deal_is_dearer_only_if_its_whole_interval_is() -> None:
    spans = [(1.0, 2.0), (1.5, 5.0), (3.0, 4.0), (6.0, 6.0)]
    found = precedent.ranking(fake(spans), "hosting")
    by_id = found.set_index("id")
    assert found.id[0] == "d3"
    assert by_id.above.to_dict() == {"d3": 3, "d2": 1, "d1": 0, "d0": 0}
    assert by_id.below.to_dict() == {"d3": 0, "d2": 1, "d1": 1, "d0": 2}
    assert by_id.best_rank.to_dict() == {"d3": 1, "d2": 2, "d1": 2, "d0": 3}
    assert by_id.worst_rank.to_dict() == {"d3": 1, "d2": 3, "d1": 4, "d0": 4}
    assert by_id.point_rank.to_dict() == {"d3": 1, "d2": 2, "d1": 3, "d0": 4}


@pytest.mark.parametrize(("bound", "ranks"), [("at least", (1, 2)), ("at most", (2, 2))])
def test_what_is_stated_as_a_minimum_is_never_surely_below(
    bound: str, ranks: tuple[int, int]
) -> None:
    points = fake([(3.0, 4.0), (1.0, 2.0)], bound=bound)
    found = precedent.ranking(points, "hosting").set_index("id")
    assert (found.best_rank["d1"], found.worst_rank["d1"]) == ranks


@pytest.mark.parametrize(
    ("total_is", "bound"), [("more than", "at least"), ("up to", "at most"), ("about", "")]
)
def test_more_than_has_no_upper_end_and_up_to_no_lower_one(total_is: str, bound: str) -> None:
    found = comparables.measures(comparables.deals(one_row(total_is=total_is)), IMPUTED)
    bounds = found.set_index("measure").bound
    assert bounds["usd_bn_gw_year_facility"] == bounds["capex_multiple"] == bound
    assert bounds["term_months"] == ""


def test_a_deal_imputed_from_another_is_not_surely_dearer_than_it() -> None:
    spans = [(1.0, 2.0), (1.0, 2.5), (6.0, 6.0)]
    found = precedent.ranking(fake(spans, taken="d0"), "hosting").set_index("id")
    assert found.above.to_dict() == {"d2": 1, "d1": 0, "d0": 0}
    assert found.best_rank.to_dict() == {"d2": 1, "d1": 2, "d0": 1}
    assert found.worst_rank.to_dict() == {"d2": 2, "d1": 3, "d0": 3}


def test_an_imputation_names_the_agreement_that_it_is_taken_from() -> None:
    kilowatts = IMPUTED.name == "kw_per_accelerator"
    taken = IMPUTED.assign(taken_from=IMPUTED.taken_from.mask(kilowatts, "anthropic-xai"))
    every = comparables.measures(TABLE, taken, firmness=FIRM)
    price = every[every.measure == "usd_bn_gw_year_facility"].set_index("id")
    google = price.loc["spacex-google-2026"]
    assert (google.of, google.taken_from) == ("google-spacex", "anthropic-xai")
    assert "(from anthropic-xai)" in google.how
    assert price.taken_from["spacex-anthropic-2026"] == ""
    order = precedent.ranking(precedent.points(TABLE, every, []), "bare metal")
    worst = order.set_index("id").worst_rank
    assert worst["spacex-google-2026"] == 4  # under Anthropic's rows, and one of no upper end


@given(st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)).map(sorted), min_size=1, max_size=8))
@LAW
def test_the_point_rank_lies_in_its_interval(spans: list[list[float]]) -> None:
    table = fake([(low, high) for low, high in spans])
    found = precedent.ranking(table, "hosting")
    assert found.point_rank.between(found.best_rank, found.worst_rank).all()
    assert sorted(found.point_rank) == list(range(1, len(spans) + 1))


# Few points

P1 = (1, 2, 4, 7, 8), (2.0, 2.9, 5.2, 7.1, 9.9)


def test_p1_theil_sen_and_kendall() -> None:
    assert precedent.theil_sen(*P1) == pytest.approx(1.097619, abs=5e-7)
    tau, p = precedent.kendall(*P1)
    assert (tau, p) == (pytest.approx(1.0), pytest.approx(0.016667, abs=5e-7))


points = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=7).filter(
    lambda pairs: len({a for a, _ in pairs}) > 1 and len({b for _, b in pairs}) > 1
)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of their interval, where points coincide
@given(points)
@example([(0, 0), (1, 1), (1, 1), (1, 1), (1, 1)])
@example([(0, 1), (1, 0)])
@LAW
def test_few_points_agree_with_an_independent_library(pairs: list[tuple[int, int]]) -> None:
    x, y = map(list, zip(*pairs, strict=True))
    slope, (tau, _) = precedent.theil_sen(x, y), precedent.kendall(x, y)
    with np.errstate(invalid="ignore"):  # its confidence interval, not asked for, under many ties
        theirs = stats.theilslopes(y, x)
    assert slope == pytest.approx(theirs.slope)
    assert tau == pytest.approx(stats.kendalltau(x, y).statistic)


def test_ties_are_counted_out() -> None:
    """Orders of (1, 1, 2) against (1, 2, 3): scores 2, 2, 0, 0, -2, -2."""
    assert precedent.kendall([1, 2, 3], [1, 1, 2])[1] == pytest.approx(4 / 6)
    assert math.isnan(precedent.kendall([1, 1, 2], [1, 2, 2])[1])
    assert math.isnan(precedent.kendall([1, 1], [1, 2])[0])
    assert math.isnan(precedent.theil_sen([1, 1], [1, 2]))


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), min_size=6, max_size=6))
@LAW
def test_the_p_with_ties_is_that_of_all_orders(x: list[int], y: list[int]) -> None:
    assume(len(set(y)) > 1)

    def score(order: tuple[int, ...]) -> float:
        both = combinations(zip(x, order, strict=True), 2)
        return abs(sum(np.sign((c - a) * (d - b)) for (a, b), (c, d) in both))

    scores = [score(order) for order in permutations(y)]
    strong = pytest.approx(np.mean([one >= score(tuple(y)) for one in scores]))
    assert precedent.kendall(x, y)[1] == strong == precedent.kendall(y, x)[1]


def test_a_row_added_is_measured(tmp_path: object) -> None:
    """A reader's own deal beside the shipped ones, from a single row of text."""
    text = one_row(id="acme-lab", scope="hosting", accelerator_kind="").to_csv(index=False)
    assert len(pd.read_csv(io.StringIO(text))) == 1
    with open(f"{tmp_path}/mine.csv", "w") as file:
        file.write(text)
    table = comparables.deals(sources.comparables(f"{tmp_path}/mine.csv"))
    found = comparables.measures(table, IMPUTED, firmness={"acme-lab": Interval(0.5, 1.0)})
    mine = found[found.id == "acme-lab"].set_index("measure")
    assert (mine.low["firmness"], mine.grade["firmness"]) == (0.5, "derived")
    assert mine.how["usd_mw_month"] == "total stated as 'about'"
    assert measured.UNITS.keys() == set(mine.index)


def test_what_stands_in_is_the_same_on_every_page() -> None:
    """Weights and kilowatts of the comparables are those that single agreements count with."""
    weights = units.weights(sources.accelerators(), "dense throughput")
    rows = IMPUTED[IMPUTED.name == "h100e_weight"]
    assert set(rows.of) == {*weights, "NVIDIA, model not disclosed"}
    for row in rows.itertuples():
        weight = units.weight(str(row.of), weights)
        assert (row.low, row.high) == (weight.low, weight.high), row.of
    kw = IMPUTED[IMPUTED.name == "kw_per_accelerator"].iloc[0]
    plan = sources.planning().set_index("name").loc["kw_per_accelerator"]
    assert (kw.low, kw.high) == (plan.low, plan.high)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,250,000", "a number above 0, written without commas, such as 1250000"),
        ("1,25", "a number above 0, written without commas"),
        ("-5", "a number above 0"),
    ],
)
def test_a_number_with_commas_is_told_how_it_is_written(text: str, said: str) -> None:
    table = RAW.head(1).assign(fee_usd_month=text, overlaps="")
    assert f"{RAW.id[0]}: fee_usd_month: {text!r} is not allowed; allowed: {said}" in (
        comparables.check(table)
    )
