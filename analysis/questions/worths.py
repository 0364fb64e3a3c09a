"""What is said of a worth for every choice that a page offers: amounts and a sentence for each.

Every function of a table returns the two tables of `charts.choose.chosen`, as `chosen` says.
"""

from typing import Any

import pandas as pd

from analysis.models.exits.ownership import Study
from analysis.page.findings import Finding, about, finding, months, quantity, share, usd
from analysis.questions.chosen import Tables, written
from analysis.questions.exit.words import band
from analysis.questions.site.words import more_or_less

NOTHING = "go without"
CASES = {
    "none": "nobody may",
    "customer": "only the customer may",
    "provider": "only the provider may",
    "both": "both sides may",
}
STAYS, GOES = "if nobody leaves", "if the customer leaves early"


def site_worth(found: pd.DataFrame) -> Tables:
    """What the site is worth by `reading`, `capex` and `rate_year`.

    `found` is `provider.by_choice.worth`.
    """
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    for row in found.to_dict("records"):
        choice = {"reading": row["reading"], "capex": row["case"], "rate_year": row["rate_year"]}
        amounts += [(choice, STAYS, row["stated_usd"]), (choice, GOES, row["firm_usd"])]
        sentence = finding(
            "At {rate} a year and a capex of {capex}, {reading} promises {fees} of fees: the site "
            "is then worth {firm}, and {stated} if nobody leaves.",
            rate=share(row["rate_year"]),
            capex=usd(row["capex_usd"]),
            reading=row["reading"],
            fees=usd(row["fees_usd"]),
            firm=usd(row["firm_usd"]),
            stated=usd(row["stated_usd"]),
        )
        said.append({**choice, "sentence": str(sentence)})
    return written(amounts), pd.DataFrame(said)


def capex_words(found: pd.DataFrame, case: str = "case") -> dict[str, str]:
    """The cases of capex with their amounts, for a list: "low capex, $9bn"."""
    each = found.drop_duplicates(case)
    return {
        name: f"{ENDS.get(name, name)}, {usd(amount)}"
        for name, amount in zip(each[case], each.capex_usd, strict=True)
    }


ENDS = {"value": "middle"}


def site_range(found: pd.DataFrame) -> Finding:
    """From what to what the site is worth over the choices, if nobody leaves and if one does."""
    stays, ends = more_or_less("stays", found.stated_usd)
    leaves, early = more_or_less("leaves", found.firm_usd)
    return finding(
        f"By choice of reading, capex and rate the site is worth {stays} than it costs if nobody "
        f"leaves, and {leaves} if the customer leaves as soon as it may.",
        **ends,
        **early,
    )


def ways(found: pd.DataFrame) -> Tables:
    """What each way to a megawatt is worth by `worth`, `capex` and `delay_months`.

    `found` is `customer.ranges.every_way`.
    """
    amounts: list[tuple[dict[str, Any], str, float]] = []
    said: list[dict[str, Any]] = []
    for _, rows in found.groupby(["worth", "capex", "delay_months"]):
        choice = {name: rows[name].tolist()[0] for name in ("worth", "capex", "delay_months")}
        known = rows[rows.npv_usd.notna()].sort_values("npv_usd", ascending=False, kind="stable")
        worth = dict(zip(known.way, known.npv_usd, strict=True))
        amounts += [
            (choice, way, worth[way]) for way in rows.way if way in worth and way != NOTHING
        ]
        best, after = list(worth)[:2]
        sentence = finding(
            "With capacity worth {worth} the fee, a site for {capex} and {delay} until it is "
            "ready, the best is to {best}: {first} a megawatt, {ahead} more than to {next}.",
            worth=quantity(rows.worth_to_fee.iloc[0], "multiple"),
            capex=usd(rows.capex_usd.iloc[0]),
            delay=months(choice["delay_months"]),
            best=best,
            first=usd(worth[best]),
            ahead=usd(worth[best] - worth[after]),
            next=after,
        )
        said.append({**choice, "sentence": str(sentence)})
    return written(amounts), pd.DataFrame(said)


def ways_range(found: pd.DataFrame) -> Finding:
    """Which ways are the best for some choice: how often says nothing of how likely."""
    best = [f"to {way}" for way in dict.fromkeys(found[found.best].way)]
    *most, last = sorted(best, key=lambda way: [f"to {each}" for each in found.way].index(way))
    return finding(
        "By choice of worth, capex and delay the best is {ways}.",
        ways=f"{', '.join(most)} or {last}" if most else last,
    )


TO_CUSTOMER, BY_RIGHTS = "worth to the customer", "of that, by the rights"
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
    for row in rows.sort_values("price", kind="stable").to_dict("records"):
        if row["price"] not in none:
            continue
        choice = {"rights": row["case"], "price": row["price"]}
        amounts += [
            (choice, TO_CUSTOMER, row["usd"]),
            (choice, UNLIKELY, row["low_usd"]),
            (choice, LIKELY, row["high_usd"]),
            (choice, BY_RIGHTS, row["usd"] - none[row["price"]]),
        ]
        sentence = finding(
            "If " + CASES[row["case"]] + " leave and the market stands at {price}, the rest is "
            "worth {worth} to the customer, {worth_low} to {worth_high} in nine tenths of "
            "the draws; the rights make {made} of it.",
            price=quantity(row["price"], "USD/H100e-hour"),
            worth=about(usd(row["usd"])),
            **band("worth", row["low_usd"], row["high_usd"]),
            made=about(usd(row["usd"] - none[row["price"]])),
        )
        said.append({**choice, "sentence": str(sentence)})
    return written(amounts), pd.DataFrame(said)


def exit_range(amounts: pd.DataFrame) -> Finding:
    """What the rights do to the worth, over every choice of rights and price."""
    made = amounts[amounts.what == BY_RIGHTS].usd
    return finding(
        "Over these prices the rights to leave change what the rest is worth to the customer by "
        "{rights_least} to {rights_most}.",
        rights_least=about(usd(made.min())),
        rights_most=about(usd(made.max())),
    )
