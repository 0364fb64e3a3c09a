"""What drives the answer? One case changed many ways; knows nothing of agreements.

What takes a function of named inputs takes a `map`, such as a pool's; with `map=None` the function
is called once with the whole table of cases and returns one number a row.
"""

from analysis.models.scenarios.cases import (
    Branch,
    exact,
    leaves,
    parts,
    prices,
    quasi,
    sobol,
    tornado,
    values,
    weighed,
)
from analysis.models.scenarios.inputs import Input, drawn, listed

__all__ = ["Branch", "Input", "drawn", "exact", "leaves", "listed", "parts", "prices", "quasi"]
__all__ += ["sobol", "tornado", "values", "weighed"]
