"""Faults of issuer rest: one wrong line each, and what it breaks."""

from planted.fault import Fault

FAULTS = (
    Fault(
        breaks="two measures of one id pass the check of catalogue.toml",
        file="issuer/catalogue/load.py",
        old='            _check_new(entry, "id", measure.id, ids)\n',
        new="",
        noticed_by="unit/issuer/catalogue/test_load.py::test_a_second_entry_of_one_code_number_key_or_id_is_a_fault",
    ),
    Fault(
        breaks="a list that nobody signed tells which key was lost",
        file="issuer/rotation/lost_keys.py",
        old=".check_itself().list.issuers",
        new=".list.issuers",
        noticed_by="unit/issuer/rotation/test_lost_keys.py::test_a_list_that_does_not_tell_which_key_it_was_is_said",
    ),
)
