"""Laws of the stopping game, and the rule written out plainly as its own oracle."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from anchors import on_days
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.models.exits import Game, Process, Right, solve
from analysis.models.exits.lattice import axis
from analysis.models.market.prices import Chain

NODES = 121


def numbers(low, high):
    return st.floats(low, high, allow_nan=False).map(lambda x: round(x, 4))


processes = st.builds(
    Process,
    kappa_year=numbers(0.0, 2.0),
    level_usd_hour=numbers(1.0, 4.0),
    sigma_year=numbers(0.15, 0.9),
    drift_year=numbers(-0.3, 0.2),
    jumps_year=st.sampled_from([0.0, 0.0, 1.0]),
    jump_mean_log=numbers(-0.3, 0.1),
    jump_sd_log=numbers(0.1, 0.3),
)
rights = st.builds(
    Right,
    notice_months=st.one_of(st.sampled_from([0.0, 1.0, 2.9589, 3.0, 30.0]), numbers(0, 8)),
    gate_months=st.sampled_from([0.0, 0.0, 3.0, 5.92]),
    lockout_months=st.sampled_from([0.0, 0.0, 6.0]),
    fee=numbers(0.0, 2.0),
)
games = st.builds(
    Game,
    spot_usd_hour=numbers(1.0, 5.0),
    fee_usd_hour=numbers(1.0, 4.0),
    term_months=st.sampled_from([9.0, 20.0, 24.5]),
    process=processes,
    customer=rights,
    provider=rights,
    rate_year=numbers(0.0, 0.15),
    steps_month=st.sampled_from([1, 1, 2]),
)
few = settings(max_examples=12, deadline=None, derandomize=True, database=None)


def equal_notice(game):
    right = game.customer
    provider = replace(right, fee=game.provider.fee)
    return replace(game, provider=provider)


def window_value(game):
    """Value of the notice window alone, from the first date on."""
    end = min(game.customer.notice_months, game.term_months)
    return solve(replace(game, term_months=end, customer=None, provider=None)).value if end else 0.0


@few
@given(games)
def test_1_free_mutual_exit_is_worth_its_notice_and_nothing_more(game):
    free = replace(game.customer, fee=0.0, gate_months=0.0, lockout_months=0.0)
    solution = solve(replace(game, customer=free, provider=free), nodes=NODES)
    assert solution.value == pytest.approx(window_value(replace(game, customer=free)), abs=1e-9)
    assert solution.game.is_next_window_only


@few
@given(games)
def test_3_rights_order_the_values(game):
    both, alone_c = equal_notice(game), replace(equal_notice(game), provider=None)
    alone_p, none = replace(both, customer=None), replace(both, customer=None, provider=None)
    v = {name: solve(g, nodes=NODES).values for name, g in
         {"both": both, "c": alone_c, "p": alone_p, "none": none}.items()}  # fmt: skip
    inner = slice(NODES // 4, -NODES // 4)
    for low, high in (("p", "both"), ("both", "c"), ("p", "none"), ("none", "c")):
        assert (v[low] <= v[high] + 1e-5 * (1 + np.abs(v[high])))[inner].all()


@few
@given(games)
def test_3_collar(game):
    game = equal_notice(game)
    free = replace(game.customer, gate_months=0.0, lockout_months=0.0)
    game = replace(game, customer=free, provider=replace(free, fee=game.provider.fee))
    later = np.exp(-game.rate_year * free.notice_months / 12)
    if free.notice_months >= game.term_months:
        return
    excess = solve(game, nodes=NODES).value - window_value(game)
    assert -later * free.fee - 1e-6 <= excess <= later * game.provider.fee + 1e-6


@few
@given(games, numbers(0.0, 2.0))
def test_4_a_fee_weakens_the_right_it_burdens(game, more):
    game = equal_notice(game)
    value = solve(game, nodes=NODES).value
    dear = replace(game.provider, fee=game.provider.fee + more)
    assert solve(replace(game, provider=dear), nodes=NODES).value >= value - 1e-5
    dear = replace(game.customer, fee=game.customer.fee + more)
    assert solve(replace(game, customer=dear), nodes=NODES).value <= value + 1e-5


@few
@given(games)
def test_4_endless_fees_are_no_rights(game):
    dear = {name: replace(getattr(game, name), fee=1e4) for name in ("customer", "provider")}
    none = solve(replace(game, customer=None, provider=None), nodes=NODES).value
    assert solve(replace(game, **dear), nodes=NODES).value == pytest.approx(none, abs=1e-4)


@few
@given(games, numbers(0.3, 3.0))
def test_5_scaling(game, c):
    game, process = equal_notice(game), game.process
    scaled = replace(
        game,
        spot_usd_hour=c * game.spot_usd_hour,
        fee_usd_hour=c * game.fee_usd_hour,
        process=replace(process, level_usd_hour=c * process.level_usd_hour),
        customer=replace(game.customer, fee=c * game.customer.fee),
        provider=replace(game.provider, fee=c * game.provider.fee),
    )
    one, other = solve(game, nodes=NODES), solve(scaled, nodes=NODES)
    assert other.value == pytest.approx(c * one.value, abs=1e-5)
    if game.customer.fee + game.provider.fee > 0.01:  # else some triggers are any price
        expected = c * one.trigger_prices
        assert other.trigger_prices == pytest.approx(expected, rel=1e-5, nan_ok=True)


@few
@given(games)
def test_6_notice_as_long_as_the_term_is_no_right(game):
    paid = Right(notice_months=game.term_months, fee=-game.customer.fee)  # the leaver is paid
    long = replace(paid, fee=game.customer.fee)
    none = solve(replace(game, customer=None, provider=None), nodes=NODES).value
    value = solve(replace(game, customer=paid, provider=long), nodes=NODES).value
    assert value == pytest.approx(none, abs=1e-10)


def test_6_one_decision_date_has_a_closed_form():
    right = Right(notice_months=3.0, fee=0.1)
    process = Process(kappa_year=1.0, level_usd_hour=2.0, sigma_year=0.3)
    game = Game(spot_usd_hour=2.35, fee_usd_hour=2.2, term_months=4, rate_year=0.05,
                process=process, customer=right, provider=right)  # fmt: skip
    forward = 2.2878122243 - 2.2
    later = np.exp(-0.05 / 4)
    expected = solve(replace(game, term_months=3, customer=None, provider=None)).value
    expected += later * min(max(forward, -0.1), 0.1)
    assert solve(game).value == pytest.approx(expected, abs=1e-9)


@few
@given(games)
def test_7_triggers_are_in_order(game):
    game = equal_notice(game)
    if game.customer.fee + game.provider.fee > 0.01:
        table = solve(game, nodes=NODES).triggers.replace(np.inf, np.nan).dropna()
        table = table[table.provider > 0]
        assert (table.customer < table.provider).all()


@few
@given(games)
def test_8_an_own_right_is_never_worth_less_than_nothing(game):
    none = solve(replace(game, customer=None, provider=None), nodes=NODES)
    inner = slice(NODES // 4, -NODES // 4)
    customer = solve(replace(game, provider=None), nodes=NODES).values - none.values
    provider = none.values - solve(replace(game, customer=None), nodes=NODES).values
    assert (customer[inner] >= -1e-5).all()
    assert (provider[inner] >= -1e-5).all()


@few
@given(games)
def test_longer_notice_is_never_a_stronger_right_alone(game):
    """With one right and no fee, a longer notice and a later gate only take dates away."""
    right = replace(game.customer, fee=0.0)
    alone = replace(game, provider=None, customer=right)
    value = solve(alone, nodes=NODES).value
    later = replace(right, gate_months=right.gate_months + 2)
    assert solve(replace(alone, customer=later), nodes=NODES).value <= value + 1e-5


@few
@given(games)
def test_chances_add_up(game):
    solution = solve(game, nodes=NODES)
    assert solution.ends.probability.sum() == pytest.approx(1, abs=1e-4)
    served = solution.survival.served
    assert all(later <= before + 1e-4 for before, later in pairwise(served))
    assert 0 <= solution.expected_months <= game.term_months + 1e-3


def plain(game, count=601):
    """The rule as the text states it, on a fine grid with plain sums and no closed form."""
    chain = Chain(process=game.process, step_years=1 / (12 * game.steps_month))
    n, end = game.steps, game.end
    grid = axis(chain, half_width=7 * chain.spread(n), count=count)
    prices = np.exp(chain.means(np.log(game.spot_usd_hour), n)[:, None] + grid.nodes)
    fees, at = game.fees(), lambda t: np.exp(game.log_discount(np.array(t)))
    kernel = grid.kernel

    def fee(right, start, stop):
        return right.fee * at(stop) / at(start)

    def pays(j, until):
        return (prices[j] - fees[j]) * np.clip(until - j, 0, 1) / game.steps_month

    def served(i, until, last):  # service from i to `until`, then `last` at that time
        value = last * at(until) / at(max(int(np.ceil(until - 1e-9)), i))
        value = np.full(grid.nodes.size, value)
        for j in reversed(range(i, int(np.ceil(until - 1e-9)))):
            value = pays(j, until) + at(j + 1) / at(j) * (kernel @ value)
        return value

    def opens(right):
        return max(right.gate_months, right.lockout_months - right.notice_months) * game.steps_month

    def notice(right, i):  # decided on at the last date before it may be given
        return max(i, opens(right)) + right.notice_months * game.steps_month

    def may(right, i):
        return right and i > opens(right) - 1 + 1e-9 and notice(right, i) < end - 1e-9

    def left(giver, other, i, sign):  # value of notice at i, other side may answer; sign of fee
        until = notice(giver, i)
        if not other or notice(other, i) >= until - 1e-9:
            return served(i, until, sign * giver.fee)
        last = i
        while notice(other, last) < until - 1e-9:
            last += 1
        value = served(last, until, sign * giver.fee)
        for j in reversed(range(i, last)):
            value = pays(j, until) + at(j + 1) / at(j) * (kernel @ value)
            if may(other, j):
                answer = served(j, notice(other, j), -sign * other.fee)
                value = np.minimum(value, answer) if sign < 0 else np.maximum(value, answer)
        return value

    value = np.zeros(grid.nodes.size)
    for i in reversed(range(n)):
        value = pays(i, end) + at(i + 1) / at(i) * (kernel @ value)
        if game.provider and may(game.provider, i):
            value = np.minimum(value, left(game.provider, game.customer, i, +1))
        if game.customer and may(game.customer, i):
            value = np.maximum(value, left(game.customer, game.provider, i, -1))
    return value[grid.nodes.size // 2]


MIXED = {
    "provider's notice longer": {"customer": Right(notice_months=1, fee=0.3),
                                 "provider": Right(notice_months=4, fee=0.2)},
    "gates within months": {"customer": Right(notice_months=4, fee=0.2, gate_months=1.3),
                            "provider": on_days(45, fee=0.1, gate_months=3.6)},
    "customer's notice longer, gated answers": {
        "customer": Right(notice_months=6, fee=0.3),
        "provider": Right(notice_months=2, fee=0.2, gate_months=4)},
    "days and lockout": {"customer": on_days(90, fee=0.1, lockout_months=5),
                         "provider": on_days(45, fee=0.4)},
    "one right at once": {"customer": Right(notice_months=0, fee=0.1, gate_months=2)},
    "the other right only": {"provider": Right(notice_months=2.5, fee=0.1, gate_months=1)},
    "weeks": {"customer": on_days(30, fee=0.1), "provider": on_days(60, fee=0.1),
              "steps_month": 2},
    "ramp": {"customer": Right(notice_months=3, fee=0.1),
             "provider": Right(notice_months=3, fee=0.5),
             "fee_usd_hour": (1.1, 1.1, *[2.2] * 8)},
    "part of a month at the end": {"customer": Right(notice_months=3, fee=0.1),
                                   "provider": Right(notice_months=2, fee=0.5),
                                   "term_months": 9.4},
}  # fmt: skip


@pytest.mark.parametrize("jumps", [0.0, 1.5])
@pytest.mark.parametrize("case", MIXED)
def test_2_the_collar_form_is_the_rule_written_out(case, jumps):
    process = Process(kappa_year=0.8, level_usd_hour=2.1, sigma_year=0.5, drift_year=-0.2,
                      jumps_year=jumps, jump_mean_log=-0.15, jump_sd_log=0.25)  # fmt: skip
    game = Game(
        **{"spot_usd_hour": 2.35, "fee_usd_hour": 2.2, "term_months": 10.0, "rate_year": 0.05,
           "process": process} | MIXED[case]
    )  # fmt: skip
    assert solve(game, nodes=201).value == pytest.approx(plain(game), abs=3e-4)
