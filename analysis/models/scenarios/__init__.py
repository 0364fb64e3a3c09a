"""What drives the answer? One case changed many ways; knows nothing of agreements.

What takes a function of named inputs takes a `map`, such as a pool's; with `map=None` the function
is called once with the whole table of cases and returns one number a row.
"""

from analysis.models.scenarios.cases import exact, parts, quasi, sobol, tornado, values
from analysis.models.scenarios.inputs import Input, drawn, listed
from analysis.models.scenarios.tree import Branch, leaves, prices, weighed

__all__ = ["Branch", "Input", "drawn", "exact", "leaves", "listed", "parts", "prices", "quasi"]
__all__ += ["sobol", "tornado", "values", "weighed"]
