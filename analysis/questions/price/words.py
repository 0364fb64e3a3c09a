"""What is said of the price."""

from analysis.questions.price.answer import Answer

SAID = {"high": "above", "low": "below", "in line": "at"}
NO_MW = (
    "What is sold is {sold}, without accelerators, and the terms name no megawatts, so there is no "
    "price to compare. The full fee is {fee_usd_month}."
)


def heading(found: Answer) -> str:
    """How many times the same accelerators on a contract; else high, low or open."""
    if found.hosted:
        return "The fee is {price_usd_mw_month:range}"
    if len(found.basket):
        return "The fee is {basket_times:range} a contract price for the same accelerators"
    if not found.judged:
        return "Whether the price is high depends on an undisclosed number of accelerators"
    if found.verdict == "open":
        return "Whether the price is high is open, if for {judged_scope}"
    return f"The fee is {SAID[found.verdict]} the market price, if for {{judged_scope}}"


def lead(found: Answer) -> str:
    """The fee over a basket of the same accelerators; else the price and the market price."""
    if found.hosted:
        return _hosted(found)
    if len(found.basket):
        text = (
            "If the fee pays for {basket_scope}, it is {basket_times:range} the price of the same "
            "accelerators on a {contract_tier}"
        )
        return text + ("; if for {wider_scope}, {wider_times:range}." if len(found._wider) else ".")
    return _by_h100(found)


def by_h100(found: Answer) -> str:
    """The same by the H100-equivalent, where it is not the lead."""
    return _by_h100(found) if len(found.basket) else ""


def _by_h100(found: Answer) -> str:
    """The price, the market price, and what would turn the verdict."""
    if not found.judged:
        return (
            "What is in service states no number of accelerators. {fee_usd_month} is high if it "
            "buys fewer than {even_low_count} H100-equivalents, low if it buys more than "
            "{even_high_count}."
        )
    text = (
        "If the fee pays for {judged_scope}, it is {price_usd_h100e_hour:range}, "
        "{price_times:range} the market price of an H100."
    )
    if found.verdict == "open":
        text += " The answer turns on {turns}."
    return text + (" The verdict is {otherwise_scopes}." if found.otherwise_scopes else "")


def _hosted(found: Answer) -> str:
    """The fee by the megawatt, as the customer brings the accelerators."""
    text = (
        "What is sold is {sold}, and the accelerators are the customer's own, so the fee is set "
        "against hosting deals by the megawatt. It is {price_usd_mw_month:range}"
    )
    if found.deals.empty:
        return text + "; no hosting deal was known on {as_of_date}."
    return text + "; {deals_count} hosting deals are {hosting_usd_mw_month:range}."


def bullet(found: Answer) -> str:
    """Its line in the brief."""
    if found.hosted or len(found.basket):
        return lead(found)
    if not found.judged:
        return heading(found) + "."
    return "For {judged_scope}, the fee is {price_times:range} the market price of an H100."


def imputed(found: Answer) -> str:
    """What others report, and what the provider's other agreements would make of it."""
    text = []
    if found.even_kind_low_count > 0 and not found.judged:
        text.append("That is {even_kind_count:range} of the reported {reported_kind}.")
    if found.kind_sibling_count > 0 and found.kind_contract_count > 0:
        text.append(
            "At the provider's dearest other agreement it buys {kind_sibling_count}, at a "
            "{contract_tier} {kind_contract_count}."
        )
    if found.imputed:
        text.append(
            "With as many accelerators for a dollar as in the provider's other agreements "
            "(imputed), it is {price_usd_h100e_hour:range}."
        )
    return " ".join(text)


def basket_title(found: Answer) -> str:
    """The fee over the basket; without one, over the market price."""
    if found.basket.empty:
        return ladder_title(found)
    return "The same accelerators on a contract cost {contract_usd_month}, the fee {fee_usd_month}"


def basket_subtitle(found: Answer) -> str:
    """What is drawn: the fee in parts, or beside market prices."""
    if found.basket.empty:
        return ladder_subtitle
    return "The full monthly fee by what it is made of, a bar for each mix of accelerators"


def premium(found: Answer) -> str:
    """What the fee is above the basket, added up."""
    if found.basket.empty:
        text = "No contract price of accelerators like these was known on {as_of_date}."
        return "" if found.kind_contract_count > 0 else text
    if found.rest_usd_month != found.rest_usd_month:
        return "On a {contract_tier} the same accelerators are {contract_usd_month}."
    return (
        "Of {fee_usd_month}, the same accelerators on a {contract_tier} are "
        "{contract_usd_month}; no commitment adds {commitment_usd_month}; {rest_usd_month} is "
        "left for size and service together."
    )


def split(found: Answer) -> str:
    """Which part of a larger scope the first one is, by contract prices."""
    text = "By contract prices {basket_scope} is {split_share:range} of {wider_scope}."
    return "" if found._larger.empty else text


def ladder_title(found: Answer) -> str:
    """The verdict."""
    if found.imputed:
        return "Imputed: the fee beside the market price of an H100"
    if not found.judged:
        return "What the market charged for an H100 and hour"
    if found.verdict == "open":
        return "The fee overlaps the market prices that it is judged by"
    return f"For {{judged_scope}} the fee is {SAID[found.verdict]} every price it is judged by"


by_h100_title = ladder_title
by_mw_subtitle = "Fee for a megawatt and month; bars: range of megawatts or of what is imputed"
history_subtitle = "Dollars an H100 and hour; band: the fee's range by the H100-equivalent"
ratios_subtitle = "Fee over the market price, one thing at a time otherwise"
ladder_subtitle = "Shaded: the prices that the fee is judged by, carried on to the valuation date"
by_h100_subtitle = ladder_subtitle
beside = (
    "Prices were last looked through on {looked_date}. The fee is judged by "
    "{market_usd_h100e_hour:range}."
)


def by_mw_title(found: Answer) -> str:
    """The fee by the megawatt over the cheapest other deal."""
    if found.cheapest.empty or found.by_mw.empty:
        return "The fee for a megawatt and month, and other deals"
    return _said(found, "A megawatt costs {fee_times:range} the cheapest stated deal")


def by_mw(found: Answer) -> str:
    """The fee by the megawatt, beside other deals."""
    if found.by_mw.empty:
        return "The terms name neither megawatts nor accelerators, so there is no price by them."
    text = "By scope the fee" if len(found.by_mw) > 1 else "The fee"
    text += " is {fee_usd_mw_month:range}; "
    if found.cheapest.empty:
        return _said(found, text + "no other deal has stated megawatts and term.")
    text += "of {deals_count} other deals, the cheapest that states megawatts and term pays "
    return _said(found, text + "{cheapest_usd_mw_month}.")


def _said(found: Answer, text: str) -> str:
    return f"Imputed: {text[0].lower()}{text[1:]}" if found.imputed else text


def history_title(found: Answer) -> str:
    """How often the market reached the fee."""
    if not found.observed_count > 0:
        return "What an H100 and hour cost"
    one = found.same_words("price_low_usd_h100e_hour", "price_high_usd_h100e_hour")
    fee = "the fee" if one else "the fee's low end"
    return "{reached_count} of {observed_count} {series} prices reached " + fee


def ratios_title(found: Answer) -> str:
    """The span of the alternatives."""
    if len(found.ratios) < 2:
        return "Fee over the market price"
    return _said(
        found, "Depending on what is assumed, the fee is {alternative_times:range} the market price"
    )


def power(found: Answer) -> str:
    """How little of the fee power takes."""
    if found.power.empty:
        return ""
    text = (
        "At {power_usd_mwh:range} (assumed), power at full draw takes {power_share:range} of the "
    )
    return _said(found, text + "fee.")
