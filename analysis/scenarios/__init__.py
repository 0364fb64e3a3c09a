"""What drives the answer? One case changed many ways; knows nothing of agreements.

Every function takes a function of named inputs and a `map`: hand it a pool's and the same sweep is
spread over cores or machines. With `map=None` the function is called once with the whole table of
cases and returns one number a row. Results are tidy tables that hold their seed.
"""

from analysis.scenarios.cases import grid, tornado, values
from analysis.scenarios.inputs import Input, drawn, listed
from analysis.scenarios.sampling import parts, quasi, summary
from analysis.scenarios.tree import Branch, leaves, prices, weighed
from analysis.scenarios.variance import exact, sobol

__all__ = [
    "Branch",
    "Input",
    "drawn",
    "exact",
    "grid",
    "leaves",
    "listed",
    "parts",
    "prices",
    "quasi",
    "sobol",
    "summary",
    "tornado",
    "values",
    "weighed",
]
