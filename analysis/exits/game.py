"""What the game of leaving is played over: the rights, the fee, the price, the time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analysis.market.process import Array, Process, refuse, require_finite

DAYS_MONTH = 365 / 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A party may end the agreement on notice; service goes on until the notice has run.

    notice_months: from giving notice to the end of service, >= 0, whole or not (90 days are
    90 / DAYS_MONTH = 2.96 months, see `on_days`). gate_months: notice may be given from here on.
    lockout_months: service cannot end before; notice that would end it earlier has to wait.
    fee: paid by the party that leaves to the other one when service ends, $/GPU-h × months;
    negative if the leaver is paid.
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
    """An agreement at a fixed fee for capacity with a market price, and who may leave it.

    spot_usd_hour: market price today. fee_usd_hour: what the customer pays; one number, or one
    for each month of the term. term_months: from today to the end of service. process: how the
    market price moves. rate_year: continuous discount rate; or `discount`: factors at month starts
    0, 1, … up to the end of the term, first one 1. customer, provider: their rights, None without.
    steps_month: decision dates in a month; each step pays its share of the month's fee and price.
    own_use: a second, independent factor that starts at 1 and multiplies the market price into
    what the capacity is worth (two-factor game).
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
    own_use: Process | None = None

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
        """Whether both may leave free of charge on equal notice from the same month on."""
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
        """Whose notice is longer where both may leave: 0 customer, 1 provider, None neither."""
        if not self.customer or not self.provider:
            return None
        customer, provider = self.customer.notice_months, self.provider.notice_months
        return None if customer == provider else int(provider > customer)

    def fees(self) -> Array:
        """Fee of each step, $/GPU-h, shape (steps,)."""
        if isinstance(self.fee_usd_hour, tuple):
            return np.repeat(np.array(self.fee_usd_hour), self.steps_month)[: self.steps]
        return np.full(self.steps, float(self.fee_usd_hour))

    def log_discount(self, at_steps: Array) -> Array:
        """Log discount factor at times in steps; between months a constant rate."""
        if self.discount is None:
            return -self.rate_year / (12 * self.steps_month) * at_steps
        months = np.arange(len(self.discount)) * float(self.steps_month)
        return np.interp(at_steps, months, np.log(self.discount))
