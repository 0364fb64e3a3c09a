"""What the page of the right to leave says and draws, for every agreement on any day."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
import vl_convert
from agreements import plain

from analysis.contract import files, terms
from analysis.contract.terms import Agreement
from analysis.data import sources
from analysis.models.exits import leaving, lifetimes, ownership
from analysis.models.exits.ownership import Study
from analysis.models.market import standing
from analysis.page import notebooks
from analysis.page.theme import CUSTOMER, PROVIDER
from analysis.questions.exit import charts as draw
from analysis.questions.exit import words as say

AS_OF = date(2026, 11, 23)
METRIC = "dense throughput"
ASSUMED = sources.assumptions()
WEIGHTS = {m: leaving.weights(sources.accelerators(), m) for m in sources.accelerator_metrics()}
KIND = {"gpu": "H100", "tier": "on-demand", "source": "GIX monthly on-demand median"}


def study(deal: Agreement, day: date, *, draws: int = 20, scope: str = "", seed: int = 1) -> Study:
    ahead = leaving.ahead(
        deal, as_of=day, scope=scope, weights=WEIGHTS[METRIC], metric=METRIC, hours_month=730.0
    )
    seen = standing.until(sources.prices(), day, **KIND)
    beliefs = standing.priors(ASSUMED.value)
    others = standing.others(sources.prices(), ["GIX monthly reserved median"], day, gpu="H100")
    now, *beside = (
        standing.stand(each, day=ahead.start, beliefs=beliefs, draws=draws, seed=seed)
        for each in (seen, *others)
    )
    return ownership.study(ahead, now, rate_year=0.1, seed=seed, beside=beside)


def page(
    deal: Agreement, day: date, *, scope: str = "", draws: int = 20, seed: int = 1
) -> dict[str, Any]:
    """Everything that the notebook shows, by name."""
    found = study(deal, day, scope=scope, draws=draws, seed=seed)
    conversions = ownership.conversions(
        deal, as_of=day, weights=WEIGHTS, hours_month=730.0, now=found.now
    )
    others = {
        name: leaving.ahead(
            deal, as_of=day, scope=name, weights=WEIGHTS[METRIC], metric=METRIC, hours_month=730.0
        )
        for name in terms.scopes(deal)
    }
    scopes = ownership.by_scope(found, others, seed=seed)
    learned = standing.learned(found.now, standing.priors(ASSUMED.value))
    path, fee = ownership.market_path(found), ownership.fee_path(found)
    fan = lifetimes.fan(found, ASSUMED.loc["leaving_chance_month"])
    private = lifetimes.private(found, ASSUMED)
    at_fee = lifetimes.private(found, ASSUMED, at_fee=True)
    slopes, jumps = ownership.slopes(found), ownership.jumped(found, ASSUMED.value)
    spot = {"market": found.market_usd_hour, "fee": found.ahead.fee_usd_hour()}
    charts = {
        "learned": draw.posterior(learned, title=str(say.learned_title(found.now))),
        "values": draw.values(found.curves, title=str(say.values_title(found)), **spot),
        "triggers": draw.triggers(found.triggers, path, fee, title=str(say.trigger_title(found))),
        "fan": draw.fan(fan, title=str(say.fan_title(fan))),
        "survival": draw.survival(lifetimes.survival(found), title=str(say.survival_title(found))),
        "lived": draw.lived(private, title=str(say.lived_title(private))),
    }
    said = {
        "owner": say.owner(found, deal, as_of=day),
        "converted": say.converted(conversions, found, hours_month=730.0),
        "scoped": say.scoped(scopes, found),
        "observed": say.observed(found.now),
        "clouded": say.clouded(found),
        "cases": say.cases(found),
        "triggered": say.triggered(found),
        "lives": say.lives(fan, found),
        "survived": say.survived(found),
        "lived": say.lived(private, found, ASSUMED.value),
        "hurt": say.hurt(private, at_fee, found),
        "slopes": say.slopes(slopes, found),
        "jumped": say.jumped(jumps, found, ASSUMED.value),
    }
    drawn = {name: chart.to_dict() for name, chart in charts.items() if chart is not None}
    return {"found": found, "said": {name: str(one) for name, one in said.items()}, "drawn": drawn}


def read(name: str, reading: str = "") -> Agreement:
    deal = files.contract(name)
    return terms.read_as(deal, reading or deal.reading.name)


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("as_of", [date(2023, 1, 1), date(2025, 1, 1), AS_OF, date(2040, 6, 1)])
def test_every_agreement_is_answered_or_refused_in_words_on_any_day(name: str, as_of: date) -> None:
    shown = page(files.contract(name), as_of)
    found, said = shown["found"], shown["said"]
    for sentence in said.values():
        assert "nan" not in sentence.split()
        assert "{" not in sentence
    if found.why_not:
        assert found.why_not in said["owner"]
        assert "values" not in shown["drawn"]
        assert "triggers" not in shown["drawn"]
    else:
        assert len(shown["drawn"]["values"]["concat"]) == len(found.solutions)
        assert "worth" in said["owner"]


@pytest.mark.parametrize("reading", list(files.contract("anthropic-xai").readings))
def test_every_reading_is_answered(reading: str) -> None:
    shown = page(read("anthropic-xai", reading), AS_OF)
    owner, found = shown["said"]["owner"], shown["found"]
    if reading == "R3x":  # lapsed in October
        assert "nothing is left" in owner
        assert "nothing is left" in shown["said"]["converted"]
    elif reading in ("headline", "R0"):
        assert "nobody owns an exit" in owner
        assert list(found.solutions) == ["none"]
        assert shown["said"]["scoped"] == "Nobody may leave under any scope."
        assert shown["said"]["lives"].startswith("Nobody may leave: all of the $")
        assert "a month" not in json.dumps(shown["drawn"]["fan"])
        assert "Not answered here: nobody may leave" in shown["said"]["lived"]
    else:
        assert "both may leave free of charge" in owner
        assert "90 days and nothing more" in owner


def test_the_finding_follows_scope_and_terms() -> None:
    deal = read("anthropic-xai")
    first, wide = page(deal, AS_OF), page(deal, AS_OF, scope="both-sites")
    assert first["said"]["owner"] != wide["said"]["owner"]
    sure = page(deal, AS_OF, draws=40)["said"]
    assert "if it pays for colossus-1: the customer holds the more valuable right" in sure["owner"]
    assert "right is worth more hangs on the scope: the customer under col" in sure["scoped"]
    assert "open, the customer in at least 30 % of the draws, under both-sites" in sure["scoped"]
    alone = terms.change(deal, {"termination": {"provider": "none"}})
    owner = page(alone, AS_OF)["said"]["owner"]
    assert "the customer alone may leave" in owner
    assert "nothing more" not in owner
    paid = terms.change(deal, {"termination": {"customer": {"fee_usd": 1e9}}})
    assert "nothing more" not in page(paid, AS_OF)["said"]["owner"]
    longer = terms.change(
        deal,
        {"termination": {"customer": {"notice_days": 180}, "provider": {"notice_days": 180}}},
    )
    assert "180 days and nothing more" in page(longer, AS_OF)["said"]["owner"]


def test_what_is_not_disclosed_names_the_number_that_would_decide() -> None:
    owner = page(files.contract("reflection-spacex"), AS_OF)["said"]["owner"]
    found = study(files.contract("reflection-spacex"), AS_OF)
    even = float(f"{150e6 / (730 * found.market_usd_hour):.1e}")
    assert f"{even:,.0f} H100-equivalents" in owner
    assert "$150m a month" in owner


def test_unequal_notice_is_played_with_private_values_too() -> None:
    shown = page(files.contract("invented-every-clause"), AS_OF)
    notices = {shown["found"].ahead.customer.notice_months}
    assert shown["found"].ahead.provider.notice_months not in notices
    assert "service is expected to last" in shown["said"]["lived"]
    assert "lived" in shown["drawn"]
    assert "With the rights as signed" in shown["said"]["owner"]


def test_a_gate_within_a_month_is_counted_in_days() -> None:
    """From 23 November to the gate on 1 January are 39 days, and 90 days of notice run from it."""
    shown = page(files.contract("google-spacex"), AS_OF)
    assert "worth its next 129 days and nothing more" in shown["said"]["owner"]
    months = shown["found"].solutions["both"].expected_months
    assert months == pytest.approx(8 / 30 + 4)  # November, and December to March


def test_survival_says_who_leaves_first() -> None:
    shown = page(read("anthropic-xai"), AS_OF)
    assert "if both may leave, 0 % of all courses reach" in shown["said"]["survived"]
    assert "the customer leaves first in 100 %" in shown["said"]["survived"]
    rows = lifetimes.survival(shown["found"]).groupby("case")
    for case, solution in shown["found"].solutions.items():
        last = rows.get_group(case).iloc[-1]
        left = 1 - solution.ends.groupby("by").probability.sum().get("term", 0.0)
        assert last.customer + last.provider == pytest.approx(left, abs=1e-4)
    assert "share of courses still served" in json.dumps(shown["drawn"]["survival"])
    svg = vl_convert.vegalite_to_svg(shown["drawn"]["survival"])
    for look in (
        'stroke-width="6" stroke-dasharray="14,6"',
        'stroke-width="2" stroke-dasharray="2,3"',
    ):
        assert look in svg  # one line may lie on another


def test_what_a_right_is_worth_is_legible_however_little() -> None:
    shown = page(read("anthropic-xai"), AS_OF, draws=50)
    assert "the provider's right is worth next to nothing" in shown["said"]["owner"]
    assert "(0 months" not in shown["said"]["owner"]
    small = {"usd": 100e6, "low_usd": 90e6, "high_usd": 120e6, "months": 0.08}
    found = replace(shown["found"], rights=shown["found"].rights.assign(**small))
    assert "worth $100m (8 % of a month's fee)" in str(
        say.owner(found, read("anthropic-xai"), as_of=AS_OF)
    )
    assert "right alone is worth next to nothing to $" in shown["said"]["scoped"]


def test_a_life_is_called_by_the_share_that_it_is_measured_against() -> None:
    found = study(read("anthropic-xai"), AS_OF)
    table = lifetimes.private(found, ASSUMED)
    free = table[(table.moving == table.moving.min()) & (table.lived >= say.LIVES)]
    title = str(say.lived_title(table))
    assert "lives 90 % of its term or longer" in title
    assert f"own use of {100 * free.own_use.min():g} % of the fee" in title


def test_scopes_and_finding_agree_on_the_owner() -> None:
    said = page(files.contract("invented-every-clause"), AS_OF, draws=200)["said"]
    assert "who holds the more valuable right is open" in said["owner"]
    assert "same under every scope: open" in said["scoped"]
    one = page(files.contract("google-spacex"), AS_OF)["said"]["scoped"]
    assert one == "Only one scope states accelerators: committed-gpus."


def test_how_old_the_last_price_is_is_said() -> None:
    said = page(read("anthropic-xai"), AS_OF)["said"]["observed"]
    assert "carried on to 23 November 2026, 83 days later, it is" in said


def test_an_own_file_is_answered() -> None:
    right = {"notice_days": 30}
    deal = plain(
        capacity={"accelerators": {"H100": 1_000}},
        fee=[{"from": date(2026, 1, 1), "usd_month": 2_000_000.0}],
        termination={"customer": right, "provider": right},
    )
    shown = page(deal, date(2026, 3, 1))
    assert "$2.74/H100e-hour if it pays for site" in shown["said"]["owner"]
    assert shown["found"].ahead.term_months == 10


def test_the_owner_is_whose_right_leads_in_most_draws() -> None:
    found = study(read("anthropic-xai"), AS_OF)
    worth = found.rights.set_index("party")
    worth["leads"] = [0.55, 0.45]
    unsure = replace(found, rights=worth.reset_index())
    assert "more valuable right is open, the customer in at least 50 %" in str(
        say.owner(unsure, read("anthropic-xai"), as_of=AS_OF)
    )


def test_what_is_printed_does_not_hang_on_the_seed() -> None:
    deal = read("anthropic-xai")
    said = set()
    for seed in (1, 2, 3):
        found = study(deal, AS_OF, draws=200, seed=seed)
        parts = say.owner(found, deal, as_of=AS_OF), say.clouded(found), say.triggered(found)
        said.add(" ".join(map(str, parts)))
    assert len(said) == 1


@pytest.mark.parametrize("name", files.contracts())
def test_what_is_printed_of_rights_does_not_hang_on_the_net(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deal, said = read(name), set()
    doubts = [say.DOUBT * margin for margin in (0.8, 1.0, 1.2)]
    for net in range(4):
        monkeypatch.setattr(standing, "NET", net)
        found = study(deal, AS_OF, draws=200)
        for doubt in doubts:
            monkeypatch.setattr(say, "DOUBT", doubt)
            title = say.values_title(found) if not found.why_not else ""
            cases = str(say.cases(found)).partition(" Above")[0]
            said.add(f"{say.owner(found, deal, as_of=AS_OF)} {title} {cases}")
    assert len(said) == 1, said


def test_a_middle_is_said_to_the_digits_that_its_doubt_leaves() -> None:
    row = {"low_usd": 0.0, "high_usd": 100.0}
    for value, written in ((50.0, "$50"), (49.8, "$50")):
        assert str(say.middle(pd.Series(row | {"usd": value}))) == written
    lost = pd.Series({"usd": 0.4, "low_usd": -50.0, "high_usd": 50.0})
    assert str(say.middle(lost)) == "next to nothing"
    sure = pd.Series({"usd": 1.2345e9, "low_usd": 1.2344e9, "high_usd": 1.2346e9})
    assert str(say.middle(sure)) == "$1.23bn"


def test_another_price_series_turns_the_answer_and_is_counted() -> None:
    wide = study(read("anthropic-xai"), AS_OF, scope="both-sites", draws=40)
    bare = ownership.study(wide.ahead, wide.now, rate_year=0.1, seed=1)
    leads = [each.rights.set_index("party").leads["provider"] for each in (bare, wide)]
    assert leads[0] > leads[1]
    assert ownership.owner(wide.rights) == "open"
    lead = str(say.owner(wide, read("anthropic-xai"), as_of=AS_OF))
    assert "GIX monthly on-demand median and GIX monthly reserved median" in lead
    assert "$3.85/GPU-hour on 1 September 2026" in lead


def test_the_hurt_of_both_is_said_with_its_case() -> None:
    said = page(read("anthropic-xai"), AS_OF)["said"]["hurt"]
    assert "Of 49 cases that is so in 0 at today's market and in 4 if the market stood" in said


@pytest.fixture(scope="module")
def drawn() -> dict[str, Any]:
    shown: dict[str, Any] = page(read("anthropic-xai"), AS_OF)["drawn"]
    return shown


def test_the_parties_keep_their_colours(drawn: dict[str, Any]) -> None:
    triggers = json.dumps(drawn["triggers"])
    assert CUSTOMER in triggers
    assert PROVIDER in triggers
    titles = {p["title"]["text"]: p["title"]["color"] for p in drawn["values"]["concat"]}
    assert titles["only the customer may"] == CUSTOMER
    assert titles["only the provider may"] == PROVIDER


def test_seen_is_solid_and_expected_dashed(drawn: dict[str, Any]) -> None:
    lines = [x["mark"] for x in drawn["triggers"]["layer"] if x["mark"].get("type") == "line"]
    assert [bool(line.get("strokeDash")) for line in lines] == [False, True, True, True]


def test_every_chart_says_its_claim_and_unit(drawn: dict[str, Any]) -> None:
    for chart in drawn.values():
        assert chart["title"] == chart["description"]
    text = json.dumps(drawn)
    for unit in ("to the customer, $bn", "$/H100e-hour", "months of fee", "share of the fee"):
        assert unit in text


def test_figures_hold_under_the_reading_that_was_studied() -> None:
    found = study(read("anthropic-xai", "R1"), AS_OF)
    parts = say.cases(found).parts.values()
    assert {part.reading for part in parts if not isinstance(part, str)} == {"R1"}


def test_the_same_seed_gives_the_same_study() -> None:
    one, two = (study(read("anthropic-xai"), AS_OF) for _ in range(2))
    assert one.curves.equals(two.curves)
    assert one.triggers.equals(two.triggers)


def test_a_parameter_out_of_range_is_refused_before_anything_runs() -> None:
    [book] = notebooks.find(["03"])
    assert book.allowed["metric"] == f"one of {', '.join(WEIGHTS)}"
    assert notebooks.check(book, book.parameters)
    wrong = {"metric": "watts", "hours_month": 0.0, "rate": -0.1, "draws": 0, "seed": -1}
    for name, value in wrong.items():
        with pytest.raises(notebooks.UsageError, match=f"{name} = .* is not allowed"):
            notebooks.check(book, {name: value})
