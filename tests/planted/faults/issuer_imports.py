"""Faults of issuer imports: one wrong line each, and what it breaks."""

from planted.fault import Fault

FAULTS = (
    Fault(
        breaks="the state's number of a person stands in the register as a reference",
        file="issuer/imports/parsers.py",
        old="_SNILS.fullmatch(text) and _is_snils(text)",
        new="_SNILS.fullmatch(text) and not text",
        noticed_by="unit/issuer/imports/test_row_validation.py::test_a_number_that_the_state_gave_is_no_reference_and_is_not_shown",
    ),
    Fault(
        breaks="a plain row that contradicts itself is taken",
        file="issuer/imports/row_validation.py",
        old="wrong = () if apart else",
        new="wrong = () if True else",
        noticed_by="unit/issuer/imports/test_row_validation.py::test_a_bad_field_is_named_with_its_line_and_column_and_what_would_be_right",
    ),
    Fault(
        breaks="a reference that was guarded against formulas is not found again",
        file="issuer/imports/readers.py",
        old="return undo_guard(cell)",
        new="return cell",
        noticed_by="cli/issuer/test_csv_out_and_back.py::test_a_file_of_orders_is_read_as_it_was_written",
    ),
    Fault(
        breaks="a text that begins with an apostrophe of its own loses it",
        file="issuer/reports/csv_export.py",
        old='_RISK = f"\'*[{_FORMULA}]"',
        new='_RISK = f"[{_FORMULA}]"',
        noticed_by="unit/issuer/reports/test_csv_export.py::test_every_text_reads_back_as_it_was",
    ),
    Fault(
        breaks="a formula behind a comma is computed where the comma separates cells",
        file="issuer/reports/csv_export.py",
        old="""_BEGINNING = f'(?:\\\\A|(?<=[;,"{_SPACE}]))'""",
        new="""_BEGINNING = "\\\\A\"""",
        noticed_by="unit/issuer/reports/test_csv_export.py::test_no_cell_begins_a_formula_whatever_separates_cells",
    ),
)
