"""An agreement as a game of leaving: months, rights, capacity and money, checked by hand."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from agreements import plain

from analysis.contract import files, position, schedule, terms
from analysis.contract.fields import Range
from analysis.data import sources
from analysis.models import units
from analysis.models.exits import Game, leaving, lifetimes, ownership, solve
from analysis.models.exits.leaving import Leaving
from analysis.models.market import standing
from analysis.models.market.prices import Process, forward_strip
from analysis.models.market.standing import Standing
from analysis.models.pricing import beside
from tests.mixed import Mixed, toml

NOTICE = 8 / 30 + 2 + 20 / 28  # months charged from 23 November to 21 February
METRIC = "dense throughput"
WEIGHTS = units.weights(sources.accelerators(), METRIC)
AS_OF = date(2026, 11, 23)
CALM = Process(kappa_year=1.0, level_usd_hour=3.5, sigma_year=0.4)


def ahead(name: str, *, reading: str = "", as_of: date | None = AS_OF, scope: str = "") -> Leaving:
    deal = files.contract(name)
    read = position(deal, reading=reading or None).read
    return of(read, as_of=as_of, scope=scope)


def of(deal: terms.Agreement, *, as_of: date | None = None, scope: str = "") -> Leaving:
    found = position(deal, as_of)
    return leaving.remaining(found, scope=scope, weights=WEIGHTS, hours_month=730.0)


def exactly(value: float) -> Range:
    return Range(low=value, use=value, high=value)


@pytest.mark.parametrize(
    ("fee_usd_month", "accelerators", "weights", "h100s", "price"),
    [
        (1.25e9, {"H100": 220_000}, {"H100": 1.0}, 220_000, 7.783313),  # U2
        (1.25e9, {"H100": 325_000}, {"H100": 1.0}, 325_000, 5.268704),  # U3
        (
            1.25e9,
            {
                "H100": 150_000 * 220 / 230,
                "H200": 50_000 * 220 / 230,
                "GB200": 30_000 * 220 / 230,
            },
            {"H100": 1.0, "H200": 1.0, "GB200": 2.5},
            263_043.478,
            6.509680,
        ),  # U4
        (
            1.25e9,
            {"H100": 150_000, "H200": 50_000, "GB200": 125_000},
            {"H100": 1.0, "H200": 1.0, "GB200": 2.5},
            512_500,
            3.341129,
        ),  # U5
        (920e6, {"H100": 110_000}, {"H100": 1.0}, 110_000, 11.457036),  # U6
    ],
)
def test_the_fee_becomes_a_price(
    fee_usd_month: float,
    accelerators: dict[str, float],
    weights: dict[str, float],
    h100s: float,
    price: float,
) -> None:
    deal = plain(
        capacity={"accelerators": accelerators},
        fee=[{"from": date(2026, 1, 1), "usd_month": fee_usd_month}],
    )
    found = leaving.remaining(
        position(deal),
        weights={kind: exactly(weight) for kind, weight in weights.items()},
        hours_month=730.0,
    )
    assert found.h100_equivalents.use == pytest.approx(h100s, abs=1e-3)
    assert found.fee_usd_hour() == pytest.approx(price, abs=1e-6)
    assert found.unit_usd() == pytest.approx(h100s * 730, rel=1e-8)
    assert found.fee_usd_hour() == pytest.approx(units.usd_per_gpu_hour(fee_usd_month, h100s))


def test_the_hours_of_a_month_are_those_asked_for() -> None:
    deal = plain(capacity={"accelerators": {"H100": 110_000}})
    short = leaving.remaining(position(deal), weights=WEIGHTS, hours_month=720.0)
    assert short.fee_usd_hour() / of(deal).fee_usd_hour() == pytest.approx(730 / 720)


def test_a_kind_without_weight_is_a_range_and_said() -> None:
    found = ahead("google-spacex")
    assert found.h100_equivalents.low == 110_000
    assert found.h100_equivalents.high == pytest.approx(110_000 * WEIGHTS["GB300"].high)
    assert any("no weight is known" in note for note in found.notes)
    assert not ahead("anthropic-xai").notes


def test_every_scope_counts_its_own_capacity_once() -> None:
    assert ahead("anthropic-xai", scope="both-sites").accelerators == 325_000
    hall = ahead("invented-every-clause")
    assert hall.accelerators == 42_000  # the tranche's belong to the file's first capacity
    assert ahead("invented-every-clause", scope="with-hall-2").accelerators == 42_000
    with pytest.raises(ValueError, match="scope"):
        ahead("anthropic-xai", scope="nowhere")


def test_notice_is_counted_in_the_days_of_its_months() -> None:
    right = ahead("anthropic-xai").rights["customer"]
    assert right.notice_months == pytest.approx(NOTICE)
    half_a_year = ahead("invented-every-clause").rights["provider"]
    assert half_a_year.notice_months == pytest.approx(8 / 30 + 5 + 22 / 31)  # to 23 May


@pytest.mark.parametrize("name", ["anthropic-xai", "google-spacex"])
@pytest.mark.parametrize("day", [date(2026, 10, 1), AS_OF, date(2027, 2, 14), date(2028, 1, 31)])
def test_the_notice_window_is_what_the_schedule_charges_for_its_days(name: str, day: date) -> None:
    deal = files.contract(name)
    found = of(deal, as_of=day)
    committed = position(deal, found.start).firm()
    process = {"process": CALM, "spot_usd_hour": 3.5, "rate_year": 0.1}
    window = solve(found.game(**process), nodes=101)  # type: ignore[arg-type]
    assert window.game.is_next_window_only
    assert window.expected_fees * found.unit_usd() == pytest.approx(committed.usd)
    assert found.left_on("customer", window.expected_months) == committed.end


def test_equal_notices_are_equal_behind_unequal_gates() -> None:
    rights = {"customer": {"notice_days": 90, "gate_months": 5}, "provider": {"notice_days": 90}}
    held = of(plain(termination=rights, capacity={"accelerators": {"H100": 1.0}})).rights
    assert held["customer"].notice_months == held["provider"].notice_months
    assert (held["customer"].gate_months, held["provider"].gate_months) == (5, 0)


def test_no_life_ends_before_either_side_may_be_gone() -> None:
    later, sooner = {"notice_months": 1, "gate_months": 9}, {"notice_months": 6}
    for rights in (
        {"customer": later, "provider": sooner},
        {"customer": sooner, "provider": later},
    ):
        assert of(plain(termination=rights)).life(0.5).quantile(0.01) == 6


def test_a_gate_on_serving_gates_and_one_on_effect_locks() -> None:
    serving = ahead("anthropic-xai", reading="R2", as_of=None).rights["customer"]
    effect = ahead("anthropic-xai", reading="R2e", as_of=None).rights["customer"]
    assert (serving.gate_months, serving.lockout_months) == (3, 0)
    assert (effect.gate_months, effect.lockout_months) == (0, 3)
    later = ahead("anthropic-xai", reading="R2").rights["customer"]
    assert later.gate_months == 0  # the gate has passed


def test_ramp_months_pay_less() -> None:
    found = ahead("anthropic-xai", as_of=None)
    assert found.term_months == pytest.approx(36 + 29 / 31)
    rest = 1 - 29 / 31
    assert found.fees_usd_month[0] == pytest.approx(0.625e9)
    assert found.fees_usd_month[1] == pytest.approx(0.625e9 * (1 - rest) + 1.25e9 * rest)
    assert found.fees_usd_month[2] == pytest.approx(1.25e9)
    assert found.fee_usd_month == pytest.approx(1.25e9)


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("as_of", [None, date(2025, 1, 1), AS_OF, date(2028, 2, 29)])
def test_the_fees_of_the_game_add_up_to_the_schedule(name: str, as_of: date | None) -> None:
    deal = files.contract(name)
    found = of(deal, as_of=as_of)
    rows = schedule.frame(position(deal, as_of).schedule.charges(found.start))
    assert found.headline_usd == pytest.approx(rows.fee_usd.sum(), rel=1e-9)
    if not found.why_not:
        game = found.game(process=CALM, spot_usd_hour=3.5, rate_year=0.1)
        nobody = solve(replace(game, customer=None, provider=None), nodes=101)
        assert nobody.expected_fees * found.unit_usd() == pytest.approx(found.headline_usd)


def test_a_termination_fee_is_converted() -> None:
    found = ahead("invented-every-clause", reading="fixed-fee-to-leave")
    assert found.rights["customer"].fee == 150_000_000
    game = found.game(process=CALM, spot_usd_hour=3.5, rate_year=0.1)
    assert game.customer is not None
    assert game.customer.fee_at(np.zeros(1)) * found.unit_usd() == pytest.approx(150_000_000)
    share = ahead("invented-every-clause")
    assert any("held at what it is" in note for note in share.notes)


def test_what_cannot_be_played_says_why() -> None:
    nothing = ahead("reflection-spacex")
    assert "not disclosed" in nothing.why_not
    over = ahead("anthropic-xai", as_of=date(2040, 1, 1))
    assert "nothing is left" in over.why_not
    with pytest.raises(ValueError, match="nothing is left"):
        over.game(process=CALM, spot_usd_hour=3.5, rate_year=0.1)


def test_a_gate_within_a_month_makes_the_steps_finer() -> None:
    assert ahead("google-spacex").steps_month == leaving.FINER
    assert ahead("anthropic-xai").steps_month == 1


def series(day: date) -> standing.PriceSeries | None:
    source = "GIX monthly on-demand median"
    return standing.until(sources.prices(), day, gpu="H100", tier="on-demand", source=source)


def stood(day: date, seen: date, draws: int = 20) -> Standing | None:
    beliefs = standing.priors(sources.assumptions().value)
    return standing.stand(series(seen), day=day, beliefs=beliefs, draws=draws, seed=1)


def market(day: date) -> Standing:
    now = stood(day, AS_OF)
    assert now
    return now


def test_the_market_knows_only_what_was_seen_by_then() -> None:
    assert series(date(2023, 5, 1)) is None
    early = series(date(2024, 6, 1))
    assert early is not None
    assert early.dates[-1] == date(2024, 6, 1)
    assert stood(AS_OF, date(2023, 5, 1)) is None


def test_too_few_draws_are_refused_with_the_least_number() -> None:
    with pytest.raises(ValueError, match="draws: 19 is not allowed, it must be 20 or more"):
        stood(AS_OF, AS_OF, draws=19)


def test_a_wait_moves_the_price_to_its_level_and_widens_the_doubt() -> None:
    law = Process(kappa_year=1.0, level_usd_hour=2.0, sigma_year=0.4, drift_year=0.1)
    assert standing.carried(4.0, law, years=0.0, shock=3.0) == (4.0, law)
    price, later = standing.carried(4.0, law, years=50.0, shock=0.0)
    assert later.level_usd_hour == pytest.approx(2.0 * 2.718281828**5, rel=1e-6)
    assert price == pytest.approx(later.level_usd_hour * 2.718281828**-0.1, rel=1e-6)
    up, _ = standing.carried(4.0, law, years=1.0, shock=1.0)
    down, _ = standing.carried(4.0, law, years=1.0, shock=-1.0)
    assert up / down == pytest.approx(
        2.718281828 ** (2 * 0.4 * (0.5 * (1 - 0.135335)) ** 0.5), 1e-4
    )


def test_contract_months_become_days_of_the_calendar() -> None:
    game = ahead("anthropic-xai")
    assert [game.day(m) for m in (0, 3, 30)] == [
        date(2026, 11, 23), date(2027, 2, 23), date(2029, 5, 23)
    ]  # fmt: skip
    assert game.day(game.term_months) == game.left_on("term", game.term_months) == date(2029, 6, 1)
    assert game.left_on("customer", 2 + NOTICE) == date(2027, 4, 23)  # 90 days after 23 January
    half_a_year = ahead("invented-every-clause")
    ends = 1 + half_a_year.rights["provider"].notice_months
    assert half_a_year.left_on("provider", ends) == date(
        2027, 6, 23
    )  # six months after 23 December


def test_triggers_stand_at_the_day_from_which_notice_may_be_given() -> None:
    game = ahead("google-spacex")
    table = ownership.study(game, market(game.start), rate_year=0.1, seed=1).triggers
    opens = table[(table.party == "customer") & table.price.notna()].date.iloc[0]
    assert opens == date(2027, 1, 1)  # "after 31 December 2026"


@pytest.fixture(scope="module")
def found() -> ownership.Study:
    game = ahead("anthropic-xai")
    return ownership.study(game, market(game.start), rate_year=0.1, seed=1)


def test_free_equal_rights_are_worth_their_window(found: ownership.Study) -> None:
    values = found.values.set_index("case").usd
    both = found.solutions["both"]
    window = replace(
        both.game,
        customer=None,
        provider=None,
        term_months=NOTICE,
        fee_usd_hour=found.ahead.fee_usd_hour(),
    )
    alone = solve(window, nodes=101).value * found.ahead.unit_usd()
    assert values["both"] == pytest.approx(alone, rel=1e-6)
    assert both.game.is_next_window_only
    assert values["provider"] <= values["none"] <= values["customer"]
    assert values["provider"] <= values["both"] <= values["customer"] + 1e-3


def test_a_right_is_worth_what_it_adds(found: ownership.Study) -> None:
    values, worth = found.values.set_index("case").usd, found.rights.set_index("party")
    assert worth.usd["customer"] == pytest.approx(values["customer"] - values["none"])
    assert worth.usd["provider"] == pytest.approx(values["none"] - values["provider"])
    assert worth.months["customer"] == pytest.approx(worth.usd["customer"] / 1.25e9)
    assert worth.leads.sum() == pytest.approx(1)
    assert (found.values.low_usd <= found.values.high_usd).all()


def at_fee(game: Game) -> Game:
    """The same game in a market so much dearer or cheaper that the fees to come are fair."""
    months = np.arange(math.ceil(game.term_months))
    served = np.minimum(game.term_months - months, 1.0) * np.exp(-game.rate_year / 12 * months)
    forward = forward_strip(game.process, spot_usd_hour=game.spot_usd_hour, months=months[-1])
    times = float((game.fees()[:: game.steps_month] * served).sum() / (forward * served).sum())
    process = replace(game.process, level_usd_hour=game.process.level_usd_hour * times)
    return replace(game, spot_usd_hour=game.spot_usd_hour * times, process=process)


def test_private_worth_makes_it_live_and_rights_can_hurt_both(found: ownership.Study) -> None:
    assumed = sources.assumptions()
    both = found.solutions["both"]
    assert abs(solve(at_fee(found.solutions["none"].game), nodes=101).value) < 1e-6
    fair = replace(found, solutions={"both": replace(both, game=at_fee(both.game))})
    table = lifetimes.private(fair, assumed)
    row = table[table.hurt].iloc[0]
    assert row.customer_usd < row.customer_bound_usd
    assert row.provider_usd < row.provider_bound_usd
    today = lifetimes.private(found, assumed)
    least, most = today.iloc[0], today.iloc[-1]
    assert least.months == pytest.approx(NOTICE)
    assert most.lived > 0.99


def test_quantiles_of_life_are_those_of_its_chances(found: ownership.Study) -> None:
    table = lifetimes.fan(found, {"low": 0.0, "value": 0.05, "high": 1.0})
    rows = table.set_index("life")
    assert (rows.loc["0 % a month", list(lifetimes.QUANTILES)] == date(2029, 6, 1)).all()
    assert rows.months["0 % a month"] == pytest.approx(found.ahead.term_months)
    assert rows.fees_usd["0 % a month"] == pytest.approx(found.ahead.headline_usd)
    assert rows.months["100 % a month"] == 3
    assert rows.fees_usd["both may"] == pytest.approx(NOTICE * 1.25e9)
    assert list(table.columns[:2]) == ["life", "group"]
    assert rows.q50["both may"] == date(2027, 2, 21)  # 90 days after 23 November 2026
    assert rows.q10["5 % a month"] == date(2027, 4, 23)  # a whole number of months


def test_slopes_are_those_of_the_value(found: ownership.Study) -> None:
    table = ownership.slopes(found).set_index("parameter")
    fee = table.loc[ownership.FEE]
    months = found.solutions["none"].game
    paid = sum(0.9917**k for k in range(31))  # about: discounted months of fee
    assert fee["none_usd"] / 12.5e6 == pytest.approx(-paid, rel=0.03)
    assert months.term_months == found.ahead.term_months


def test_the_assumptions_have_unit_kind_and_source() -> None:
    table = sources.assumptions()
    assert table.index.is_unique
    assert set(table.kind) <= {"disclosed", "reported", "derived", "assumed"}
    assert (table[["unit", "source", "note"]].map(len) > 0).all().all()
    ranged = table.dropna(subset=["low", "high"])
    assert ((ranged.low <= ranged.value) & (ranged.value <= ranged.high)).all()


def test_prices_and_weights_have_their_source() -> None:
    table = sources.prices()
    assert table[["gpu", "tier", "basis", "source", "url"]].notna().all().all()
    assert (table.usd_gpu_hour > 0).all()
    assert table.date.map(type).eq(date).all()
    for metric in sources.accelerator_metrics():
        weights = units.weights(sources.accelerators(), metric)
        assert weights["H100"] == exactly(1.0)
        assert set(weights) == {"H100", "H200", "GB200", "GB300"}
    assert WEIGHTS["GB300"] == Range(low=2.5, use=3.0, high=3.5)
    bandwidth = units.weights(sources.accelerators(), "memory bandwidth")
    assert bandwidth["H200"].use == pytest.approx(4.8 / 3.35, abs=1e-3)
    assert bandwidth["GB200"].use == pytest.approx(8 / 3.35, abs=1e-3)
    with pytest.raises(ValueError, match="allowed: dense throughput, memory bandwidth"):
        units.weights(sources.accelerators(), "watts")


def test_the_last_price_of_each_kind_is_recent() -> None:
    table = beside.contracted(sources.prices(), day=AS_OF, gpus=["H100"])
    assert (pd.to_datetime(table.date) > pd.Timestamp(2026, 5, 23)).all()
    assert not table.duplicated(["tier", "source"]).any()


def test_a_fee_by_schedule_reaches_the_game_month_by_month() -> None:
    start = date(2026, 1, 1)
    steps = [{"from": start, "usd": 60.0}, {"from": date(2026, 4, 1), "usd": 10.0}]
    cost = {"usd": 120.0, "from": start, "months": 12}
    right = {"notice_days": 0, "fee_schedule": steps, "fee_unamortised": cost}
    deal = plain(capacity={"accelerators": {"H100": 10}}, termination={"customer": right})
    found = of(deal, as_of=start)
    owed = [60 * (n < 3) + 10 * (n >= 3) + 120 - 10 * n for n in range(13)]
    assert found.rights["customer"].fee == pytest.approx(owed)
    game = found.game(process=CALM, spot_usd_hour=3.5, rate_year=0.1)
    assert game.customer is not None
    assert game.customer.fee_at(np.zeros(1)) == pytest.approx(180 / found.unit_usd())
    assert (
        of(plain(termination={"customer": {"notice_days": 0, "fee_usd": 5.0}}))
        .rights["customer"]
        .fee
        == 5
    )


@pytest.mark.parametrize("seed", [152, 386])
def test_notice_of_no_days_lasts_no_months_where_part_of_a_month_is_charged_less(seed: int) -> None:
    deal = files.parse(toml(Mixed(seed, 1e5).data))  # notice opens in the middle of a month
    found = position(deal, deal.start, "as-written")
    left = leaving.remaining(found, weights=WEIGHTS, hours_month=730.0)
    assert left.rights
    assert all(right.notice_months >= 0 for right in left.rights.values())
