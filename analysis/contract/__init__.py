"""What was signed, what is due, what is firm: the contract logic.

An agreement in four steps, each of a few modules:

1. What was signed. `files` reads a file; `derived` fills in what follows from what it states, and
   lays changes over it; `prices` (what is paid), `duration` (how long, who may leave), `capacity`
   (what is served), of the values in `fields`, say what can be signed; `terms` holds them together
   with readings; `amendments` says which terms hold when, `fees` what totals leave open; `checks`
   refuses what cannot be.
2. What is due. `charges` for service, as fees rise (`escalation`), and minima make the `schedule`;
   `billing` says what is paid when; `facts` are what has happened.
3. What is firm. `rights` says who may leave when and for what; `commitment` is what stays owed,
   `ladder` what the rest hangs on, and its value at risk.
4. On a day, under a reading: `position` answers all of it, with `deadlines` and the capacity
   `served`; `readings` compares several.

>>> from analysis import contract
>>> agreement = contract.load("anthropic-xai")
>>> contract.position(agreement, as_of=date(2026, 11, 23)).firm().end
datetime.date(2027, 2, 21)
"""

from analysis.contract.files import contract as load
from analysis.contract.files import names
from analysis.contract.position import Position, position
from analysis.contract.terms import Agreement
from analysis.data.texts import ContractError

__all__ = ["Agreement", "ContractError", "Position", "load", "names", "position"]
