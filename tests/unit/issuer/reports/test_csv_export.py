"""Cells of CSV files: no formula for a spreadsheet, and the same text when read back."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from socpass_vc.issuer.reports.csv_export import DELIMITER, LINE_END, csv_line, guard_cell, undo_guard

FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
SIGNS = st.text(st.sampled_from(f"{FORMULA}'\";,\t\r\n x1я"), max_size=8)
TEXTS = SIGNS | st.text(max_size=40)


@given(TEXTS)
@example("'")
@example("''=1")
@example("'\t")
@example("a,'=1")
def test_every_text_reads_back_as_it_was(text: str) -> None:
    assert undo_guard(guard_cell(text)) == text


@given(TEXTS)
@example("'=1,=1")
def test_what_no_guard_can_have_made_stays_as_it_is(text: str) -> None:
    undone = undo_guard(text)
    assert undone == text or guard_cell(undone) == text


@pytest.mark.parametrize("text", ["", "1004", "О'Нил", "'", "''", "'quoted'", "a=1", "x-y", " =1", "-1004", "=1+1", "@x", "\tx"])
def test_a_text_that_nobody_guarded_is_taken_as_it_stands(text: str) -> None:
    assert undo_guard(text) == text


@given(TEXTS)
def test_no_cell_begins_a_formula_whatever_separates_cells(text: str) -> None:
    for delimiter in ";,\t":
        for cells in csv.reader(io.StringIO(csv_line([text, text]), newline=""), delimiter=delimiter):
            assert not [cell for cell in cells if cell.lstrip("\t\r\n").startswith(tuple(FORMULA))]


@given(st.lists(TEXTS, min_size=2, max_size=5))
def test_a_line_is_read_by_any_reader_and_undone_cell_by_cell(cells: list[str]) -> None:
    cells = [cell.replace("\0", "") for cell in cells]  # which no text file holds
    page = io.StringIO(csv_line(cells) + LINE_END, newline="")
    rows = list(csv.reader(page, delimiter=DELIMITER, strict=True))
    assert [[undo_guard(cell) for cell in row] for row in rows] == [cells]


def test_numbers_are_numbers_and_none_is_empty() -> None:
    assert csv_line([-5, None, 1.5, "-5", "a;b", 'a"b', "a,b", "a\tb"]) == '-5;;1.5;\'-5;"a;b";"a""b";"a,b";"a\tb"'
