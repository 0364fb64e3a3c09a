"""What is said of a customer's options: lease, build, both or rent."""

from analysis.questions.build_or_rent.answer import Answer

CHOICE = (
    "With capacity worth {worth} the fee, capex of {capex} and {delay} to build, the best option "
    "is {best}: {first} per MW, {ahead} more than {next}."
)


def heading(found: Answer) -> str:
    """The best option and its value, beside that of the next."""
    best = found.best_option
    if found.next_option == "going without" and found.best_usd > 0:
        return f"Only {best} pays: {{best_usd}}/MW"
    barely = ", barely" if found.barely else ""
    return f"{best.capitalize()} is best{barely}: {{best_usd}}/MW, {{next_option}} {{next_usd}}"


def lead(found: Answer) -> str:
    """What the best option is worth, and the assumption that decides it."""
    labs = "" if found.building else "; labs' assumed revenue: {covered_times}"
    text = f"With capacity worth {{worth_times}} the fee (assumed{labs}), {{best_option}} is worth "
    if found.next_option == "going without":
        return text + "{best_usd} per MW; no other option pays."
    return text + "{best_usd} per MW, {ahead_usd} more than {next_option}."


def decision_title(found: Answer) -> str:
    """Which options are best."""
    if found.one_best:
        return "At any value of capacity and capex, {best_option} is best"
    return "Best by value of capacity and capex: {best_options}"


def decision_subtitle(found: Answer) -> str:
    """What is drawn: a cell a case, or the range of each option."""
    what = "Each option's" if found.one_best else "The best option and its"
    return what + " present value over the months left, dollars a megawatt"


def decision(found: Answer) -> str:
    """What the ranges are, and over how long."""
    cells = "Bars" if found.one_best else "Cells"
    return (
        cells + " carry no probabilities: value of capacity and capex are assumed ranges. All of "
        "it is planned over the {left_months} left."
    )


def turning(found: Answer) -> str:
    """Which assumption, alone, changes the best option by most."""
    if not found.turning:
        return "No assumption alone, from end to end of its range, changes the best option."
    return (
        "The {turning} matters most: at one end of its range, {turning_option} is {turns_usd} per "
        "MW better than {best_option}."
    )


def setting(found: Answer) -> str:
    """What the page plans with."""
    text = "The fee is {fee_usd_mw_month} over {capacity_mw} ({mw_from}); "
    rent = "the price of renting is assumed, as no price of the same capacity is used."
    if found.seen and "on_demand_to_fee" not in found.given.assume:
        rent = "renting costs {seen}, by what the accelerators count in H100s."
    return text + rent + found.beware


choose_subtitle = "Present value of each option over the months left, dollars a megawatt"
choose_title = "Value of each option by value of capacity, capex and build time"


def choose(found: Answer) -> str:
    """Until which build time building beats leasing."""
    if found.build_pays == "none":
        return "Building alone never beats leasing alone, however short the build time."
    never = "; in some cases it never does" if found.build_pays == "some" else ""
    return (
        "Building alone beats leasing alone if it takes at most {build_low_months:bare} to "
        "{build_high_months}, by value of capacity and capex" + never + "."
    )


break_even_subtitle = (
    "Fee a megawatt and month at which leasing is as good as building; band: value of capacity "
    "and capex"
)
break_even_title = (
    "Break-even fee {even_fee_low_usd_mw_month:bare} to {even_fee_high_usd_mw_month}, "
    "contract rate {fee_usd_mw_month}"
)


def break_even(found: Answer) -> str:
    """What the break-even fee says."""
    verdict = {
        "above": "is above its range: whoever can build as planned should",
        "below": "is below its range: leasing is cheaper than building",
        "within": "is within its range: value of capacity and capex decide",
    }
    return (
        "If building takes {ready_months} (assumed), leasing is as good as building at "
        "{even_fee_usd_mw_month}. The contract rate " + verdict[found.fee_is] + "."
    )


def renting(found: Answer) -> str:
    """Whether to rent on demand instead."""
    text = "At the base price, renting is cheaper than a lease at any use. "
    if found.even_share < 1:
        text = "At the base price, renting is dearer where over {even_share} of hours are used. "
    text += f"At the {{used_share}} assumed, it costs {_more(found)} per MW than leasing."
    if found.reserving.empty:
        return text
    return text + " With demand uncertain, reserve {reserved_low_mw:bare} to {reserved_high_mw}."


def _more(found: Answer) -> str:
    """By how much renting costs more than leasing, or less."""
    if found.same_words("rent_low_usd", "rent_high_usd"):
        return "{rent_low_usd:size} " + ("less" if found.rent_low_usd < 0 else "more")
    if found.rent_high_usd < 0:
        return "{rent_high_usd:size} to {rent_low_usd:size} less"
    low = "{rent_low_usd:size} less" if found.rent_low_usd < 0 else "{rent_low_usd}"
    return low + " to {rent_high_usd} more"


buying_subtitle = "Present cost of a megawatt for ever, by capex, dollars"


def buying_title(found: Answer) -> str:
    """When to stop leasing and buy."""
    if found.best_years.empty:
        return "Leasing for ever is cheapest"
    if not found.buy_high_years:
        return "Buying at once is cheapest"
    return "Buying is cheapest after {buy_low_years:bare} to {buy_high_years} of leasing"


def losses(found: Answer) -> str:
    """How soon the provider may leave."""
    if found.losses.empty:
        return "The provider cannot terminate before the stated end."
    return "If the provider gives notice at the earliest, {firm_months} of service are left."
