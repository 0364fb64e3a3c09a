"""The termination game as data: rights, sides, the fee, the price process, the dates."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.models import errors
from analysis.models.market.prices import Array, Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Termination for convenience: a party may end the agreement on notice.

    notice_months: from giving notice to the end of service, >= 0, whole or not (90 days are
    90 / (365 / 12) = 2.96 months). gate_months: lock-in, earliest notice.
    lockout_months: lock-in, earliest end of service; notice that would end it earlier has to wait.
    fee: termination fee, paid by the terminating party to the other one when service ends,
    $/GPU-h × months; negative if the terminating party is paid. One number, or one by the whole
    months served from today on, the last for all later ones.
    """

    notice_months: float
    gate_months: float = 0.0
    lockout_months: float = 0.0
    fee: float | tuple[float, ...] = 0.0

    def __post_init__(self) -> None:
        months = ("notice_months", "gate_months", "lockout_months")
        errors.not_negative(**{name: getattr(self, name) for name in months})
        errors.finite(fee=self.fee)
        errors.counted(fees=np.size(self.fee))

    def fee_at(self, months: Array) -> Array:
        """The termination fee where service ends so many months from today.

        >>> Right(notice_months=3, fee=(9.0, 4.0)).fee_at(np.array([0.5, 1.0, 7.0]))
        array([9., 4., 4.])
        """
        fees, whole = np.atleast_1d(self.fee), np.floor(months + 1e-9).astype(int)
        return np.asarray(fees[np.clip(whole, 0, len(fees) - 1)])

    @property
    def first_month(self) -> float:
        """First month at which notice may be given and takes effect after its own length."""
        return max(self.gate_months, self.lockout_months - self.notice_months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What the capacity and an early end mean to one side beyond the market price.

    premium: share of the market price. For the customer: capacity in place is worth
    (1 + premium) times the price. For the provider: it could earn only (1 - premium) times the
    price elsewhere (spread between renting in and renting out, idle time).
    internal_use_usd_hour: value of having the capacity to this side on top, $/GPU-h; the customer
    has it while the agreement lasts, the provider once it has ended.
    moving_cost: spent by this side at an end before the term, whoever gave notice; nobody receives
    it; $/GPU-h × months. downtime_months: months lost by this side after such an end (no capacity,
    no tenant), each at the market price then expected, none after the term.
    """

    premium: float = 0.0
    internal_use_usd_hour: float = 0.0
    moving_cost: float = 0.0
    downtime_months: float = 0.0

    def __post_init__(self) -> None:
        errors.rate(premium=self.premium)
        errors.finite(internal_use_usd_hour=self.internal_use_usd_hour)
        errors.not_negative(moving_cost=self.moving_cost, downtime_months=self.downtime_months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Capacity at a fixed fee, set against its market price, and who may terminate.

    spot_usd_hour: market price today. fee_usd_hour: contract rate; one number, or one for each
    month of the term. term_months: from today to the end of service. process: of the market
    price. rate_year: continuous discount rate. customer, provider: their rights, None without.
    steps_month: decision dates in a month; each step pays its share of the month's fee and price.
    internal_use: a second, independent factor that starts at 1; the capacity's value is the
    market price times it (two-factor game).
    """

    spot_usd_hour: float
    fee_usd_hour: float | tuple[float, ...]
    term_months: float
    process: Process
    customer: Right | None = None
    provider: Right | None = None
    rate_year: float = 0.0
    steps_month: int = 1
    internal_use: Process | None = None

    def __post_init__(self) -> None:
        errors.positive(spot_usd_hour=self.spot_usd_hour, term_months=self.term_months)
        errors.counted(steps_month=self.steps_month)
        errors.finite(rate_year=self.rate_year, fee_usd_hour=self.fee_usd_hour)
        months, fees = math.ceil(self.term_months), self.fee_usd_hour
        if isinstance(fees, tuple) and len(fees) != months:
            allowed = f"one number or {months}, one a month"
            raise errors.refused("fee_usd_hour", f"{len(fees)} numbers", allowed)
        if self.customer and self.provider:
            least = float(np.min(self.customer.fee) + np.min(self.provider.fee))
            if least < 0:
                allowed = "0 or above, else both race to leave"
                raise errors.refused("customer.fee + provider.fee", least, allowed)

    @property
    def steps(self) -> int:
        """Number of decision dates."""
        return math.ceil(self.term_months * self.steps_month - 1e-9)

    @property
    def end(self) -> float:
        """End of service, in steps from today."""
        return self.term_months * self.steps_month

    @property
    def is_next_window_only(self) -> bool:
        """Whether both may terminate free of charge on equal notice from the same month on."""
        held = [right for right in (self.customer, self.provider) if right]
        alike = {(right.notice_months, right.first_month) for right in held}
        free = not any(np.any(right.fee) for right in held)
        return len(held) == 2 and len(alike) == 1 and free

    @property
    def longer_notice(self) -> int | None:
        """Whose notice is longer where both may terminate: 0 customer, 1 provider, else None."""
        if not self.customer or not self.provider:
            return None
        customer, provider = self.customer.notice_months, self.provider.notice_months
        return None if customer == provider else int(provider > customer)

    @property
    def timing(self) -> tuple[object, ...]:
        """What fixes all dates: games that share it differ in prices, fees and rates only."""
        rights = [r and (r.notice_months, r.first_month) for r in (self.customer, self.provider)]
        return (self.term_months, self.steps_month, self.internal_use is None, *rights)

    def window_ends(self) -> Array:
        """Ends e of reference windows [t, e) at dates t = 0..steps: the provider's notice."""
        notice = self.provider.notice_months * self.steps_month if self.provider else np.inf
        ends: Array = np.minimum(np.arange(self.steps + 1) + notice, self.end)
        return ends

    def notice_dates(self) -> tuple[Array, NDArray[np.bool_]]:
        """End of service by a notice decided on at each date, and whether it may be; (2, steps).

        Customer's first; ends in steps, allowed only where that ends the agreement early. A right
        that opens between two dates is decided on at the first of them and counts from its
        opening; at the second, where else it would end service out of turn with the other side's.
        """
        dates, rights = np.arange(self.steps), (self.customer, self.provider)
        month = self.steps_month
        opens = np.array([[right.first_month * month if right else np.inf] for right in rights])
        lasts = np.array([[right.notice_months * month if right else 0.0] for right in rights])
        ends = np.maximum(dates, opens) + lasts
        allowed = (dates > opens - 1 + 1e-9) & (ends < self.end - 1e-9)
        if all(rights):
            gap = ends[0] - ends[1]
            turned = np.sign(np.where(abs(gap) < 1e-9, 0, gap)) != np.sign(lasts[0] - lasts[1])
            allowed &= ~((dates < opens - 1e-9) & allowed.all(axis=0) & turned)
        return ends, allowed

    def fees(self) -> Array:
        """Fee of each step, $/GPU-h, shape (steps,)."""
        if isinstance(self.fee_usd_hour, tuple):
            return np.repeat(np.array(self.fee_usd_hour), self.steps_month)[: self.steps]
        return np.full(self.steps, float(self.fee_usd_hour))

    def log_discount(self, at_steps: NDArray[Any]) -> Array:
        """Log discount factor at times in steps."""
        return -self.rate_year / (12 * self.steps_month) * at_steps
