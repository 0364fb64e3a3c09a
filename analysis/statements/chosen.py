"""What is said for every choice that a page offers: amounts and a sentence for each.

Every function returns the two tables of `charts.choose.chosen`: a row of amounts for each choice
and thing measured (`what, usd, text`), and a row for each choice with its `sentence`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from analysis import commitment, readings, schedule, terms, value
from analysis.clauses import Party
from analysis.findings import Finding, count, day, finding, months, quantity, share, usd
from analysis.ownership import Study
from analysis.terms import Agreement

Tables = tuple[pd.DataFrame, pd.DataFrame]
LEFT, FIRM, WORTH = "left on paper", "firm", "firm, worth that day"
LEAST_USD = 0.01
NOTHING = "go without"
CASES = {
    "none": "nobody may",
    "customer": "only the customer may",
    "provider": "only the provider may",
    "both": "both sides may",
}
MOST_DAYS = 60  # of a longer term every second month, or third …


def written(rows: Sequence[tuple[Mapping[str, Any], str, float]]) -> pd.DataFrame:
    """A table of amounts from the choice, what is measured and its US dollars."""
    table = [{**chosen, "what": what, "usd": v, "text": str(usd(v))} for chosen, what, v in rows]
    return pd.DataFrame(table)


def days(agreement: Agreement, as_of: date) -> list[date]:
    """The days to see a promise from: the start, months' firsts of the term, and `as_of`."""
    firsts = sorted({c.start for c in schedule.charges(agreement) if c.start.day == 1})
    kept = firsts[:: 1 + len(firsts) // MOST_DAYS]
    return sorted({*kept, agreement.start, as_of})


def every(agreement: Agreement, own: str) -> dict[str, str]:
    """The readings to choose from, with their words: all, the headline, and the reader's own."""
    names = dict.fromkeys([*readings.names(agreement), terms.HEADLINE, own])
    return {name: readings.label(agreement, name) for name in names}


def promised(
    agreement: Agreement,
    *,
    names: Iterable[str],
    seen: Sequence[date],
    rates: Sequence[float],
    party: Party,
) -> Tables:
    """What is left, firm, and firm and discounted: by `reading`, `day` and `rate`."""
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    for name in names:
        read = terms.read_as(agreement, name)
        for when in seen:
            firm = commitment.firm(read, as_of=when, party=party)
            left = readings.nominal_usd(agreement, name, as_of=when)
            choice = {"reading": name, "day": when.isoformat()}
            amounts += [(choice, LEFT, left), (choice, FIRM, firm.usd)]
            rows = firm.rows
            for rate in rates:
                worth = value.present_value(rows, rate=rate, as_of=when)
                amounts.append(({**choice, "rate": rate}, WORTH, worth))
            sentence = _promised(name, when, left, firm)
            said.append({**choice, "sentence": str(sentence)})
    return written(amounts), pd.DataFrame(said)


def promised_range(amounts: pd.DataFrame, *, as_of: date) -> Finding:
    """What a reader finds who chooses every day under every reading."""
    now = amounts[amounts.day == as_of.isoformat()]
    firm, left = (now[now.what == what].usd for what in (FIRM, LEFT))
    return finding(
        "On {chosen_day}, up to {chosen_left} is left on paper; what is promised of it ranges up to "
        "{chosen_most}, by the reading.",
        chosen_day=day(as_of, kind="assumed"),
        chosen_left=usd(left.max()),
        chosen_most=usd(firm.max()),
    )


def _promised(name: str, when: date, left: float, firm: commitment.Commitment) -> Finding:
    if left < LEAST_USD:
        return finding(
            "On {when} nothing is left to be served under {name}.", when=day(when), name=name
        )
    return finding(
        "On {when}, {firm} of the {left} left on paper is promised under {name}: {firmness}, up "
        "to {end}.",
        when=day(when),
        firm=usd(firm.usd),
        left=usd(left),
        name=name,
        firmness=share(firm.usd / left),
        end=day(firm.end),
    )


STAYS, GOES = "worth of the site if nobody leaves", "if the customer leaves as soon as it may"


def site_worth(found: pd.DataFrame) -> Tables:
    """What the site is worth by `reading`, `case` and `rate_year`: `found` is `provider.chosen`."""
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    for row in found.itertuples():
        choice = {"reading": row.reading, "case": row.case, "rate_year": row.rate_year}
        amounts += [(choice, STAYS, row.stated_usd), (choice, GOES, row.firm_usd)]
        sentence = finding(
            "At {rate} a year and a capex of {capex}, {reading} promises {fees} of fees: the site "
            "is then worth {firm}, and {stated} if nobody leaves.",
            rate=share(row.rate_year),
            capex=usd(row.capex_usd),
            reading=row.reading,
            fees=usd(row.fees_usd),
            firm=usd(row.firm_usd),
            stated=usd(row.stated_usd),
        )
        said.append({**choice, "sentence": str(sentence)})
    return written(amounts), pd.DataFrame(said)


def capex_words(found: pd.DataFrame, case: str = "case") -> dict[str, str]:
    """The cases of capex with their amounts, for a list: "low capex, $9bn"."""
    each = found.drop_duplicates(case)
    return {
        name: f"{name}, {usd(amount)}"
        for name, amount in zip(each[case], each.capex_usd, strict=True)
    }


def site_range(found: pd.DataFrame) -> Finding:
    """In how many of the choices the site pays, whoever leaves and if nobody does."""
    return finding(
        "Of {choices} choices of reading, capex and rate, the site pays in {pays_stated} if nobody "
        "leaves and in {pays_firm} if the customer leaves as soon as it may.",
        choices=count(len(found)),
        pays_stated=count((found.stated_usd >= 0).sum()),
        pays_firm=count((found.firm_usd >= 0).sum()),
    )


def ways(found: pd.DataFrame) -> Tables:
    """What each way to a megawatt is worth by `worth`, `capex` and `delay_months`.

    `found` is `customer.ranges.every_way`.
    """
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    for (worth, capex, delay), rows in found.groupby(["worth", "capex", "delay_months"]):
        choice = {"worth": worth, "capex": capex, "delay_months": int(delay)}
        known = rows[rows.npv_usd.notna() & (rows.way != NOTHING)]
        amounts += [(choice, r.way, r.npv_usd) for r in known.itertuples()]
        first, second = rows.dropna().sort_values("npv_usd", ascending=False, kind="stable")[
            ["way", "npv_usd"]
        ].to_numpy()[:2]
        sentence = finding(
            "With capacity worth {worth} the fee, a site for {capex} and {delay} until it is ready, "
            "the best is to {best}: {first} a megawatt, {ahead} more than to {next}.",
            worth=quantity(rows.worth_to_fee.iloc[0], "multiple"),
            capex=usd(rows.capex_usd.iloc[0]),
            delay=months(delay),
            best=str(first[0]),
            first=usd(first[1]),
            ahead=usd(first[1] - second[1]),
            next=str(second[0]),
        )
        said.append({**choice, "sentence": str(sentence)})
    return written(amounts), pd.DataFrame(said)


def ways_range(found: pd.DataFrame) -> Finding:
    """Which way is the best in most of the choices."""
    best = found[found.best].drop_duplicates(["worth", "capex", "delay_months"]).way.value_counts()
    return finding(
        "Of {choices} choices of worth, capex and delay, the best is to {best} in {most_choices}.",
        choices=count(best.sum()),
        best=str(best.index[0]),
        most_choices=count(best.iloc[0]),
    )


TO_CUSTOMER, BY_RIGHTS = "worth to the customer", "of that, by the rights to leave"
UNLIKELY, LIKELY = "low end of the draws", "high end of the draws"


def exit_worth(found: Study) -> Tables:
    """What the rest of the agreement is worth to the customer by `rights` and market `price`.

    Prices are every second of `found.curves`, and today's, for which `found.values` has the worth.
    """
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    now = found.values.assign(price=found.market_usd_hour)
    prices = sorted(set(found.curves.price))[::2]
    rows = pd.concat([found.curves[found.curves.price.isin(prices)], now]).dropna(subset=["usd"])
    none = rows[rows.case == "none"].set_index("price").usd
    for row in rows.sort_values("price", kind="stable").itertuples():
        if row.price not in none:
            continue
        choice = {"rights": row.case, "price": row.price}
        amounts += [
            (choice, TO_CUSTOMER, row.usd),
            (choice, UNLIKELY, row.low_usd),
            (choice, LIKELY, row.high_usd),
            (choice, BY_RIGHTS, row.usd - none[row.price]),
        ]
        sentence = finding(
            "If " + CASES[row.case] + " leave and the market stands at {price}, the rest is worth "
            "{worth} to the customer, {low} to {high} in nine tenths of the draws; the rights make "
            "{made} of it.",
            price=quantity(row.price, "USD/H100e-hour"),
            worth=usd(row.usd),
            low=usd(row.low_usd),
            high=usd(row.high_usd),
            made=usd(row.usd - none[row.price]),
        )
        said.append({**choice, "sentence": str(sentence)})
    return written(amounts), pd.DataFrame(said)


def exit_range(amounts: pd.DataFrame) -> Finding:
    """What the rights do to the worth, over every choice of rights and price."""
    made = amounts[amounts.what == BY_RIGHTS].usd
    return finding(
        "Over these prices the rights to leave change what the rest is worth to the customer by "
        "{rights_least} to {rights_most}.",
        rights_least=usd(made.min()),
        rights_most=usd(made.max()),
    )
