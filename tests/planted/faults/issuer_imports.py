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
)
