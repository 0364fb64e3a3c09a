"""What drives the answer? One case changed many ways; knows nothing of agreements.

`values`, `grid`, `tornado`, `exact`, `sobol`, `quasi` and `weighed` take a function of named inputs
and a `map`: hand it a pool's and the same sweep is spread over cores or machines; with `map=None`
the function is called once with the whole table of cases and returns one number a row. `summary`
calls it so for one part of a sweep at a time. `drawn`, `parts`, `leaves` and `prices` make cases,
`listed` shows inputs. All but `values`, `parts` and `prices` return a tidy table; those of `sobol`
and `quasi` hold their seed.
"""

from analysis.models.scenarios.cases import grid, tornado, values
from analysis.models.scenarios.inputs import Input, drawn, listed
from analysis.models.scenarios.sampling import parts, quasi, summary
from analysis.models.scenarios.tree import Branch, leaves, prices, weighed
from analysis.models.scenarios.variance import exact, sobol

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
