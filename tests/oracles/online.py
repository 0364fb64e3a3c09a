"""How far the rule of `need.reserve_online` can be from hindsight (Wang, Li, Liang 2013)."""

import math


def worst_case(discount: float, *, randomised: bool = False) -> float:
    """The most that the rule can cost, as a multiple of the least cost in hindsight.

    2 - α; e ÷ (e - 1 + α) if the threshold is drawn at random as in the paper.
    """
    return math.e / (math.e - 1 + discount) if randomised else 2 - discount
