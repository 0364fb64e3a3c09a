"""Tables of a page: what stands where, and how it reads on a narrow page."""

import re
from datetime import date

import pandas as pd

from analysis.page import tables

AS_OF = date(2026, 1, 1)


def test_tables_align_by_what_stands_in_them() -> None:
    texts = {"n": ["a<b>", "b"], "text": ["$1.5bn", "–"]}
    table = pd.DataFrame({**texts, "fee_usd": [1.5e9, None], "on": [AS_OF, AS_OF]})
    shown = tables.html(table)
    assert '<td class="number">$1.50bn</td>' in shown
    assert '<td class="number">$1.5bn</td>' in shown
    assert '<th class="number">fee</th>' in shown
    assert '<td class="day">2026-01-01</td>' in shown
    assert "<td>a&lt;b&gt;</td>" in shown
    assert "<th>0</th>" not in shown
    named = tables.html(table.set_index(["n", "on"]))
    assert "<th>n</th><th>on</th>" in named
    assert "<th>b</th><th>2026-01-01</th>" in named


def test_on_a_narrow_page_a_row_with_a_long_text_stands_as_lines() -> None:
    table = pd.DataFrame({"who": ["a"], "what": ["word " * 9]})
    shown = tables.html(table)
    assert 'class="agreements-table lined"' in shown
    assert '<td class="long" data-label="what">word word' in shown
    assert "data-label" not in tables.html(table[["who"]])
    assert tables.html(table[:0]).count("<tr>") == 1


def test_of_a_long_table_the_first_and_the_last_rows_stand() -> None:
    with pd.option_context("display.max_rows", 4):
        shown = tables.html(pd.DataFrame({"n": range(9)}))
    assert re.findall("<td[^>]*>(.*?)</td>", shown) == ["0", "1", "…", "7", "8"]


def test_a_column_is_headed_by_its_unit_as_people_write_it() -> None:
    names = ["usd_mw_month", "fee_usd_month", "price_usd_h100e_hour", "usd_hour", "total_usd"]
    heads = ["$/MW-month", "fee $/month", "price $/H100e-hour", "$/hour", "total"]
    assert list(tables.readable(pd.DataFrame([[1.0] * 5], columns=names))) == heads


def test_columns_may_be_numbers_or_pairs_and_what_is_missing_is_blank() -> None:
    wide = pd.DataFrame({2026: [1.5, None], ("a", "usd"): [1e9, 2e9], "on": [AS_OF, pd.NaT]})
    shown = tables.readable(wide)
    assert list(shown) == ["2026", "a", "on"]
    assert shown.to_numpy().tolist() == [["1.5", "$1bn", "2026-01-01"], ["", "$2bn", ""]]
    assert '<th class="number">2026</th>' in tables.html(wide)


def test_a_form_of_numbers_writes_no_day() -> None:
    table = pd.DataFrame({"effective": [date(2026, 7, 1), 2.128]})
    assert tables.readable(table).effective.tolist() == ["2026-07-01", "2.1"]
