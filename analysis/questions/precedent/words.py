"""What is said of one agreement among other deals, and of cheaper rents."""

from datetime import date
from typing import Any

import pandas as pd

from analysis.contract import readings
from analysis.contract.served import full_fee
from analysis.contract.terms import Agreement
from analysis.contract.units import USD_PER_BN, Interval
from analysis.models.comparables.adoption import Adoption
from analysis.models.comparables.precedent import FEWEST, SCOPE_UNKNOWN, Place, capacity_bought
from analysis.models.market import PriceSeries
from analysis.page.findings import Figure, Finding, count, day, finding, quantity, share, usd

GW = "USD/GW-year"
ROUND_OFF = 1e-9


def _price(bn: float, kind: str = "derived") -> Figure:
    return quantity(bn * USD_PER_BN, GW, kind=kind)  # type: ignore[arg-type]


def _span(name: str, span: Interval) -> tuple[str, dict[str, Figure | str]]:
    """ "{low} to {high}" in a sentence, or one figure where both ends are the same."""
    if abs(span.high - span.low) < ROUND_OFF * max(1.0, abs(span.high)):
        return f"{{{name}}}", {name: _price(span.low)}
    low, high = _price(span.low), _price(span.high)
    return f"{{{name}_low}} to {{{name}_high}}", {f"{name}_low": low, f"{name}_high": high}


def _firm(
    agreement: Agreement, points: pd.DataFrame, reading: str
) -> tuple[str, dict[str, Figure | str]]:
    """How much was firm at signing under the page's reading, and over all of them."""
    own = points[points.own].iloc[0]
    now = readings.one(agreement, reading)
    if now.firmness != now.firmness:
        return "at signing no fee was due, so none was firm", {}
    parts: dict[str, Figure | str] = {
        "firmness": share(now.firmness, reading),
        "reading": readings.label(agreement, reading),
    }
    text = "at signing {firmness} of its headline was firm ({reading})"
    if own.firm_high - own.firm_low > ROUND_OFF:
        text += ", {firm_low} to {firm_high} over its readings and undisclosed discounts"
        parts |= {"firm_low": share(own.firm_low), "firm_high": share(own.firm_high)}
    return text, parts


def lead(
    place: Place, points: pd.DataFrame, agreement: Agreement, *, reading: str, as_of: date
) -> Finding:
    """Whether the agreement can set a precedent: its price, its firmness, and beside how many."""
    firm, parts = _firm(agreement, points, reading)
    parts |= {"scope": place.scope}
    if place.scope == SCOPE_UNKNOWN:
        text = (
            "No precedent can be read from it yet: nothing says whether it sells hosting, bare "
            "metal or a managed cloud (parameter sold_as), and prices are never ranked across "
            "these. " + firm[0].upper() + firm[1:] + "."
        )
        parts.pop("scope")
        return finding(text, **parts)
    if place.price is None:
        return _unpriced(place, full_fee(agreement, as_of).usd_month, firm, parts)
    price, found = _span("price", place.price)
    parts |= found | {
        "others": count(place.others),
        "cheaper": count(place.cheaper),
        "dearer": count(place.dearer),
        "firm_known": count(place.firm_known),
    }
    text = (
        "It sets no precedent yet: of the {others} other {scope} deals with a price, termination "
        "terms are known for {firm_known}. "
        if place.firm_known + 1 < FEWEST
        else "Price and promise can be set against each other: of the {others} other {scope} deals "
        "with a price, termination terms are known for {firm_known}. "
    )
    text += "Its fee, " + price + ", is surely higher than that of {cheaper} of them and surely "
    text += "lower than that of {dearer}"
    if place.leaning:
        text += "; beside them the order of {leaning} is open, as one of each two is imputed "
        text += "from the other"
        parts["leaning"] = count(place.leaning)
    return finding(text + "; " + firm + ".", **parts)


def _unpriced(place: Place, fee: float, firm: str, parts: dict[str, Figure | str]) -> Finding:
    text = (
        "Its price sets no precedent: " + place.why_not + ", so the fee has no unit; " + firm + "."
    )
    if place.other_prices:
        price, found = _span("other", place.other_prices)
        mw = capacity_bought(fee, place.other_prices)
        parts |= found | {
            "fee": quantity(fee, "USD/month"),
            "mw_low": quantity(mw.low, "MW"),
            "mw_high": quantity(mw.high, "MW"),
            "others": count(place.others),
        }
        text += (
            " At the prices of the {others} other {scope} deals, " + price + ", its {fee} would "
            "buy {mw_low} to {mw_high}."
        )
    else:
        parts.pop("scope")
    return finding(text, **parts)


def map_title(place: Place) -> str:
    """The same for the head of the map."""
    if place.price is None:
        return "Its fee has no price per GW; the other deals by price and firmness"
    if not place.other_prices:
        return f"{_amounts(place.price)} a GW and year, ranked with no other deal"
    own, other = _amounts(place.price), _amounts(place.other_prices)
    return f"{own} a GW and year against {other} for other {place.scope} deals"


def _amounts(span: Interval) -> str:
    low, high = (str(usd(bn * USD_PER_BN)) for bn in (span.low, span.high))
    return low if low == high else f"{low} to {high}"


def mapped(points: pd.DataFrame) -> Finding:
    """How much of the map is known, and how much of it rests on imputations."""
    priced = points.dropna(subset=["low"])
    known = priced[priced.known]
    text = (
        "Of {rows} rows in the table {priced_rows} have a price per GW and year; {imputed_rows} of "
        "them rest on an imputed conversion to facility power. "
    )
    parts: dict[str, Figure | str] = {
        "rows": count(len(points)),
        "priced_rows": count(len(priced)),
        "imputed_rows": count((priced.grade == "imputed").sum()),
        "known_rows": count(len(known)),
    }
    text += "Termination terms are known for {known_rows} of these"
    sellers = sorted({name.split(" – ")[0] for name in known.name})
    if len(sellers) == 1 and len(known) > 1:
        text += ", all sold by {seller}"
        parts["seller"] = sellers[0]
    text += "; for the others anything from none to all of the headline may be firm."
    return finding(text, **parts)


def ranking_title(table: pd.DataFrame, place: Place) -> str:
    """Where the agreement ranks among other deals, for the head of a chart."""
    if table.empty or not table.own.any():
        return "Each scope by price; this agreement has no place in the order"
    deals = place.others + 1
    best, worst = 1 + place.dearer, deals - place.cheaper
    parts: dict[str, Figure | str] = {"best": count(best), "deals": count(deals)}
    text = "By price it ranks {best} of {deals} deals of {scope}"
    if best != worst:
        text = "By price it ranks {best} to {worst} of {deals} deals of {scope}"
        parts["worst"] = count(worst)
    return str(finding(text, scope=place.scope, **parts))


def ranked(place: Place, table: pd.DataFrame, overlapping: list[tuple[str, str]]) -> Finding:
    """What is sure of the order, and which rows count one capacity twice."""
    parts: dict[str, Figure | str] = {"pairs": count(len(overlapping))}
    text = ""
    if place.price and place.others:
        text = "Deals surely cheaper: {sure_cheaper}; surely dearer: {sure_dearer}; "
        text += (
            "for {unsure} the intervals overlap, so the order is open. "
            if place.unsure
            else "no interval meets its own. "
        )
        if place.leaning:
            text += (
                "Apart only by an imputation that one takes from the other: {apart_by} "
                "(kilowatts of an accelerator, a term); that order proves nothing and stays open. "
            )
            parts["apart_by"] = count(place.leaning)
        parts |= {
            "sure_cheaper": count(place.cheaper),
            "sure_dearer": count(place.dearer),
        }
        if place.unsure:
            parts["unsure"] = count(place.unsure)
    elif not table.empty:
        text = "This agreement has no place in the order. "
    text += (
        "A rank is given as the range that the intervals leave. Hosting buys no accelerators, so "
        "scopes are never ranked together. {pairs} pairs of rows count the same capacity twice or "
        "include one another; they are never summed."
    )
    return finding(text, **parts)


def by_term(table: pd.DataFrame) -> Finding:
    """Whether a longer term costs less, for each scope with enough deals."""
    if table.empty:
        return finding("Too few deals of one scope have both a price and a term for a slope.")
    text = ""
    parts: dict[str, Figure | str] = {}
    rows: Any = table.itertuples()
    for n, row in enumerate(rows):
        firm = row.p < 0.05 and row.slope_low * row.slope_high > 0
        text += (
            f"{{scope_{n}}}: {{slope_{n}}} for each further year of term over {{deals_{n}}} deals "
            f"({{least_{n}}} to {{most_{n}}} with any one left out; Kendall's tau {{tau_{n}}}, "
            f"exact p {{p_{n}}})"
            + (
                ", an order that chance seldom gives. "
                if firm
                else ", an order that chance may well give. "
            )
        )
        parts |= {
            f"scope_{n}": str(row.scope).capitalize(),
            f"slope_{n}": _price(row.slope),
            f"deals_{n}": count(row.deals),
            f"least_{n}": _price(row.slope_low),
            f"most_{n}": _price(row.slope_high),
            f"tau_{n}": quantity(row.tau, "number"),
            f"p_{n}": quantity(row.p, "number"),
        }
    return finding(text.strip(), **parts)


def rents(table: pd.DataFrame, market: Adoption) -> Finding:
    """How far rents fall if labs offer a share of what is idle."""
    held = table[(table.offered_share - market.offered_share).abs() < ROUND_OFF]
    stay = held[held.supply == held.supply.min()].sort_values("demand")
    middle = stay.iloc[len(stay) // 2]
    return finding(
        "Were {offered} of labs' idle capacity offered ({idle} of a fleet {fleet} what is for "
        "rent), rented supply would grow by {extra} and rents fall by {fall} where one per cent "
        "lower rent brings {demand} % more demand; over all elasticities shown, by {fall_low} to "
        "{fall_high}. Nothing here is measured: all of these are assumptions.",
        offered=share(market.offered_share, kind="assumed"),
        idle=share(market.idle_share, kind="assumed"),
        fleet=quantity(market.fleet_to_rental, "multiple", kind="assumed"),
        extra=share(middle.extra_share),
        fall=share(1 - middle.price_ratio),
        demand=quantity(middle.demand, "number", kind="assumed"),
        fall_low=share(1 - held.price_ratio.max()),
        fall_high=share(1 - held.price_ratio.min()),
    )


def rents_title(table: pd.DataFrame, *, at: float) -> str:
    """The same for the head of a chart."""
    held = table[(table.offered_share - at).abs() < ROUND_OFF]
    text = "If {offered} of idle capacity came to market, rents would fall by {low} to {high}"
    low, high = 1 - held.price_ratio.max(), 1 - held.price_ratio.min()
    if high - low < ROUND_OFF:
        return str(finding("With nothing idle to offer, rents stay where they are"))
    return str(finding(text, offered=share(at), low=share(low), high=share(high)))


def kept(table: pd.DataFrame, names: dict[str, str], *, at: float) -> Finding:
    """What each agreement would keep of the headline left."""
    if table.empty:
        return finding(
            "No agreement of the book has fees left on this day, so nothing can be lost."
        )
    held = table[(table.offered_share - at).abs() < ROUND_OFF]
    middle = sorted(set(held.demand))[len(set(held.demand)) // 2]
    text = "At {kept_at} offered: "
    parts: dict[str, Figure | str] = {"kept_at": share(at, kind="assumed")}
    pieces = []
    for n, (id_, rows) in enumerate(held.groupby("agreement", sort=False)):
        one = rows[(rows.demand == middle) & (rows.supply == rows.supply.min())].iloc[0]
        if one.headline_usd - one.firm_usd < 1:
            pieces.append(f"with {{name_{n}}} nothing is lost, all of {{left_{n}}} being firm")
        else:
            pieces.append(
                f"with {{name_{n}}} {{kept_{n}}} of {{left_{n}}} stays ({{low_{n}}} to "
                f"{{high_{n}}}), of which {{firm_{n}}} is firm"
            )
            parts |= {
                f"kept_{n}": usd(one.kept_usd),
                f"low_{n}": usd(rows.kept_usd.min()),
                f"high_{n}": usd(rows.kept_usd.max()),
                f"firm_{n}": usd(one.firm_usd),
            }
        parts |= {f"name_{n}": names[str(id_)], f"left_{n}": usd(one.headline_usd)}
    text += "; ".join(pieces)
    text += (
        ". What is firm does not move; what is open is taken to be let anew, or agreed anew, at "
        "the lower rent, as if the fee were today's rent."
    )
    return finding(text, **parts)


def kept_title(table: pd.DataFrame, *, at: float) -> str:
    """The same for the head of a chart."""
    held = table[(table.offered_share - at).abs() < ROUND_OFF]
    one = held.groupby("agreement").kept_share.agg(["min", "max"])
    text = "At {offered} offered, {low} to {high} of each headline would be left"
    low, high = share(one["min"].min()), share(one["max"].max())
    return str(finding(text, offered=share(at), low=low, high=high))


def cushion(table: pd.DataFrame, seen: PriceSeries | None) -> Finding:
    """At which share offered the market price of the same compute would lie below each fee."""
    if table.empty or seen is None:
        return finding(
            "Whether the fees lie above the market cannot be said: no market price seen by this "
            "day, or no number of accelerators, is at hand."
        )
    pieces = []
    parts: dict[str, Figure | str] = {
        "market": quantity(seen.usd_gpu_hour[-1], "USD/H100e-hour", kind="reported"),
        "source": seen.source,
        "price_day": day(seen.dates[-1], kind="reported"),
    }
    rows: Any = table.itertuples()
    for n, row in enumerate(rows):
        parts |= {f"of_{n}": row.name, f"fee_low_{n}": quantity(row.fee_low, "USD/H100e-hour")}
        text = f"the fee agreed with {{of_{n}}} is {{fee_low_{n}}}"
        if row.fee_high - row.fee_low > ROUND_OFF:
            text += f" to {{fee_high_{n}}}"
            parts[f"fee_high_{n}"] = quantity(row.fee_high, "USD/H100e-hour")
        text += ", " + _above(row.share_first, row.share_last, f"reach_{n}")
        if "{reach" in text:
            parts[f"reach_{n}"] = share(row.share_last)
        pieces.append(text)
    text = (
        "A customer that may leave gains by it once the market price lies below its fee. The last "
        "price seen was {market} ({source}, {price_day}), for a single accelerator: blocks of "
        "this size have no observed price. Against it "
    )
    return finding(text + "; ".join(pieces) + ".", **parts)


def _above(first: float, last: float, name: str) -> str:
    """How a fee lies to a falling market price, by the shares offered that bring it down there."""
    if last <= 0:
        return "not below it, so cheaper rents only add to a gain that is there already"
    if last > 1:
        if first > 1:
            return "below it, and would be even if all that is idle were offered"
        start = "which may lie above it already" if first <= 0 else "below it today"
        return f"{start}; even all that is idle would not surely bring the market below it"
    start = "which may lie above it already" if first <= 0 else "below it today"
    return (
        f"{start}, and surely does from {{{name}}} offered on"
        if first <= 0
        else (f"{start}, and surely above it from {{{name}}} offered on")
    )
