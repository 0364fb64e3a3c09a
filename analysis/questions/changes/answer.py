"""What the change does to every measure."""

from datetime import date

import pandas as pd

from analysis.contract.clauses import Party
from analysis.contract.commitment import firm, headline
from analysis.contract.rights import PARTIES
from analysis.contract.terms import Agreement
from analysis.models.finance.value import present_value


def measures(
    before: Agreement, after: Agreement, *, as_of: date, party: Party, rate: float
) -> pd.DataFrame:
    """What both come to on `as_of`: `measure, before_usd, after_usd, change_usd`.

    Fees to the stated end; those firm although the customer, the provider, may leave; and what
    the firm ones are worth on `as_of` at `rate` (effective annual) as `party` may leave.
    """

    def found(agreement: Agreement) -> dict[str, float]:
        kept = {side: firm(agreement, as_of=as_of, party=side) for side in PARTIES}
        return {
            "all fees to the stated end": headline(agreement, as_of=as_of).usd,
            **{f"firm if the {side} may leave": kept[side].usd for side in PARTIES},
            f"worth of the firm fees, {party}": present_value(
                kept[party].rows, rate=rate, as_of=as_of
            ),
        }

    old, new = found(before), found(after)
    table = pd.DataFrame(
        {"measure": list(old), "before_usd": old.values(), "after_usd": new.values()}
    )
    return table.assign(change_usd=table.after_usd - table.before_usd)
