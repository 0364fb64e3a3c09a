"""The termination game as data: the parties' rights, the fee, the price process, the dates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.models.market.process import Array, Process, refuse, require_finite

DAYS_MONTH = 365 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """Termination for convenience: a party may end the agreement on notice.

    notice_months: from giving notice to the end of service, >= 0, whole or not (90 days are
    90 / DAYS_MONTH = 2.96 months, see `on_days`). gate_months: lock-in, earliest notice.
    lockout_months: lock-in, earliest end of service; notice that would end it earlier has to wait.
    fee: termination fee, paid by the terminating party to the other one when service ends,
    $/GPU-h × months; negative if the terminating party is paid.
    """

    notice_months: float
    gate_months: float = 0.0
    lockout_months: float = 0.0
    fee: float = 0.0

    def __post_init__(self) -> None:
        require_finite(self, *self.__slots__)
        for field in ("notice_months", "gate_months", "lockout_months"):
            if getattr(self, field) < 0:
                refuse(field, getattr(self, field), "0 or above")

    @classmethod
    def on_days(
        cls,
        notice_days: float,
        *,
        gate_months: float = 0.0,
        lockout_months: float = 0.0,
        fee: float = 0.0,
    ) -> Right:
        """The right with its notice in days.

        >>> round(Right.on_days(90).notice_months, 4)
        2.9589
        """
        return cls(
            notice_months=notice_days / DAYS_MONTH,
            gate_months=gate_months,
            lockout_months=lockout_months,
            fee=fee,
        )

    @property
    def first_month(self) -> float:
        """First month at which notice may be given and takes effect after its own length."""
        return max(self.gate_months, self.lockout_months - self.notice_months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Capacity at a fixed fee, set against its market price, and who may terminate.

    spot_usd_hour: market price today. fee_usd_hour: contract rate; one number, or one for each
    month of the term. term_months: from today to the end of service. process: of the market
    price. rate_year: continuous discount rate; or `discount`: factors at month starts 0, 1, … up
    to the end of the term, first one 1. customer, provider: their rights, None without.
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
    discount: tuple[float, ...] | None = None
    steps_month: int = 1
    internal_use: Process | None = None

    def __post_init__(self) -> None:
        require_finite(self, "spot_usd_hour", "term_months", "rate_year")
        for field in ("spot_usd_hour", "term_months"):
            if getattr(self, field) <= 0:
                refuse(field, getattr(self, field), "above 0")
        if not isinstance(self.steps_month, int) or self.steps_month < 1:
            refuse("steps_month", self.steps_month, "a whole number from 1 up")
        months = math.ceil(self.term_months)
        fees = self.fee_usd_hour if isinstance(self.fee_usd_hour, tuple) else (self.fee_usd_hour,)
        if not all(math.isfinite(fee) for fee in fees):
            refuse("fee_usd_hour", self.fee_usd_hour, "finite")
        if isinstance(self.fee_usd_hour, tuple) and len(fees) != months:
            refuse("fee_usd_hour", f"{len(fees)} numbers", f"one number or {months}, one a month")
        if self.discount is not None:
            if self.rate_year != 0:
                refuse("rate_year", self.rate_year, "left out where discount is given")
            if len(self.discount) != months + 1 or self.discount[0] != 1:
                refuse("discount", self.discount, f"{months + 1} factors, the first one 1")
            if not all(math.isfinite(d) and d > 0 for d in self.discount):
                refuse("discount", self.discount, "above 0 and finite")
        if self.customer and self.provider and self.customer.fee + self.provider.fee < 0:
            total = self.customer.fee + self.provider.fee
            refuse("customer.fee + provider.fee", total, "0 or above, else both race to leave")

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
        c, p = self.customer, self.provider
        return (
            c is not None
            and p is not None
            and c.notice_months == p.notice_months
            and c.first_month == p.first_month
            and c.fee == p.fee == 0
        )

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
        """Ends e of the reference windows [t, e) at dates t = 0..steps, in steps.

        The provider's notice from each date; all that remains if the provider has no right.
        """
        notice = self.provider.notice_months * self.steps_month if self.provider else np.inf
        ends: Array = np.minimum(np.arange(self.steps + 1) + notice, self.end)
        return ends

    def notice_dates(self) -> tuple[Array, NDArray[np.bool_]]:
        """End of service by a notice decided on at each date, and whether it may be; (2, steps).

        Customer's first; ends in steps, allowed only where that ends the agreement early. A right
        that opens between two dates is decided on at the first of them and counts from its
        opening; at the second, where else it would end service out of turn with the other side's.
        """
        dates = np.arange(self.steps)
        ends = np.full((2, self.steps), np.inf)
        allowed, early = np.zeros((2, 2, self.steps), dtype=bool)
        for k, right in enumerate((self.customer, self.provider)):
            if right is not None:
                opens = right.first_month * self.steps_month
                ends[k] = np.maximum(dates, opens) + right.notice_months * self.steps_month
                allowed[k] = (dates > opens - 1 + 1e-9) & (ends[k] < self.end - 1e-9)
                early[k] = dates < opens - 1e-9
        if self.customer and self.provider:
            in_turn = np.sign(self.customer.notice_months - self.provider.notice_months)
            gap = ends[0] - ends[1]
            turned = allowed.all(axis=0) & (np.sign(np.where(abs(gap) < 1e-9, 0, gap)) != in_turn)
            allowed &= ~(early & turned)
        return ends, allowed

    def fees(self) -> Array:
        """Fee of each step, $/GPU-h, shape (steps,)."""
        if isinstance(self.fee_usd_hour, tuple):
            return np.repeat(np.array(self.fee_usd_hour), self.steps_month)[: self.steps]
        return np.full(self.steps, float(self.fee_usd_hour))

    def log_discount(self, at_steps: NDArray[Any]) -> Array:
        """Log discount factor at times in steps; between months a constant rate."""
        if self.discount is None:
            return -self.rate_year / (12 * self.steps_month) * at_steps
        months = np.arange(len(self.discount)) * float(self.steps_month)
        logs: Array = np.interp(at_steps, months, np.log(self.discount))
        return logs
