"""What no model takes is refused by its name, its value and what is allowed."""

import math
from typing import Any

import numpy as np
import pytest

from analysis.models import units
from analysis.models.accounting import lease
from analysis.models.accounting.term import Judged
from analysis.models.comparables import precedent
from analysis.models.customer import need
from analysis.models.exits import Game, Process, Right, solve
from analysis.models.finance import credit
from analysis.models.finance.demand import Normal
from analysis.models.provider import leaseout, recall, site

NAN = math.nan
DEMAND = Normal(mean=100.0, sd=10.0)
SAME: Any = {"demand": recall.Chain(np.array([0.0, 1.0]), np.eye(2)), "blocks": 1, "months": 2}
SAME |= {"fee": 1.0, "own_use": 2.0, "notice_months": 1, "discount": 1.0}
SITE: Any = {"capacity_mw": 300, "capex_usd": 1e9, "power_usd_mwh": 60}
SITE |= {"fixed_share_year": 0.03, "life_years": 5}
JUMPS = Process(kappa_year=1.0, sigma_year=1e-4, jumps_year=1.0, jump_sd_log=0.7)
CALM = Process(kappa_year=1.0, sigma_year=0.3)


def prices(**changes: float) -> leaseout.Prices:
    return leaseout.Prices(**({"lease": 4.0, "own_use": 6.0, "salvage": 1.0} | changes))


def chain(levels: list[float], *rows: list[float]) -> recall.Chain:
    return recall.Chain(np.array(levels), np.array(rows))


def earned(capacity_mw: float, leased_mw: float) -> float:
    given: Any = {"capacity_mw": capacity_mw, "leased_mw": leased_mw}
    return leaseout.profit(DEMAND, prices=prices(), **given)


def booked(**changes: Any) -> lease.Lease:
    return lease.Lease(**({"edges": (0.0, 1.0), "payments": ((0.0, 1.0),), "rate": 0.1} | changes))


def wanted(**changes: float) -> need.Need:
    given: Any = {"worth": 6.0, "fee": 4.0, "opex": 0.4, "capex": 38.0, "delay_months": 18}
    return need.Need(horizon_months=60, rate_year=0.1, **given | changes)


def game(process: Process = CALM, **changes: Any) -> Game:
    return Game(spot_usd_hour=2.0, fee_usd_hour=2.0, term_months=12, process=process, **changes)


def owed(**changes: Any) -> credit.Exposure:
    return credit.exposure(1.0, **({"billing_days": 30, "payment_days": 30} | changes))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: units.usd_per_mw_month(1.0, 0.0), "capacity_mw: 0.0"),
        (lambda: units.usd_per_gpu_hour(1.0, 5.0, 0.0), "hours_month: 0.0"),
        (lambda: prices(lease=NAN), "lease: nan"),
        (lambda: prices(recall=5.0, buy_back=5.0), "buy_back: 5.0"),
        (lambda: leaseout.best(DEMAND, capacity_mw=-5, prices=prices()), "capacity_mw: -5"),
        (lambda: earned(100, 200), "leased_mw: 200"),
        (lambda: leaseout.forecast_sd(-1, sd_month=15.0), "notice_months: -1"),
        (lambda: leaseout.notice_loss(prices(), -1.0), "sd: -1.0"),
        (lambda: chain([0.0, 1.0], [0.5, 0.4], [0.5, 0.5]), "matrix: .*"),
        (lambda: chain([1.0, 0.0], [1.0, 0.0], [0.0, 1.0]), "levels: .*"),
        (lambda: recall.Lease(**SAME | {"months": 0}), "months: 0"),
        (lambda: recall.Lease(**SAME | {"notice_months": -1}), "notice_months: -1"),
        (lambda: recall.Lease(**SAME | {"discount": NAN}), "discount: nan"),
        (lambda: site.Site(**SITE | {"power_usd_mwh": NAN}), "power_usd_mwh: nan"),
        (lambda: site.Site(**SITE | {"residual_decay_year": -0.1}), "residual_decay_year: -0.1"),
        (lambda: site.Site(**SITE | {"residual_decay_year": NAN}), "residual_decay_year: nan"),
        (lambda: wanted(on_demand=-1), "on_demand: -1"),
        (lambda: wanted(on_demand=math.inf), "on_demand: inf"),
        (lambda: wanted(lease_months=-1), "lease_months: -1"),
        (lambda: precedent.theil_sen([1, NAN], [1, 2]), "x: nan"),
        (lambda: precedent.kendall([1, 2], [1, NAN]), "y: nan"),
        (lambda: site.Loan(usd=1.0, rate_month=0.01, months=0), "months: 0"),
        (lambda: owed(timing="later"), "timing: 'later'"),
        (lambda: owed(served_days=-1), "served_days: -1"),
        (lambda: need.reserve_online([1], on_demand=1, upfront=-1, period=3), "upfront: -1"),
        (lambda: need.fair_fee(price=1, fall=NAN, rate=0.1, years=3), "fall: nan"),
        (lambda: precedent.theil_sen([1, 2], [1, 2, 3]), "y: 3 values"),
        (lambda: precedent.kendall([1, 2], [1, 2, 3]), "y: 3 values"),
        (lambda: booked(rate=-1), "rate: -1"),
        (lambda: booked(edges=(0.0, 2.0, 1.0)), "edges: .*"),
        (lambda: lease.asset_usd(booked(), 0.5, model="IFRS16"), "model: 'IFRS16'"),  # type: ignore[arg-type]
        (lambda: lease.initial(booked(), framework="GAAP"), "framework: 'GAAP'"),  # type: ignore[arg-type]
        (lambda: Judged(rate=0.1, standard="GAAP"), "standard: 'GAAP'"),  # type: ignore[arg-type]
        (lambda: Judged(rate=0.1, customer_stays="may"), "customer_stays: 'may'"),  # type: ignore[arg-type]
        (lambda: Right(notice_months=1, fee=()), "fees: 0"),
        (lambda: solve(game(), nodes=0), "nodes: 0"),
        (lambda: solve(game(JUMPS)), "sigma_year: 0.0001"),
    ],
)
def test_what_no_model_takes_is_refused_by_name(call: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"(?s)^{said} is not allowed, it must be "):
        call()
