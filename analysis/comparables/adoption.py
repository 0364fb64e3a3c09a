"""What cheaper rents leave of each agreement: what is firm stays, what is open is let anew."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from analysis import commitment
from analysis.clauses import Party
from analysis.terms import Agreement


def kept(
    agreements: Sequence[Agreement], rents: pd.DataFrame, *, as_of: date, party: Party = "customer"
) -> pd.DataFrame:
    """Each agreement's fees left on `as_of`, if `party` leaves once it may, for each rent.

    `rents` has `price_ratio` and more, see `market.response.adoption`; its columns stay. Added:
    `agreement, headline_usd, firm_usd, kept_usd, kept_share`. Kept is what is firm plus what is
    open at the new rents, taken to equal the fee before the fall: what the capacity brings if let
    anew, or the fee agreed instead of leaving. Agreements with nothing left are left out.
    """
    found = []
    for deal in agreements:
        if deal.signed > as_of:
            continue
        whole = commitment.headline(deal, as_of=as_of).usd
        sure = min(commitment.firm(deal, as_of=as_of, party=party).usd, whole)
        if whole <= 0:
            continue
        left = sure + (whole - sure) * rents.price_ratio
        found.append(
            rents.assign(
                agreement=deal.id,
                headline_usd=whole,
                firm_usd=sure,
                kept_usd=left,
                kept_share=left / whole,
            )
        )
    columns = [*rents, "agreement", "headline_usd", "firm_usd", "kept_usd", "kept_share"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
