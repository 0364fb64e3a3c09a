"""What the page of the rights to terminate says and draws, for every agreement on any day."""

import json
from datetime import date
from typing import Any

import pandas as pd
import pytest
from agreements import plain

from analysis.contract import files
from analysis.contract.terms import Agreement
from analysis.models.exits import ownership
from analysis.models.market import standing
from analysis.page import notebooks, parameters
from analysis.page.theme import CUSTOMER, PROVIDER
from analysis.questions.exit import answer
from analysis.questions.exit.answer import Answer

AS_OF = date(2026, 11, 23)
CHARTS = ("values", "curves", "triggers", "lived")
SENTENCES = ("likely", "observed", "scoped", "triggered", "lasting", "lived")


def asked(name: str = "anthropic-xai", **given: Any) -> Answer:
    return Answer(**{"contract": name, "as_of": AS_OF, "draws": 20} | given)


def of(deal: Agreement, **given: Any) -> Answer:
    return asked(**given).of(deal)


def said(found: Answer) -> dict[str, str]:
    """Every sentence of the page, by name."""
    each = {name: str(found.say(name) or "") for name in SENTENCES}
    return {"heading": str(found.heading), "lead": str(found.lead)} | each


def drawn(found: Answer) -> dict[str, Any]:
    """Every chart of the page, by name."""
    charts = {name: found.draw(name) for name in CHARTS}
    return {name: chart.to_dict() for name, chart in charts.items() if chart is not None}


@pytest.mark.parametrize("name", files.contracts())
@pytest.mark.parametrize("as_of", [date(2023, 1, 1), date(2025, 1, 1), AS_OF, date(2040, 6, 1)])
def test_every_agreement_is_answered_or_refused_in_words_on_any_day(name: str, as_of: date) -> None:
    found = asked(name, as_of=as_of)
    texts, charts = said(found), drawn(found)
    for sentence in texts.values():
        assert "nan" not in sentence.split()
        assert "not defined" not in sentence
    if found.why_not:
        assert texts["lead"]
        assert not charts
    else:
        assert len(found.values) == len(found.study.solutions)
        assert "value" in texts["lead"]


@pytest.mark.parametrize("reading", list(files.contract("anthropic-xai").readings))
def test_every_reading_is_answered(reading: str) -> None:
    found = asked(reading=reading)
    texts = said(found)
    if reading == "R3x":  # lapsed in October
        assert "nothing is left" in texts["lead"]
    elif reading in ("headline", "R0"):
        assert texts["heading"].startswith("Nobody may terminate")
        assert list(found.study.solutions) == ["none"]
        assert texts["scoped"] == texts["lived"] == ""  # the heading has said it
        assert texts["lasting"].startswith("Nobody may terminate: all of $")
        assert not found.lives.life.str.contains("a month").any()
    else:
        window = str(found.say("window"))
        assert "With free moving and capacity worth its market price to both" in window
        assert "next 90 days" in window


def test_the_finding_follows_scope_and_terms() -> None:
    deal = files.contract("anthropic-xai")
    sure = said(asked(draws=40))
    assert sure["heading"] == "For Colossus 1, the customer holds the better right to terminate"
    assert "If the fee pays for Colossus 1" in sure["lead"]
    assert "depends on the scope" in sure["scoped"]
    wide = said(asked(scope="both-sites"))
    assert wide["lead"] != sure["lead"]
    assert "is open" in wide["heading"]
    one = of(deal.change({"readings": "none", "termination": {"provider": "none"}}))
    alone = said(one)
    assert "Only the customer may terminate" in alone["heading"]
    assert "is that of its next" not in str(one.say("window"))
    paid = deal.change({"termination": {"customer": {"fee_usd": 1e9}}})
    assert "is that of its next" not in str(of(paid).say("window"))
    notices = {party: {"notice_days": 180} for party in ("customer", "provider")}
    longer = of(deal.change({"termination": notices}))
    assert "is that of its next 180 days" in str(longer.say("window"))


def test_what_is_not_disclosed_names_the_number_that_would_decide() -> None:
    found = asked("reflection-spacex")
    even = float(f"{150e6 / (730 * found.market.spot_usd_hour):.1e}")
    assert f"{even:,.0f} H100-equivalents" in str(found.lead)


def test_unequal_notice_is_played_with_private_values_too() -> None:
    found = asked("invented-every-clause")
    customer, provider = found.remaining.rights["customer"], found.remaining.rights["provider"]
    assert customer.notice_months != provider.notice_months
    assert "service lasts" in str(found.say("lived"))
    assert found.draw("lived") is not None
    assert found.say("window") is None


def test_a_gate_within_a_month_is_counted_in_days() -> None:
    """From 23 November to the gate on 1 January are 39 days, and 90 days of notice run from it."""
    found = asked("google-spacex")
    assert found.window_days == 129
    assert "next 129 days" in str(found.say("window"))
    months = found.study.solutions["both"].expected_months
    assert months == pytest.approx(8 / 30 + 4)  # November, and December to March


def test_survival_says_who_leaves_first() -> None:
    study = asked().study
    signed = study.solutions[study.signed].ends.groupby("by").probability.sum()
    assert signed["customer"] == pytest.approx(1)
    for solution in study.solutions.values():
        last = solution.survival.iloc[-1]
        left = 1 - solution.ends.groupby("by").probability.sum().get("term", 0.0)
        assert last.customer + last.provider == pytest.approx(left, abs=1e-4)


def test_what_a_right_is_worth_is_legible_however_little() -> None:
    found = asked(draws=50)
    assert found.worthwhile == ["customer"]
    assert "the provider's next to nothing" in str(found.lead)
    small = {"usd": 100e6, "low_usd": 90e6, "high_usd": 120e6, "months": 0.08}
    found.__dict__["rights"] = found.rights.assign(**small)
    assert "the provider's right alone is worth $100m" in str(found.lead)


def test_a_life_is_called_by_the_share_that_it_is_measured_against() -> None:
    found = asked()
    table = found.lived
    free = table[(table.moving == table.moving.min()) & (table.lived >= answer.LIVES)]
    title = found.title("lived")
    assert "lasts 90 % of its term" in title
    assert f"internal use of {100 * free.own_use.min():g} % of the fee" in title


def test_scopes_and_finding_agree_on_the_owner() -> None:
    texts = said(asked("invented-every-clause", draws=200))
    assert "is open" in texts["heading"]
    assert "does not depend on the scope" in texts["scoped"]
    one = said(asked("google-spacex"))["scoped"]
    assert one == "Only one scope states accelerators: committed GPUs."


def test_a_fee_for_what_states_no_accelerators_has_no_price() -> None:
    assert "what is in service on the day states no accelerators" in str(
        asked("iren-microsoft").lead
    )


def test_how_old_the_last_price_is_is_said() -> None:
    text = str(asked().say("observed"))
    assert "$3.85/GPU-hour of 1 September 2026, carried on 83 days" in text


def test_an_own_file_is_answered() -> None:
    right = {"notice_days": 30}
    deal = plain(
        capacity={"accelerators": {"H100": 1_000}},
        fee=[{"from": date(2026, 1, 1), "usd_month": 2_000_000.0}],
        termination={"customer": right, "provider": right},
    )
    found = of(deal, as_of=date(2026, 3, 1))
    assert "The fee is $2.7/H100e-hour" in str(found.say("observed"))
    assert found.term_months == 10


def test_the_owner_is_whose_right_leads_in_most_draws() -> None:
    found = asked()
    found.__dict__["rights"] = found.rights.assign(leads=[0.55, 0.45])
    assert "is open" in str(found.heading)
    assert "in at least 50 % of the simulations" in str(found.say("likely"))


def test_chart_and_tile_say_the_same_interval() -> None:
    found = asked(draws=200)
    [cells] = found.draw("values").to_dict()["datasets"].values()
    [signed] = [cell for cell in cells if cell["case"] == "both"]
    said = [1e9 * signed[end] for end in ("low", "value", "high")]
    assert said == [found.signed_low_usd, found.signed_usd, found.signed_high_usd]


def test_what_is_printed_does_not_hang_on_the_seed() -> None:
    texts = set()
    for seed in (1, 2, 3):
        found = asked(draws=200, seed=seed)
        ends = [str(found.shown(f"{name}_{end}_usd")) for name in ("signed", "customer_right")
                for end in ("low", "high")]  # fmt: skip
        texts.add(f"{found.heading} {found.lead} {found.say('triggered')} {ends}")
    assert len(texts) == 1


@pytest.mark.parametrize("name", files.contracts())
def test_what_is_printed_of_rights_does_not_hang_on_the_net(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts, doubts = set(), [answer.DOUBT * margin for margin in (0.8, 1.0, 1.2)]
    for net in range(3):
        monkeypatch.setattr(standing, "NET", net)
        study = None
        for doubt in doubts:
            monkeypatch.setattr(answer, "DOUBT", doubt)
            found = asked(name, draws=200)
            if study:
                found.__dict__["study"] = study
            study = None if found.why_not else found.study
            tiles = [str(found.shown(tile)) for tile in found.tiles if study]
            texts.add(f"{found.heading} {found.lead} {found.title('values')} {tiles}")
    assert len(texts) == 1, texts


def test_a_middle_is_said_to_the_digits_that_its_doubt_leaves() -> None:
    row = {"low_usd": 0.0, "high_usd": 100.0}
    assert [answer.middle(row | {"usd": value}) for value in (50.0, 49.8)] == [50.0, 50.0]
    assert answer.middle({"usd": 0.4, "low_usd": -50.0, "high_usd": 50.0}) == 0
    sure = pd.Series({"usd": 1.2345e9, "low_usd": 1.2344e9, "high_usd": 1.2346e9})
    assert answer.middle(sure) == 1.23e9


def test_another_price_series_turns_the_answer_and_is_counted() -> None:
    wide = asked(scope="both-sites", draws=40)
    bare = asked(scope="both-sites", draws=40, beside=[])
    leads = [each.rights.set_index("party").leads["provider"] for each in (bare, wide)]
    assert leads[0] > leads[1]
    assert ownership.owner(wide.rights) == wide.owner == "open"
    likely = str(wide.say("likely"))
    assert "GIX monthly on-demand median and GIX monthly reserved median" in likely


@pytest.fixture(scope="module")
def charts() -> dict[str, Any]:
    return drawn(asked())


def test_the_parties_keep_their_colours(charts: dict[str, Any]) -> None:
    for name in ("triggers", "curves", "values"):
        text = json.dumps(charts[name])
        assert CUSTOMER in text
        assert PROVIDER in text


def test_seen_is_solid_and_expected_dashed(charts: dict[str, Any]) -> None:
    scale = charts["triggers"]["layer"][0]["encoding"]["strokeDash"]["scale"]
    looks = dict(zip(scale["domain"], scale["range"], strict=True))
    assert looks["market price, seen"] == looks["fee"] == [1, 0]
    assert looks["market price, expected"] == looks["customer terminates below"] == [6, 4]


def test_every_chart_says_its_claim_and_unit(charts: dict[str, Any]) -> None:
    assert list(charts) == list(CHARTS)
    for chart in charts.values():
        assert chart["title"]["text"] == chart["description"]
    text = json.dumps(charts)
    for unit in ("to the customer, $bn", "$/H100e-hour", "months of fee", "share of the fee"):
        assert unit in text


def test_figures_hold_under_the_reading_that_was_studied() -> None:
    assert asked(reading="R1").shown("signed_usd").reading == "R1"


def test_the_same_seed_gives_the_same_study() -> None:
    one, two = asked(), asked()
    assert one.curves.equals(two.curves)
    assert one.paths.equals(two.paths)


def test_a_parameter_out_of_range_is_refused_before_anything_runs() -> None:
    [book] = notebooks.find(["03"])
    assert parameters.check(book.kind, book.parameters)
    wrong = {"metric": "watts", "hours_month": 0.0, "rate": -1.0, "draws": 0, "seed": -1}
    for name, value in wrong.items():
        with pytest.raises(parameters.UsageError, match=f"{name} = .* is not allowed"):
            parameters.check(book.kind, {name: value})
