"""One fee in every unit: the models' cases U1 to U10 through the ladder, and what is held to it."""

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest
from agreements import plain

from analysis.contract import files, position
from analysis.contract.amendments import signed_by
from analysis.contract.fields import Range
from analysis.contract.served import full_fee, paid_for
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models import comparables, planning, units
from analysis.models.market import standing
from analysis.models.pricing import beside
from analysis.models.pricing import fee as priced
from analysis.models.units import Interval

DAY = date(2026, 11, 23)
METRIC = "dense throughput"
WEIGHTS = {m: units.weights(sources.accelerators(), m) for m in sources.accelerator_metrics()}
PLAN = planning.Plan(sources.planning())
TEN = Interval(10.0, 10.0)
SIX = {"rel": 1e-6}
RUNGS = ("USD/H100e-hour", "USD/GPU-hour", "USD/MW-month", "USD/kW-year")


def ladder(deal: Agreement, *, hours: float = 730.0, day: date = DAY) -> Any:
    table = priced.ladder(deal, PLAN, day=day, weights=WEIGHTS[METRIC], hours_month=hours)
    return table.set_index(["scope", "unit"])


def deal(name: str = "anthropic-xai") -> Agreement:
    return files.contract(name)


def test_u1_by_the_megawatt() -> None:
    table = ladder(deal())
    month, year = table.loc[("Colossus 1", RUNGS[2])], table.loc[("Colossus 1", RUNGS[3])]
    assert (month.low, month.high) == (pytest.approx(4_166_666.6667, **SIX),) * 2
    assert (year.low, year.high) == (50_000, 50_000)
    assert (month.per_low, month.basis) == (300, "not stated")


@pytest.mark.parametrize(
    ("name", "scope", "hours", "expected"),
    [
        pytest.param("anthropic-xai", "both-sites", 730.0, 5.268704, id="U3"),
        pytest.param("google-spacex", "committed-gpus", 730.0, 11.457036, id="U6"),
        pytest.param("google-spacex", "committed-gpus", 720.0, 11.616162, id="U6-720"),
    ],
)
def test_by_the_accelerator(name: str, scope: str, hours: float, expected: float) -> None:
    row = ladder(deal(name), hours=hours).loc[(scope, RUNGS[1])]
    assert (row.low, row.high) == (pytest.approx(expected, **SIX),) * 2


def test_u8_unknown_megawatts_stay_an_interval() -> None:
    row = ladder(deal()).loc[("both-sites", RUNGS[3])]
    assert (row.low, row.high) == (
        pytest.approx(15e9 / 510e3, rel=1e-6),
        pytest.approx(15e9 / 481.4e3, rel=1e-6),
    )
    # 300 announced, and 95,000 to 110,000 GB200 at the filed 210 MW of 110,000
    assert (row.per_low, row.per_high) == (481.4, 510)
    assert pytest.approx(row.per_low, abs=0.05) == 300 + 95 / 110 * 210


def test_u9_another_estimate_of_the_megawatts() -> None:
    row = ladder(deal()).loc[("colossus-1-estimate", RUNGS[2])]
    assert row.low == row.high == pytest.approx(2.941176e6, **SIX)
    assert row.basis == "facility"


def test_a_kind_without_weight_counts_from_one_h100_to_one_gb300() -> None:
    row = ladder(deal()).loc[("both-sites", RUNGS[0])]
    assert (row.per_low, row.per_high) == (325_000, pytest.approx(325_000 * 3.5))
    assert "from one H100 to one GB300" in row.how
    assert row.low < row.high == pytest.approx(5.268704, **SIX)


def test_what_nothing_is_named_for_has_no_price_and_says_why() -> None:
    table = ladder(deal("reflection-spacex"))
    assert table.low.isna().all()
    assert set(table.how) == {
        "what is in service states no number of accelerators",
        "the terms name neither megawatts nor accelerators",
    }
    assert priced.rung(table.reset_index(), RUNGS[0]).empty


# The full fee


def test_the_full_fee_is_before_any_discount() -> None:
    ramp, full = full_fee(deal(), date(2026, 5, 20)), full_fee(deal(), DAY)
    assert (ramp.usd_month, full.usd_month) == (1.25e9, 1.25e9)
    assert (ramp.discounted, full.discounted) == (True, False)


def test_a_day_out_of_service_takes_the_closest_day_of_it() -> None:
    assert full_fee(deal(), date(2020, 1, 1)).day == date(2026, 5, 3)
    assert full_fee(deal(), date(2040, 1, 1)).day == date(2029, 5, 31)
    lapsed = position(deal(), reading="R3x").read
    assert full_fee(lapsed, DAY).day == date(2026, 10, 29)


def test_a_tranche_brings_fee_and_capacity_from_its_first_day() -> None:
    invented = signed_by(deal("invented-every-clause"), date(2026, 6, 1))
    before, after = date(2026, 8, 31), date(2026, 9, 1)
    assert full_fee(invented, before).usd_month == 100e6
    assert full_fee(invented, after).usd_month == 160e6
    alone, both = (ladder(invented, day=when).loc["hall-1"] for when in (before, after))
    assert alone.loc[RUNGS[2]].per_low == 48
    assert (both.loc[RUNGS[2]].per_low, both.loc[RUNGS[2]].per_high) == (78, 82)
    assert both.loc[RUNGS[1]].per_low == 42_000


def test_an_escalated_fee_is_the_escalated_one() -> None:
    rising = plain(escalator={"from": date(2026, 7, 1), "every_months": 12, "rate": 0.1})
    assert full_fee(rising, date(2026, 6, 30)).usd_month == 100
    assert full_fee(rising, date(2026, 7, 1)).usd_month == pytest.approx(110)


def test_megawatts_on_two_bases_are_never_added() -> None:
    tranche = {"name": "hall", "fee": [{"from": date(2026, 3, 1), "usd_month": 50.0}]}
    mixed = plain(
        capacity={"mw": 1.0, "mw_basis": "facility"},
        tranche=[tranche | {"capacity": {"mw": 1.0, "mw_basis": "critical IT"}}],
    )
    assert paid_for(mixed, date(2026, 3, 1)).capacity.mw is None
    assert paid_for(mixed, date(2026, 2, 1)).capacity.mw == 1.0


# The market beside it


def seen(*prices: float) -> pd.DataFrame:
    return pd.DataFrame({"usd_hour": prices})


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (3.0, 4.0, "high"),
        (0.5, 1.0, "low"),
        (2.1, 2.4, "open"),
        (1.0, 2.4, "open"),
        (2.1, 9.0, "open"),
        (1.0, 9.0, "open"),
    ],
)
def test_a_verdict_needs_the_whole_interval_and_every_series(
    low: float, high: float, verdict: str
) -> None:
    rung = pd.DataFrame({"scope": ["site"], "low": [low], "use": [low], "high": [high]})
    found = priced.verdicts(rung, seen(2.0, 2.5)).iloc[0]
    assert found.verdict == verdict
    assert (found.times_low, found.times_high) == (low / 2.5, high / 2.0)


@pytest.mark.parametrize(
    ("low", "high", "prices", "turns"),
    [
        (3.0, 4.0, [2.0, 2.5], ""),
        (2.1, 2.4, [2.0, 2.5], "the price series"),
        (1.0, 9.0, [2.0, 2.5], "the accelerator count"),
        (2.2, 9.0, [2.0, 2.5], "the accelerator count and the price series"),
        (1.0, 9.0, [2.0], "the accelerator count"),
    ],
)
def test_an_open_verdict_says_what_turns_it(
    low: float, high: float, prices: list[float], turns: str
) -> None:
    rung = pd.DataFrame({"scope": ["site"], "low": [low], "use": [low], "high": [high]})
    assert priced.verdicts(rung, seen(*prices)).turns.tolist() == [turns]


def test_a_fee_at_the_price_to_what_is_known_is_in_line() -> None:
    rung = pd.DataFrame({"scope": ["site"], "low": [2.0], "use": [2.0], "high": [2.001]})
    assert priced.verdicts(rung, seen(2.0)).verdict.tolist() == ["in line"]


@pytest.mark.parametrize("day", [date(2024, 6, 1), DAY])
def test_pages_02_and_03_judge_by_the_same_price(day: date) -> None:
    beliefs = standing.priors(sources.assumptions().value)
    by = ["GIX monthly on-demand median", "GIX monthly reserved median"]
    found = beside.judged_by(sources.prices(), by, day=day, on=day, gpu="H100", beliefs=beliefs)
    assert list(found.source) == by
    series = [standing.until(sources.prices(), day, gpu="H100", source=source) for source in by]
    drawn = {"day": day, "beliefs": beliefs, "draws": 40, "seed": 7}
    on_03 = [one.spot_usd_hour for each in series if (one := standing.stand(each, **drawn))]
    assert list(found.usd_hour) == on_03
    assert list(found.quoted) == [each.usd_gpu_hour[-1] for each in series if each]


def test_only_prices_of_the_last_half_year_count_and_none_of_the_future() -> None:
    table = beside.contracted(sources.prices(), day=date(2025, 6, 1), gpus=["H100", "H200"])
    assert max(table.date) <= date(2025, 6, 1)
    assert min(table.date) > date(2024, 11, 30)
    assert not table.duplicated(["gpu", "tier", "source"]).any()


def test_a_history_is_one_source_a_line() -> None:
    one = "GIX monthly on-demand median"
    past = beside.history(sources.prices(), day=DAY, gpu="H100", sources=[one])
    assert set(past.source) == {one}
    assert min(past.date) == date(2023, 5, 1)
    with pytest.raises(ValueError, match="never spliced"):
        beside.history(
            sources.prices(), day=DAY, gpu="H100", sources=["SemiAnalysis one-year contract"]
        )


def test_since_when_counts_each_series_for_each_scope() -> None:
    days = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    past = pd.DataFrame({"date": days, "series": "a (x)", "source": "x", "usd_hour": [3, 4, 2]})
    rung = pd.DataFrame({"scope": ["cheap", "dear"], "low": [2.5, 5.0]})
    found = beside.since_when(past, rung)
    assert list(found.scope) == ["dear", "cheap"]
    assert list(found.above) == [0, 2]
    assert list(found.last_above) == [None, date(2026, 2, 1)]


def test_other_deals_are_of_one_kind_known_by_then_and_not_the_agreement_itself() -> None:
    deals = comparables.deals(sources.comparables())
    measures = comparables.measures(deals, sources.imputations())
    own = {"own": "anthropic-xai", "sold_as": "bare metal"}
    found = beside.deals_by_mw(deals, measures, day=DAY, **own)
    assert not found["name"].str.contains("xAI – Anthropic").any()
    assert beside.cheapest(found)["name"].iloc[0] == "IREN – Microsoft"
    assert beside.cheapest(found).low_usd.iloc[0] == pytest.approx(808_333, rel=1e-5)
    early = beside.deals_by_mw(deals, measures, day=date(2025, 10, 1), **own)
    assert list(early["name"]) == ["Aker-Nscale JV – Microsoft"]
    hosting = beside.deals_by_mw(deals, measures, day=DAY, own="x", sold_as="hosting")
    assert not set(hosting["name"]) & set(found["name"])


# The same accelerators on a contract


def in_a_basket(name: str, **prices: float) -> pd.DataFrame:
    seen = sources.prices()
    contract = priced.latest(seen, "SemiAnalysis three-year contract", DAY) | prices
    free = priced.latest(seen, "GIX monthly on-demand median", DAY)
    known = {"day": DAY, "hours_month": 730.0}
    return priced.baskets(deal(name), sources.claims(name), contract, free, **known)


@pytest.mark.parametrize(
    ("name", "mix", "usd_m", "times"),
    [
        pytest.param("anthropic-xai", "as stated", 412.45, 3.03, id="B1"),
        pytest.param("anthropic-xai", "with 95,000 more GB200", 689.85, 1.81, id="B2"),
        pytest.param("anthropic-xai", "with 95,000 more GB300", 759.2, 1.65, id="B3"),
        pytest.param("google-spacex", "all GB200", 321.2, 2.86, id="B4"),
        pytest.param("google-spacex", "all GB300", 401.5, 2.29, id="B5"),
    ],
)
def test_a_basket_of_the_same_kinds_on_the_same_term(
    name: str, mix: str, usd_m: float, times: float
) -> None:
    row = in_a_basket(name).set_index("mix").loc[mix]
    assert row.contract_usd_month == pytest.approx(usd_m * 1e6)
    assert row.contract_times == pytest.approx(times, abs=0.005)


def test_the_parts_of_the_fee_add_up_to_it() -> None:
    found = in_a_basket("anthropic-xai").dropna()
    parts = ["contract_usd_month", "commitment_usd_month", "rest_usd_month"]
    assert found[parts].sum(axis=1).to_numpy() == pytest.approx(1.25e9)
    # 150,000 H100 at 3.85, 50,000 H200 at 4.47, 30,000 GB200 at the 6.79 of a B200
    free = 730 * (150e3 * 3.85 + 50e3 * 4.47 + 30e3 * 6.79)
    assert found.on_demand_usd_month.iloc[0] == pytest.approx(free)


def test_what_has_no_price_of_its_kind_has_no_basket() -> None:
    assert in_a_basket("reflection-spacex").empty
    assert "as stated" not in set(in_a_basket("google-spacex").mix)  # the kind is not disclosed
    assert in_a_basket("anthropic-xai", H200=math.nan).empty


# What the ratio would be


def ratios(scope: str = "", market: float = 2.35, **changed: Any) -> Any:
    what: dict[str, Any] = {"weights": WEIGHTS, "metric": METRIC, "hours_month": 730.0}
    price = pd.DataFrame({"source": ["x"], "usd_hour": [market]})
    claims = sources.claims("anthropic-xai")
    return beside.by_the_accelerator(
        deal(), claims, price, day=DAY, scope=scope, **(what | changed)
    )


@pytest.mark.parametrize(
    ("varied", "reading", "expected"),
    [
        pytest.param("both", "with 95,000 more GB200", 1.421757, id="U5"),
        pytest.param("both", "the company's first clusters", 1.121001, id="U10"),
    ],
)
def test_claims_give_the_ratio_of_the_models(varied: str, reading: str, expected: float) -> None:
    row = ratios().set_index(["varied", "reading"]).loc[(varied, reading)]
    assert row.high == pytest.approx(expected, **SIX)  # a GB200 as 2.5 H100s, the least


def test_u4_the_announced_number_at_the_posted_mix() -> None:
    row = ratios().set_index(["varied", "reading"]).loc[("number", "220,000")]
    assert row.high == pytest.approx(2.770076, **SIX)


def test_the_farthest_reading_stands_on_top() -> None:
    table = ratios()
    assert table.reading.iloc[0] == "base case"
    effects = table.effect.abs()[1:]
    assert (effects.diff().dropna() <= 0).all()
    assert set(table.varied) == {"", "number", "mix", "both", "metric", "hours"}
    assert not table.duplicated(["varied", "low", "high"]).any()


def test_hours_move_the_ratio_by_their_own_share() -> None:
    table = ratios().set_index(["varied", "reading"])
    stands = table.loc[("", "base case")].low
    assert table.loc[("hours", "744 a month")].low == pytest.approx(stands * 730 / 744)
    assert ("hours", "730 a month") not in table.index


def test_an_unknown_mix_is_read_as_each_kind() -> None:
    table = ratios(scope="both-sites").set_index(["varied", "reading"])
    stands = table.loc[("", "base case")]
    assert table.loc[("mix", "all H100")].low == pytest.approx(stands.high)
    assert table.loc[("mix", "all GB300")].low == pytest.approx(stands.low)


def test_a_scope_that_is_not_named_is_refused() -> None:
    with pytest.raises(ValueError, match=r"scope: 'moon' is not known; allowed: Colossus 1"):
        ratios(scope="moon")


def test_without_a_market_price_there_is_no_ratio() -> None:
    none = pd.DataFrame({"usd_hour": []})
    what: Any = {"weights": WEIGHTS, "metric": METRIC, "hours_month": 730.0, "scope": ""}
    claims = sources.claims("anthropic-xai")
    assert beside.by_the_accelerator(deal(), claims, none, day=DAY, **what).empty


def test_facility_power_and_critical_it_differ_by_the_overhead() -> None:
    market = pd.DataFrame({"low_usd": [1e6], "high_usd": [1e6]})
    table: Any = beside.by_the_megawatt(deal(), PLAN, market, day=DAY, scope="")
    table = table.set_index(["varied", "reading"])
    most = PLAN.at["high"].pue
    stands = table.loc[("", "base case")]
    assert stands.low == stands.high == pytest.approx(4.166667, **SIX)
    assert table.loc[("basis", "if facility, by IT")].high == pytest.approx(4.166667 * most, **SIX)
    assert table.loc[("basis", "if IT, by facility")].low == pytest.approx(4.166667 / most, **SIX)
    assert table.loc[("megawatts", "colossus-1-estimate")].low == pytest.approx(2.941176, **SIX)


# The rest


@pytest.mark.parametrize(
    ("scope", "usd_mwh", "share"),
    [
        pytest.param("Colossus 1", 70.0, 0.012264, id="U7"),
        pytest.param("colossus-1-estimate", 62.0, 0.0153884, id="U9"),
    ],
)
def test_power_takes_its_share_of_the_full_fee(scope: str, usd_mwh: float, share: float) -> None:
    plan = PLAN.changed({"power_usd_mwh": usd_mwh, "pue": 1.0})
    table = priced.power_share(deal(), plan, day=DAY, hours_month=730.0).set_index("scope")
    assert list(table.loc[scope, ["low", "value", "high"]]) == [pytest.approx(share, **SIX)] * 3


def test_power_of_megawatts_on_no_stated_basis_carries_the_overhead() -> None:
    table = priced.power_share(deal(), PLAN, day=DAY, hours_month=730.0).set_index("scope")
    dearest, cheapest = (PLAN.at[end].power_usd_mwh for end in ("high", "low"))
    spread = (table.high / table.low) / (dearest / cheapest)
    assert spread["Colossus 1"] == pytest.approx(1.42)
    assert spread["colossus-1-estimate"] == pytest.approx(1.0)  # facility power already


def rented(fee: float = 150e6) -> pd.DataFrame:
    prices = beside.contracted(sources.prices(), day=DAY, gpus=["H100"])
    chosen = prices[prices.source == "SemiAnalysis one-year contract"]
    return priced.bought(chosen, PLAN, fee_usd_month=fee, hours_month=730.0)


def test_what_is_rented_costs_the_fee() -> None:
    row = rented().iloc[0]
    assert units.usd_per_gpu_hour(150e6, row.accelerators) == pytest.approx(row.usd_hour)
    assert (row.mw_low, row.mw_high) == (
        pytest.approx(row.accelerators * 1.3e-3),
        pytest.approx(row.accelerators * 2e-3),
    )


def test_even_is_the_number_that_costs_what_the_market_does() -> None:
    h100s, accelerators = priced.even(rented(), kind="GB300", weights=WEIGHTS[METRIC])
    assert h100s.low == h100s.high == pytest.approx(150e6 / 730 / 2.65)
    assert accelerators is not None
    assert (accelerators.low, accelerators.high) == (
        pytest.approx(h100s.low / 3.5),
        pytest.approx(h100s.high / 2.5),
    )
    assert priced.even(rented(), kind="", weights=WEIGHTS[METRIC]) == (h100s, None)


def test_what_is_imputed_has_the_price_of_the_siblings() -> None:
    known = [deal(name) for name in files.contracts()]
    unit: Any = {"day": DAY, "kind": "GB300", "weights": WEIGHTS[METRIC]}
    found, how = priced.imputed(deal("reflection-spacex"), known, PLAN, **unit)
    row = ladder(found).loc[("share of Colossus II, imputed", RUNGS[1])]
    assert how.startswith("imputed: ")
    assert (row.low, row.high) == (
        pytest.approx(5.268704, **SIX),
        pytest.approx(11.457036, **SIX),
    )
    assert priced.imputed(deal(), known, PLAN, **unit) == (deal(), "")
    own = plain(provider="Nobody else's")
    assert priced.imputed(own, known, PLAN, **unit) == (own, "")


def test_weights_of_ranges_keep_their_ends() -> None:
    weights = {"H100": Range(low=1, use=1, high=1), "GB300": Range(low=2, use=2, high=3)}
    found = priced.equivalents({"GB300": TEN, "odd": TEN}, weights)
    assert (found.low, found.high) == (30, 60)


def test_every_claim_has_a_source_and_is_of_a_shipped_agreement() -> None:
    for name in files.contracts():
        table = sources.claims(name)
        assert (table.source != "").all()
        assert (table.locator != "").all()
        assert set(table.kind) <= {"disclosed", "reported", "derived", "assumed"}
        assert (table.accelerators > 0).all()
        assert not table.duplicated(["claim", "model"]).any()
    assert len(sources.claims("anthropic-xai"))
    assert sources.claims("nobody").empty


def test_several_kinds_count_as_one_of_them() -> None:
    weights = units.weights(sources.accelerators(), "dense throughput")
    found = priced.equivalents({"H100, H200, GB200": TEN}, weights)
    assert (found.low, found.high) == (10, pytest.approx(25.27))


def test_a_renewal_that_binds_is_served_at_the_fee_then_due() -> None:
    renews = deal("invented-every-clause")  # by three months, until somebody objects
    fee = full_fee(renews, date(2031, 1, 1))
    assert fee.day == date(2031, 1, 1)
    assert fee.usd_month == pytest.approx((95 + 60) * 1e6 * 1.03**4)
    assert full_fee(deal(), date(2031, 1, 1)).day == date(2029, 5, 31)  # renews by nothing
