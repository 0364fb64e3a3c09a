"""What was signed, what is due, what is firm: the contract logic.

>>> from analysis import contract
>>> agreement = contract.load("anthropic-xai")
>>> contract.position(agreement, as_of=date(2026, 11, 23)).firm().end
datetime.date(2027, 2, 21)
"""

from analysis.contract.files import contract as load
from analysis.contract.files import contracts as names
from analysis.contract.position import Position, position
from analysis.contract.terms import Agreement
from analysis.data.texts import ContractError

__all__ = ["Agreement", "ContractError", "Position", "load", "names", "position"]
