"""What is read first is short: headings and leads keep to a budget of words and numbers."""

import re
from importlib import import_module
from typing import Any

import pytest

from analysis.contract import files
from analysis.page.findings import Finding

NAMES = "commitment price exit site lease_out build_or_rent accounting precedent drivers changes"
HEADING, LEAD, SENTENCE, NUMBERS = 12, 30, 25, 4


def words(text: str) -> int:
    """Words; a per-cent sign belongs to its number, a code in brackets to its name."""
    return len(re.sub(r"\([A-Za-z0-9-]+\)|“[^”]*”|[ \u00a0](?=%)", "x", text).split())


def numbers(said: Finding) -> int:
    """Numbers that are no days; the ends of a range are one."""
    names = [row["figure"] for row in said.rows if row["unit"] != "date"]
    return len({re.sub(r"_(low|high)_", "_", name) for name in names})


@pytest.mark.parametrize("contract", files.contracts())
@pytest.mark.parametrize("name", NAMES.split())
def test_headings_and_leads_keep_to_their_budget(name: str, contract: str) -> None:
    few: dict[str, Any] = {"draws": 20} if name == "exit" else {}
    found = import_module(f"analysis.questions.{name}.answer").Answer(contract=contract, **few)
    lead = str(found.lead)
    assert words(str(found.heading)) <= HEADING
    assert words(lead) <= LEAD, lead
    assert numbers(found.lead) <= NUMBERS, lead
    for sentence in re.split(r"(?<=[.;])\s+", lead):
        assert words(sentence) <= SENTENCE, sentence
