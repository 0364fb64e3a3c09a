"""What the right to leave costs to compute, against libraries and against its own floor."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
from anchors import longstaff_schwartz, put
from oracles.certificate import certify

from analysis.models.exits import Process, solve, solve_many
from analysis.models.exits.lattice import lattice
from analysis.models.market.calibration import calibrate
from tests.models.test_exits import CASES, base
from tests.models.test_market import PRIORS, simulated
from tests.models.test_private import FREE, PREMIUM, solve_private

ROW = {"spot": 36, "strike": 40, "rate": 0.06, "sigma": 0.2, "years": 1, "dates": 50}
DATED, ANY_TIME = 4.47781111, 4.48667442  # 50 dates a year; any time


def clock(run, *, seconds=0.5, timer=time.perf_counter):
    """Best time of `run` in seconds, and its result; repeats for about `seconds`."""
    best, start, result = math.inf, time.perf_counter(), None
    while result is None or time.perf_counter() - start < seconds:
        began = timer()
        result = run()
        best = min(best, timer() - began)
    return best, result


def contract():
    """The contract itself: time, floor and error at each number of nodes."""
    print("Contract G1, 37 months, both rights: ms, ms of its matrix-vector products, ratio, error")
    for nodes in (101, 201, 401, 801):
        game, value = CASES["G1"][:2]
        took, solution = clock(lambda g=game, n=nodes: solve(g, nodes=n))
        grid = lattice([game], nodes=nodes)
        vector = np.cos(grid.axes[0].nodes)
        floor, _ = clock(lambda g=grid, v=vector: [g.expect(v) for _ in range(37)])
        print(f"  {nodes:4d} nodes {took * 1e3:8.2f} {floor * 1e3:7.2f} {took / floor:6.1f}"
              f" {abs(solution.value - value):9.1e}")  # fmt: skip
    print("Error at 201 and 401 nodes")
    for name, (game, value, *_) in CASES.items():
        errors = [abs(solve(game, nodes=nodes).value - value) for nodes in (201, 401)]
        print(f"  {name:8s} {errors[0]:8.1e} {errors[1]:8.1e}")
    took, found = clock(lambda: solve_private(FREE, customer=PREMIUM, provider=PREMIUM, nodes=201))
    error = abs(found.value - 8.5246415484)
    print(f"  private values, 201 nodes: {took * 1e3:.1f} ms, error {error:.1e}")
    two = replace(
        base("provider", notice=0.0, sigma_year=0.5),
        internal_use=Process(kappa_year=3.0, level_usd_hour=1.1, sigma_year=0.4),
    )
    print("Certificate, 1000 paths: s, interval less the value; the same, triggers 5 % too high")
    for name, (game, value) in {k: CASES[k][:2] for k in ("G1", "G2", "unequal")}.items() | {
        ("two factors", (two, -1.815218))
    }:
        solution = solve(game, nodes=401 if game.internal_use is None else 101)
        ends = []
        for factor in (1.0, 1.05):
            took, bound = clock(lambda s=solution, f=factor: certify(
                s, rng=np.random.default_rng(1), trigger_factor=f), seconds=0)  # fmt: skip
            ends += [end - value for end in bound.interval]
        print(f"  {name:12s} {took:5.2f}" + "".join(f" {end:+9.1e}" for end in ends))


def cloud(games=200, nodes=101):
    """A cloud of markets as page 03 draws it: time a game alone and in one batch, and agreement."""
    rng = np.random.default_rng(1)
    print(f"{games} markets, {nodes} nodes: ms of processor a game alone, in a batch, ratio, error")
    for name in ("B1", "G1", "unequal"):
        game = CASES[name][0]
        drawn = [
            replace(
                game,
                spot_usd_hour=game.spot_usd_hour * math.exp(0.1 * z),
                process=replace(game.process, kappa_year=math.exp(k), sigma_year=0.4 * math.exp(s)),
            )
            for z, k, s in rng.standard_normal((games, 3)) * (1, 0.3, 0.2)
        ]
        timed = {"timer": time.process_time, "seconds": 1.5}
        alone, each = clock(lambda d=drawn: [solve(one, nodes=nodes) for one in d], **timed)
        batch, found = clock(lambda d=drawn: solve_many(d, nodes=nodes), **timed)
        error = max(abs(a.value - b.value) for a, b in zip(each, found, strict=True))
        print(f"  {name:8s} {alone / games * 1e3:8.2f} {batch / games * 1e3:8.2f}"
              f" {alone / batch:6.1f} {error:9.1e}")  # fmt: skip


def put_row():
    """The row S 36, sigma 0.2, T 1 of Longstaff and Schwartz against QuantLib and plain LSM."""
    import QuantLib as ql  # noqa: N813

    today = ql.Date(1, 1, 2026)
    ql.Settings.instance().evaluationDate = today
    day = ql.Actual365Fixed()
    spot = ql.QuoteHandle(ql.SimpleQuote(36.0))
    rate = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.06, day))
    none = ql.YieldTermStructureHandle(ql.FlatForward(today, 0.0, day))
    swing = ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, ql.NullCalendar(), 0.2, day))
    process = ql.BlackScholesMertonProcess(spot, none, rate, swing)
    payoff = ql.PlainVanillaPayoff(ql.Option.Put, 40.0)
    any_time = ql.AmericanExercise(today, today + 365)

    def library(engine):
        def run():
            option = ql.VanillaOption(payoff, any_time)
            option.setPricingEngine(engine())
            return option.NPV()

        return run

    def ours(nodes):
        return lambda: put(**ROW, nodes=nodes)

    runs = [  # name, run, exact value of what it prices
        *((f"this grid, {n} nodes, 50 dates", ours(n), DATED) for n in (61, 101, 201, 401)),
        *((f"QuantLib CRR tree, {n} steps", library(
            lambda n=n: ql.BinomialCRRVanillaEngine(process, n)), ANY_TIME)
          for n in (200, 1000, 4000)),
        *((f"QuantLib finite differences, {n} x {n}", library(
            lambda n=n: ql.FdBlackScholesVanillaEngine(process, n, n)), ANY_TIME)
          for n in (100, 400, 1600)),
        ("QuantLib LSM, 2^14 samples", library(
            lambda: ql.MCAmericanEngine(process, "pseudorandom", timeSteps=50,
                                        antitheticVariate=True, requiredSamples=2**14, seed=1)),
         DATED),
        *((f"numpy LSM, {n} paths", lambda n=n: longstaff_schwartz(
            **ROW, paths=n, rng=np.random.default_rng(1)), DATED) for n in (10_000, 100_000)),
    ]  # fmt: skip
    print("Put S 36, sigma 0.2, T 1: ms, error against the exact value of what is priced")
    timed = []
    for name, run, exact in runs:
        took, value = clock(run, seconds=0.4)
        timed.append((name, took, abs(value - exact)))
        print(f"  {name:38s} {took * 1e3:10.2f} {abs(value - exact):9.1e}")
    print("At equal error (ours: the cheapest at least as exact): how many times our time")
    for name, took, error in timed[4:]:
        equal = min((t for _, t, e in timed[:4] if e <= error), default=math.nan)
        print(f"  {name:38s} {took / equal:10.1f}")


def imports():
    """Import of `analysis.models.exits` against numpy and pandas, each in a fresh process."""

    best = {"import analysis.models.exits": math.inf, "import numpy, pandas": math.inf}
    for _ in range(10):
        for code in best:
            took, _ = clock(lambda c=code: not subprocess.run([sys.executable, "-c", c]).returncode,
                            seconds=0)  # fmt: skip
            best[code] = min(best[code], took)
    ours, theirs = best.values()
    print(f"Import: analysis.models.exits {ours:.2f} s, numpy and pandas {theirs:.2f} s,"
          f" ratio {ours / theirs:.2f}")  # fmt: skip


def coverage(sets=100):
    """Share of simulated sets in whose interval the truth lies: nominal against actual."""
    print(f"Calibration on 25 noisy, irregular points: coverage over {sets} simulated sets")
    one = replace(PRIORS, spreads=(1e-6,) * 5)  # one truth, drawn again and again
    for title, source in (("truth from the prior", PRIORS), ("one truth", one)):
        rng = np.random.default_rng(3)
        hits = []
        for _ in range(sets):
            series, truth = simulated(rng, source)
            interval = calibrate(series, rng=rng, priors=PRIORS).interval
            hits.append([r.low <= truth[r.Index] <= r.high for r in interval.itertuples()])
        shares = zip(interval.index, np.mean(hits, axis=0), strict=True)
        print(f"  {title}, nominal 90%: "
              + ", ".join(f"{name} {share:.0%}" for name, share in shares))  # fmt: skip


def main():
    contract()
    cloud()
    put_row()
    imports()
    coverage()
