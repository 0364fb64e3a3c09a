"""How much to lease out and when to recall: cases A1 to A9 and property 10."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from time import perf_counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracles.underway import value
from oracles.uniform import Uniform

from analysis.models.finance import demand
from analysis.models.finance.demand import Demand, Gamma, Lognormal, Normal, Sample
from analysis.models.provider import leaseout, recall
from analysis.models.provider.leaseout import Prices
from analysis.models.provider.recall import Chain, Lease

LAW = settings(deadline=None, max_examples=60)
P = 25 / 6
UNIFORM = Uniform(low=0, high=250)
NORMAL = Normal(mean=180, sd=50)
STEPS = Sample(range(0, 301, 50))
A1 = Prices(lease=P, own_use=6)


def earned(own: Demand, leased_mw: float, prices: Prices) -> float:
    """What a site of 300 MW earns in a month."""
    return leaseout.profit(own, capacity_mw=300, leased_mw=leased_mw, prices=prices)


def close(number: float, digits: int = 6) -> object:
    """Equal within the digits printed."""
    return pytest.approx(number, abs=0.5000001 * 10**-digits)


@pytest.mark.parametrize(
    ("own", "prices", "kept", "leased", "profit"),
    [
        pytest.param(UNIFORM, A1, 76.388889, 223.611111, 1320.023148, id="A1"),
        pytest.param(
            UNIFORM, replace(A1, salvage=1.5), 101.851852, 198.148148, 1343.364198, id="A2"
        ),
        pytest.param(
            NORMAL,
            Prices(lease=P, own_use=8, salvage=2),
            197.774521,
            102.225479,
            1827.645705,
            id="A3",
        ),
        pytest.param(STEPS, A1, 100, 200, 1304.761905, id="A4"),
        pytest.param(UNIFORM, replace(A1, recall=5), 41.666667, 258.333333, 1392.361111, id="A5"),
        pytest.param(
            NORMAL,
            Prices(lease=P, own_use=8, salvage=1.5, buy_back=5.5),
            158.463635,
            141.536365,
            1867.280045,
            id="A6",
        ),
    ],
)
def test_best_quantity(
    own: Demand, prices: Prices, kept: float, leased: float, profit: float
) -> None:
    found = leaseout.best(own, capacity_mw=300, prices=prices)
    assert (300 - found, found) == (close(kept), close(leased))
    assert earned(own, found, prices) == close(profit)


def test_a4_whole_megawatts() -> None:
    found = leaseout.best(STEPS, capacity_mw=300, prices=A1, blocks=300)
    assert (found, earned(STEPS, found, A1)) == (200, close(1304.761905))
    assert leaseout.best(UNIFORM, capacity_mw=300, prices=A1, blocks=6) == 200


def test_a3_and_a6_critical_ratios() -> None:
    assert Prices(lease=P, own_use=8, salvage=2).critical_ratio == close(0.638889)
    two = Prices(lease=P, own_use=8, salvage=1.5, buy_back=5.5)
    assert two.critical_ratio == close(0.333333)


def test_a5_gain_of_a_recall_right() -> None:
    assert earned(UNIFORM, 200, replace(A1, recall=5)) - earned(UNIFORM, 200, A1) == close(45.0)


def test_a7_price_of_notice() -> None:
    prices = replace(A1, salvage=1.5)

    def loss(months: float, reversion: float = 0.0) -> float:
        sd = leaseout.forecast_sd(months, sd_month=15, reversion=reversion)
        return leaseout.notice_loss(prices, sd)

    assert loss(1) == close(26.200009)
    assert loss(3) == close(45.379747)
    assert loss(3) / loss(1) == pytest.approx(math.sqrt(3))
    assert loss(3, 0.15) == close(36.848998)
    assert loss(3, 1e-9) == pytest.approx(loss(3))


def test_a7_is_what_the_newsvendor_loses_to_a_forecast_error() -> None:
    prices = replace(A1, salvage=1.5)
    own = Normal(mean=500, sd=leaseout.forecast_sd(3, sd_month=15))
    sure = prices.own_use * 500 + prices.lease * 500
    leased = leaseout.best(own, capacity_mw=1000, prices=prices)
    found = leaseout.profit(own, capacity_mw=1000, leased_mw=leased, prices=prices)
    assert sure - found == close(45.379747)


DEMANDS = st.one_of(
    st.builds(Normal, mean=st.floats(150, 300), sd=st.floats(1, 40)),
    st.builds(Lognormal, mean=st.floats(20, 300), sd=st.floats(1, 200)),
    st.builds(Gamma, mean=st.floats(20, 300), sd=st.floats(5, 200)),
    st.builds(
        lambda low, width: Uniform(low=low, high=low + width), st.floats(0, 100), st.floats(1, 300)
    ),
    st.builds(Sample, st.lists(st.integers(0, 400), min_size=1, max_size=8)),
)
MONEY = st.floats(0, 5)


@given(DEMANDS, st.floats(0, 400), st.floats(0.01, 0.99))
@LAW
def test_demand_agrees_with_itself(own: Demand, x: float, share: float) -> None:
    level = own.quantile(share)
    assert own.cdf(level + 1e-6) >= share - 1e-9
    assert own.cdf(level - 1e-4) <= share + 1e-4
    grid = np.linspace(-300, x, 1001)
    area = np.trapezoid([own.cdf(y) for y in grid], grid)  # E[(x - D)+] is the area below the cdf
    assert demand.expected_surplus(own, x) == pytest.approx(area, abs=0.2)
    assert demand.expected_shortfall(own, -1000) == pytest.approx(own.mean + 1000)
    assert own.expected_min(1e9) == pytest.approx(own.mean)


def test_a_share_just_reached_needs_no_higher_level() -> None:
    own = Sample([30] * 7 + [10] + [20] * 2)
    assert [own.quantile(share) for share in (0, 0.1, 0.3, 0.31, 1)] == [10, 10, 20, 30, 30]
    assert Sample([5, 9, 7, 5]).quantile(0.5) == 5


def test_moments_and_partial_means_of_each_shape() -> None:
    share, weight = np.polynomial.legendre.leggauss(1000)
    for own in (Gamma(mean=180, sd=50), Lognormal(mean=180, sd=50), NORMAL):
        levels = np.array([own.quantile((each + 1) / 2) for each in share])
        assert weight @ levels / 2 == pytest.approx(180, rel=1e-4)
        assert weight @ (levels - 180) ** 2 / 2 == pytest.approx(50**2, rel=1e-2)
        part = weight @ np.minimum(levels, 150.0) / 2
        assert own.expected_min(150) == pytest.approx(part, rel=1e-5)


@given(DEMANDS, MONEY, MONEY, MONEY, st.sampled_from(["recall", "buy_back", None]), MONEY)
@LAW
def test_the_best_quantity_is_the_best_of_all(
    own: Demand,
    salvage: float,
    lease: float,
    value: float,
    back: str | None,
    price: float,
) -> None:
    prices = Prices(
        lease=lease,
        own_use=salvage + value + 0.1,
        salvage=salvage,
        **({back: salvage + price + 0.1} if back else {}),
    )
    most = max(earned(own, leased, prices) for leased in range(0, 301, 10))
    best = leaseout.best(own, capacity_mw=300, prices=prices)
    assert most <= earned(own, best, prices) + 1e-6
    whole = leaseout.best(own, capacity_mw=300, prices=prices, blocks=30)
    assert most == pytest.approx(earned(own, whole, prices), abs=1e-6)
    assert whole in range(0, 301, 10)


@given(DEMANDS, st.floats(0.1, 3), st.floats(0.1, 3), st.floats(0.1, 3))
@LAW
def test_law_10_the_quantity_moves_the_right_way(
    own: Demand, gap: float, margin: float, salvage: float
) -> None:
    base = Prices(salvage=salvage, lease=salvage + gap, own_use=salvage + gap + margin)

    def leased(**change: float) -> float:
        return leaseout.best(own, capacity_mw=300, prices=replace(base, **change))

    here = leased() + 1e-6
    assert leased(own_use=base.own_use + 1) <= here
    assert leased(lease=base.lease + margin / 2) >= here - 2e-6
    assert leased(salvage=salvage + gap / 2) <= here  # what idles earns more: keep more


@given(DEMANDS, st.floats(0, 300), st.floats(0.2, 8))
@LAW
def test_law_10_a_recall_right_never_loses(own: Demand, leased: float, payment: float) -> None:
    plain, better = (earned(own, leased, p) for p in (A1, replace(A1, recall=payment)))
    back = demand.expected_shortfall(own, 300 - leased) - demand.expected_shortfall(own, 300)
    gain = max(0.0, 6 - payment) * back
    assert better - plain == pytest.approx(gain, abs=1e-6)
    assert gain >= -1e-6


# Recall with notice


def chain(levels: Sequence[float], rows: Sequence[Sequence[float]]) -> Chain:
    return Chain(np.array(levels, dtype=float), np.array(rows, dtype=float))


FOUR = chain(
    [0, 1, 2, 3],
    [[0.70, 0.25, 0.05, 0], [0.15, 0.60, 0.20, 0.05], [0, 0.20, 0.60, 0.20], [0, 0.05, 0.25, 0.70]],
)
A8 = Lease(
    demand=FOUR, blocks=3, months=12, fee=400, own_use=700, notice_months=None, discount=0.99
)


def test_a8_notice_makes_leasing_everything_rational() -> None:
    """A made-up site whose owner needs nothing at first."""
    table = recall.frontier(A8, demand_mw=0, notices=[*range(13), None])
    best = table[table.best].groupby("notice_months", dropna=False).leased.last() / 3
    assert (best[6], best[9]) == (1, 1)
    assert best[10] == best[math.nan] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("notice", "values"),
    [
        pytest.param(0, [8383.835239, 12098.524208, 14683.261112, 15970.207421], id="A8-0"),
        pytest.param(1, [8383.835239, 12004.554238, 14373.502370, 15375.358794], id="A8-1"),
        pytest.param(3, [8383.835239, 11985.579443, 14137.096201, 14793.068126], id="A8-3"),
        pytest.param(None, [8383.835239, 11985.579443, 13972.403388, 13633.815394], id="A8-none"),
    ],
)
def test_recall(notice: int | None, values: list[float]) -> None:
    plan = recall.solve(replace(A8, notice_months=notice))
    assert plan.start(demand_mw=0).usd.tolist() == [close(usd) for usd in values]


def test_a8_with_up_to_six_months_notice_all_is_leased_without_it_two_blocks() -> None:
    table = recall.frontier(A8, demand_mw=0, notices=[0, 1, 3, 6, None])
    assert table[table.best].leased.tolist() == [3, 3, 3, 3, 2]
    assert np.isnan(table.notice_months.iloc[-1])


def brute_force(lease: Lease, state: int, leased: int) -> float:
    """Every state (month, demand, leased, when each block comes back) one by one."""
    n = lease.delay
    memory: dict[tuple[int, int, int, tuple[int, ...]], float] = {}

    def worth(month: int, now: int, leased: int, due: tuple[int, ...]) -> float:
        if month == lease.months:
            return 0.0
        key = month, now, leased, due
        if key not in memory:
            free = leased - sum(due) if month >= lease.gate_months else 0
            if lease.notice_months is None:
                free = 0
            memory[key] = max(once(month, now, leased, due, r) for r in range(free + 1))
        return memory[key]

    def once(month: int, now: int, leased: int, due: tuple[int, ...], r: int) -> float:
        if n == 0:
            leased, queue = leased - r, ()
            returned = 0
        else:
            returned, *rest = (*due, r)
            queue = tuple(rest)
        kept = (lease.blocks - leased) * lease.block_mw
        need = lease.demand.levels[now]
        cash = lease.fee * leased * lease.block_mw + lease.own_use * min(need, kept)
        cash += lease.salvage * max(kept - need, 0)
        chances = lease.demand.matrix[now]
        ahead = [
            chances[to] * worth(month + 1, to, leased - returned, queue)
            for to in range(len(chances))
        ]
        return float(cash + lease.discount * math.fsum(ahead))

    return worth(0, state, leased, (0,) * max(0, n - 1))


@st.composite
def leases(draw: st.DrawFn, notices: st.SearchStrategy[int | None]) -> Lease:
    states, blocks = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    months = draw(st.integers(1, 6))
    weights = [
        np.array(draw(st.lists(st.integers(1, 9), min_size=states, max_size=states)))
        for _ in range(states)
    ]
    return Lease(
        demand=chain(
            np.cumsum(draw(st.lists(st.integers(1, 3), min_size=states, max_size=states))),
            [row / row.sum() for row in weights],
        ),
        blocks=blocks,
        block_mw=draw(st.sampled_from([1.0, 2.5])),
        months=months,
        fee=draw(st.floats(0, 9)),
        own_use=draw(st.floats(0, 20)),
        salvage=draw(st.floats(0, 3)),
        notice_months=draw(notices),
        gate_months=draw(st.integers(0, 3)),
        discount=draw(st.floats(0.8, 1)),
    )


@given(leases(st.sampled_from([0, 1, 2, 3, 4, None])), st.integers(0, 3), st.integers(0, 2))
@LAW
def test_the_reduced_state_is_exact(lease: Lease, leased: int, state: int) -> None:
    assume(leased <= lease.blocks and state < len(lease.demand.levels))
    plan = recall.solve(lease)
    found = value(plan, leased=leased, demand_mw=lease.demand.levels[state])
    assert found == pytest.approx(brute_force(lease, state, leased), rel=1e-12, abs=1e-9)


@given(leases(st.sampled_from([0, 1, 3, 6, None])))
@LAW
def test_every_start_is_worth_its_value(lease: Lease) -> None:
    plan, level = recall.solve(lease), lease.demand.levels[-1]
    each = [value(plan, leased=n, demand_mw=level) for n in range(lease.blocks + 1)]
    assert plan.start(demand_mw=level).usd.tolist() == pytest.approx(each, rel=1e-12)


@given(leases(st.just(0)))
@LAW
def test_law_10_notice_never_helps_and_any_recall_beats_none(lease: Lease) -> None:
    table = recall.frontier(lease, demand_mw=lease.demand.levels[0], notices=[0, 1, 2, 3, 5, None])
    values = [group.usd.to_numpy() for _, group in table.groupby("notice_months", dropna=False)]
    for shorter, longer in pairwise(values):
        assert (longer <= shorter + 1e-9 * (1 + np.abs(shorter))).all()


@given(leases(st.sampled_from([0, 1, 2, 3, None])), st.integers(0, 3))
@LAW
def test_following_the_plan_earns_its_value(lease: Lease, leased: int) -> None:
    """Over every path of demand, each with its chance."""
    assume(leased <= lease.blocks and lease.months <= 4)
    plan, levels = recall.solve(lease), lease.demand.levels
    total = 0.0
    paths = [((0,), 1.0)]
    for _ in range(lease.months - 1):
        paths = [
            ((*path, to), chance * lease.demand.matrix[path[-1]][to])
            for path, chance in paths
            for to in range(len(levels))
        ]
    for path, chance in paths:
        table = plan.follow([levels[state] for state in path], leased=leased)
        total += chance * float(table.usd @ lease.discount**table.month)
    assert total == pytest.approx(value(plan, leased=leased, demand_mw=levels[0]), rel=1e-9)


def test_value_with_notices_running() -> None:
    """A block due back next month is worth what it is once the month has passed."""
    lease = replace(A8, notice_months=3)
    plan = recall.solve(lease)
    later = value(plan, leased=2, demand_mw=0, month=11)
    assert later == pytest.approx(400 * 2 + 0)
    for month in (2, 10):
        for due, level in (((1, 0), 0), ((0, 1), 2), ((1, 1), 3)):
            choices = [
                sum(
                    chance
                    * value(plan, leased=3 - due[0], demand_mw=to, month=month + 1, due=(due[1], r))
                    for chance, to in zip(FOUR.matrix[level], FOUR.levels, strict=True)
                )
                for r in range(3 - sum(due) + 1)
            ]
            found = value(plan, leased=3, demand_mw=level, month=month, due=due)
            assert found == pytest.approx(400 * 3 + 0.99 * max(choices))


def test_a_gate_holds_back_notice() -> None:
    always = chain([0, 3], [[1, 0], [0, 1]])
    lease = replace(A8, demand=always, notice_months=1, gate_months=5)
    table = recall.solve(lease).follow([3.0] * 12, leased=3)
    assert table.recalled.tolist() == [0] * 5 + [3] + [0] * 6
    assert table.usd.tolist() == [1200.0] * 6 + [2100.0] * 6


def test_only_as_much_is_recalled_as_is_needed() -> None:
    always = chain([1], [[1]])
    table = recall.solve(replace(A8, demand=always, notice_months=2)).follow([1.0] * 12, leased=3)
    assert table.recalled.tolist() == [1] + [0] * 11
    assert table.leased.tolist() == [3, 3] + [2] * 10


LARGE = Lease(
    demand=recall.mean_reverting(mean=180, sd=50, reversion=0.15, states=12),
    blocks=30,
    block_mw=10,
    months=37,
    fee=P,
    own_use=8,
    salvage=1.5,
    notice_months=3,
    discount=0.99,
)


def test_a_large_programme_is_solved_within_a_second() -> None:
    recall.solve(A8)
    started = perf_counter()
    recall.solve(replace(A8, notice_months=3)).start(demand_mw=0)
    assert perf_counter() - started < 0.05
    started = perf_counter()
    plan = recall.solve(LARGE)
    assert plan.start(demand_mw=180).usd.is_monotonic_increasing is False
    assert perf_counter() - started < 1
    assert plan.rest.size == plan.keep.size == 37 * 12 * 31


@pytest.mark.parametrize(
    ("notice", "values"),
    [
        pytest.param(0, (45502.655321, 46277.602524), id="A9-0"),
        pytest.param(3, (44471.619918, 45038.277140), id="A9-3"),
    ],
)
def test_all_or_nothing(notice: int, values: tuple[float, float]) -> None:
    lease = Lease(demand=chain([0, 1], [[0.95, 0.05], [0.10, 0.90]]), blocks=1, months=37,
                  fee=1250 / 3, own_use=900, salvage=200, notice_months=notice,
                  discount=0.99)  # fmt: skip
    found = recall.all_or_nothing(lease)
    assert found.own_use_usd.tolist() == [close(41861.1987, 4), close(46277.6025, 4)]
    assert found.leased_usd.tolist() == [close(values[0]), close(values[1])]
    assert found.recall.tolist() == [False, True]


@given(
    st.lists(st.lists(st.integers(1, 9), min_size=4, max_size=4), min_size=4, max_size=4),
    st.floats(0, 10),
    st.floats(0, 5),
    st.integers(0, 6),
    st.floats(0, 0.97),
)
@LAW
def test_all_or_nothing_solves_its_equation(
    weights: list[list[int]], own_use: float, salvage: float, notice: int, discount: float
) -> None:
    matrix = np.array(weights) / np.sum(weights, axis=1, keepdims=True)
    lease = Lease(demand=chain(range(4), matrix), blocks=3, months=37, fee=5 / 3, own_use=own_use,
                  salvage=salvage, notice_months=notice, discount=discount)  # fmt: skip
    found = recall.all_or_nothing(lease)
    back = found.own_use_usd.to_numpy()
    used = own_use * np.arange(4) + salvage * np.arange(3, -1, -1)
    assert back == pytest.approx(used + discount * matrix @ back)
    for _ in range(notice):  # notice is n months of fee, then own use
        back = 5.0 + discount * matrix @ back
    wait = 5.0 + discount * matrix @ found.leased_usd
    assert found.leased_usd.to_numpy() == pytest.approx(np.maximum(back, wait))
    assert np.where(found.recall, back, wait) == pytest.approx(found.leased_usd.to_numpy())


# Demand by month


def fitted(demand_mw: Sequence[float], levels: Sequence[float]) -> Chain:
    """The chain that makes a path most likely; a level from which no move was seen stays."""
    size = len(levels)
    states = [int(np.abs(np.array(levels) - demand).argmin()) for demand in demand_mw]
    counts = np.zeros((size, size))
    np.add.at(counts, (states[:-1], states[1:]), 1)
    moves = np.where(counts.sum(axis=1, keepdims=True) > 0, counts, np.eye(size))
    return chain(levels, moves / moves.sum(axis=1, keepdims=True))


def test_simulated_paths_follow_the_chain() -> None:
    rng = np.random.default_rng(7)
    path = recall.simulate(FOUR, start_mw=0.2, months=20_000, rng=rng)
    assert path[0] == 0
    seen = fitted(path.tolist(), FOUR.levels)
    assert seen.matrix == pytest.approx(FOUR.matrix, abs=0.02)
    again = recall.simulate(FOUR, start_mw=0, months=50, rng=np.random.default_rng(7))
    assert (again == path[:50]).all()


@given(st.floats(-50, 450))
@LAW
def test_a_chain_starts_where_demand_is_said_to_be(demand_mw: float) -> None:
    rough = recall.mean_reverting(mean=200, sd=50, reversion=0.15, states=9)
    begun = rough.including(demand_mw)
    at = begun.state(demand_mw)
    assert begun.levels[at] == demand_mw
    mean = begun.matrix[at] @ begun.levels
    within = min(max(demand_mw, rough.levels[0]), rough.levels[-1])
    assert mean == pytest.approx(200 + (within - 200) * math.exp(-0.15))
    assert begun.including(demand_mw) is begun


@given(st.floats(0.01, 2), st.integers(2, 12))
@LAW
def test_a_mean_reverting_chain_has_the_moments_asked_for(reversion: float, states: int) -> None:
    found = recall.mean_reverting(mean=200, sd=50, reversion=reversion, states=states)
    levels, n = np.array(found.levels), states - 1
    stationary = np.array([math.comb(n, k) / 2**n for k in range(states)])
    assert stationary @ found.matrix == pytest.approx(stationary)
    assert stationary @ levels == pytest.approx(200)
    assert stationary @ (levels - 200) ** 2 == pytest.approx(2500)
    assert found.matrix @ (levels - 200) == pytest.approx(math.exp(-reversion) * (levels - 200))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Prices(lease=4, own_use=2, salvage=3), "own_use: 2 .* above salvage, 3"),
        (lambda: leaseout.notice_loss(replace(A1, lease=-1), 1), "lease: -1 .* above salvage"),
        (lambda: Normal(mean=1, sd=0), "sd: 0"),
        (lambda: Sample([]), "observations: 0"),
        (lambda: NORMAL.quantile(1.2), "share: 1.2"),
        (lambda: recall.mean_reverting(mean=50, sd=50, reversion=1, states=9), "states: 9"),
        (lambda: recall.all_or_nothing(replace(A8, discount=1.0)), "discount: 1.0"),
    ],
)
def test_bad_input_is_refused_by_name(call: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()  # type: ignore[operator]
