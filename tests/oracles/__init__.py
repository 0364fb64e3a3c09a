"""Other ways to the same values."""

import math


def refuse(field: str, value: object, allowed: str) -> None:
    """Raise ValueError in one sentence that names the field, its value and what is allowed."""
    raise ValueError(f"{field} is {value!r}, but must be {allowed}")


def require(owner: object, fields: tuple[str, ...]) -> None:
    """Refuse a field of `owner` that is not a finite number."""
    for field in fields:
        value = getattr(owner, field)
        if isinstance(value, bool) or not isinstance(value, int | float):
            refuse(field, value, "a number")
        if not math.isfinite(value):
            refuse(field, value, "finite")
