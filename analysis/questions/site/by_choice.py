"""What a site is worth to its owner for every reading, capex and discount rate."""

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.models.provider import site
from analysis.models.provider.coverage import Promise
from analysis.models.provider.site import Site


def worth(
    sites: Mapping[str, Site], promises: Mapping[str, Promise], *, rates_year: Sequence[float]
) -> pd.DataFrame:
    """Net present value if nobody leaves, and if the customer leaves as soon as it may.

    Columns `reading, case, rate_year, capex_usd, fees_usd, stated_usd, firm_usd`: `case` of capex
    as in `sites`; fees promised, undiscounted; the two net present values, without a resale value
    where the site has none. The customer that leaves is followed by nobody.
    """
    tables = []
    for reading, promise in promises.items():
        for case, place in sites.items():
            stated, firm = (
                site.npv_profile(site.flows(place, fees), rates_year=rates_year)
                for fees in (promise.stated, promise.firm)
            )
            tables.append(
                stated.rename(columns={"npv_usd": "stated_usd"}).assign(
                    firm_usd=firm.npv_usd,
                    reading=reading,
                    case=case,
                    capex_usd=place.capex_usd,
                    fees_usd=sum(promise.firm.usd),
                )
            )
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
