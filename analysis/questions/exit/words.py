"""What is said of the rights to terminate."""

from analysis.questions.exit.answer import Answer


def heading(found: Answer) -> str:
    """Whose right is worth more."""
    if not found.held:
        return values_title(found)
    if len(found.held) == 1:
        return f"Only the {found.leader} may terminate: its right is worth {_right(found)}"
    return {
        "nobody": "Neither right to terminate is worth anything",
        "open": "Which side's right to terminate is worth more is open",
    }.get(found.owner, f"For {{scope}}, the {found.leader} holds the better right to terminate")


def _right(found: Answer) -> str:
    """What the more valuable right is worth."""
    worth = f"{{{found.leader}_right_usd}}"
    return worth if found.leader in found.worthwhile else "next to nothing"


def lead(found: Answer) -> str:
    """What each right is worth, and what the agreement is with the rights as signed."""
    start = "If the fee pays for {scope}, "
    if not found.held:
        return start + (
            "what is left has a value of {signed_usd} to the customer ({signed_usd:range}) "
            "by {series}."
        )
    said = [f"the {p}'s right alone is worth {{{p}_right_usd}}" for p in found.worthwhile]
    said += [f"the {p}'s next to nothing" for p in found.held if p not in found.worthwhile]
    if not found.worthwhile and len(found.held) > 1:
        said = ["either right alone is worth next to nothing"]
    elif not found.worthwhile:
        said = [f"the {found.leader}'s right is worth next to nothing"]
    return start + ", ".join(said) + f". As signed, the value to the customer is {_signed(found)}."


def _signed(found: Answer) -> str:
    """The value as signed, or its interval where no digit of it is certain."""
    return "{signed_usd}" if found.signed_usd else "{signed_usd:range}, simulated"


def window(found: Answer) -> str:
    """How much of what is left the rights as signed leave to be valued."""
    if found.too_late:
        return "No notice ends service before the stated end, {remaining_days} ahead."
    text = (
        "With free moving and capacity worth its market price to both, the agreement's value is "
        "that of its next {window_days}."
    )
    return text if found.held and found.next_window_only else ""


def bullet(found: Answer) -> str:
    """Its line in the brief."""
    if not found.held:
        return "Nobody may terminate; what is left has a value of {signed_usd} to the customer."
    return (
        f"As signed, the value to the customer of what is left is {_signed(found)}; "
        f"the {found.leader}'s right to terminate alone is worth {_right(found)}."
    )


def values_title(found: Answer) -> str:
    """What the rights do to the value."""
    if not found.held:
        return "Nobody may terminate: value moves with the market to the end"
    if not found.worthwhile:
        return "No right alone moves the value by more than next to nothing"
    return f"The {found.leader}'s right alone moves the value by {_right(found)}"


def likely(found: Answer) -> str:
    """How sure that is."""
    if len(found.held) == 1:
        return ""
    return (
        f"The {found.leader}'s right is worth more in at least {{leads_share}} of the simulations, "
        "by {series}."
    )


curves_subtitle = (
    "Value to the customer by the market price of today; lines coincide where a right adds nothing"
)
triggers_subtitle = "Dollars an H100-equivalent and hour, by month"
lived_subtitle = "Expected months of service by internal use, a line for each cost of moving"
values_subtitle = "Value to the customer by who may terminate; bars: interval over simulations"
observed = (
    "The fee is {fee_usd_h100e_hour}, the market price {market_usd_h100e_hour}: the "
    "{quoted_usd_gpu_hour} of {quoted_date}, carried on {quoted_days}."
)


def curves_title(found: Answer) -> str:
    """At which price the other right becomes the more valuable."""
    if found.switch_usd_h100e_hour > 0:
        return "Above {switch_usd_h100e_hour} the provider's right is worth more"
    if len(found.ahead_by) and (found.ahead_by.usd > 0).all():
        return "At every price shown the customer's right is worth more"
    if len(found.ahead_by) and (found.ahead_by.usd < 0).all():
        return "At every price shown the provider's right is worth more"
    return "What the rights add depends on the market price"


def scoped(found: Answer) -> str:
    """Whether it depends on what the fee pays for, whose right is worth more."""
    if len(found.scopes) == 1:
        return "Only one scope states accelerators: {scope}."
    up_to = [f"the {p}'s up to {{{p}_right_most_usd}}" for p in found.held]
    alone = "Alone, " + ", ".join(up_to).replace(" up to", " is worth up to", 1) + "."
    if len(found.held) == 1:
        return alone
    depends = "depends" if found.scopes.owner.nunique() > 1 else "does not depend"
    return f"Which right is worth more {depends} on the scope. {alone}"


def triggers_title(found: Answer) -> str:
    """At which price a side leaves."""
    if found.customer_trigger_usd_h100e_hour > 0:
        return "The customer alone would terminate below {customer_trigger_usd_h100e_hour}"
    if found.provider_trigger_usd_h100e_hour > 0:
        return "The provider alone would terminate above {provider_trigger_usd_h100e_hour}"
    return "Market price and fee, seen and expected"


def triggered(found: Answer) -> str:
    """At which prices a side leaves."""
    said = []
    for party, way in (("customer", "below"), ("provider", "above")):
        price = f"{party}_trigger_usd_h100e_hour"
        at = f"first {way} {{{price}}}" if getattr(found, price) > 0 else "no price within reach"
        said += [f"the {party} alone terminates at {at}"] if party in found.held else []
    text = "; ".join(said) + "."
    return text[0].upper() + text[1:]


def lasting(found: Answer) -> str:
    """Expected life and fees."""
    if not found.held:
        return "Nobody may terminate: all of {remaining_usd} is due, over {term_months}."
    return (
        "If each side acts on the market price alone, service lasts {signed_months} and brings "
        "{signed_fees_usd}. At a constant monthly hazard, {hazard_usd:range} of "
        "{remaining_usd} is expected."
    )


def lived_title(found: Answer) -> str:
    """What makes the agreement last."""
    if not found.lasting_internal_use_share >= 0:
        return "With the least moving cost it does not last {lasting_share} of its term"
    if not found.lasting_internal_use_share:
        return "It lasts {lasting_share} of its term even without internal use"
    use = "{lasting_internal_use_share} of the fee"
    return "It lasts {lasting_share} of its term from internal use of " + use


lived = (
    "With internal use of {internal_use_share} of the fee, and moving at {moving_months} of fee, "
    "service lasts {expected_months} of {term_months}."
)
