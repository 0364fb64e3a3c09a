"""What is the right to leave worth, and how long will the agreement live?

`solve(Game(...))` is the stopping game with notice; `private` the game of private values, `bounds`
a certificate of what was solved, `band` life while the price stays in a band; `perpetual`,
`game_options`, `black` and `tree` are closed forms and a tree that check it.
"""

from analysis.exits.game import Game, Right
from analysis.exits.sensitivity import sensitivities
from analysis.exits.solution import Solution, solve
from analysis.market.process import Process

__all__ = ["Game", "Process", "Right", "Solution", "sensitivities", "solve"]
