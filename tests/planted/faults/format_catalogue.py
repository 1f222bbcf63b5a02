"""Faults of format catalogue: one wrong line each, and what it breaks."""

from planted.fault import Fault

FAULTS = (
    Fault(
        breaks="a catalogue with a claim of a later version is read",
        file="format/catalogue/signed_catalogue.py",
        old='fields.refuse_unknown(claims, _CLAIM_KEYS, "field.catalogue")',
        new="",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a catalogue that expires when it is issued is read",
        file="format/catalogue/signed_catalogue.py",
        old="if not self.issued_at < self.expires_at:",
        new="if not self.issued_at <= self.expires_at:",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a catalogue of any size is read",
        file="format/catalogue/signed_catalogue.py",
        old="    if len(token) > MAX_TOKEN_BYTES:\n        raise Malformed(",
        new="    if len(token) > 2 * MAX_TOKEN_BYTES:\n        raise Malformed(",
        noticed_by="unit/format/catalogue/test_signed_catalogue.py::test_a_token_of_too_many_bytes_is_not_read",
    ),
    Fault(
        breaks="measures in any order are read, and two with one id",
        file="format/catalogue/measures.py",
        old="    if not _ascends([measure.id for measure in measures]):\n        raise Malformed(",
        new="    if False:\n        raise Malformed(",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="an empty note is another spelling of none",
        file="format/catalogue/names.py",
        old="    if not names:\n        raise Malformed(",
        new="    if False:\n        raise Malformed(",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="no companions have two spellings",
        file="format/catalogue/measures.py",
        old='"field.companions", 1, MAX',
        new='"field.companions", 0, MAX',
        noticed_by="catalogue",
    ),
    Fault(
        breaks="free entry with an item too many is read",
        file="format/catalogue/measures.py",
        old="if len(benefit) != _LENGTHS[kind]:",
        new="if len(benefit) < _LENGTHS[kind]:",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a kind of benefit of a later version is called malformed",
        file="format/catalogue/measures.py",
        old='"field.benefit_kind", 1, fields.FIRST_IGNORED_KEY - 1)',
        new='"field.benefit_kind", 1, 5)',
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a discount of 0 % is made",
        file="format/catalogue/measures.py",
        old="not 1 <= self.percent <= 100",
        new="not 0 <= self.percent <= 100",
        noticed_by="unit/format/catalogue/test_measures.py::test_a_benefit_cannot_contradict_itself",
    ),
    Fault(
        breaks="a measure counts on the day after its last",
        file="format/catalogue/measures.py",
        old="day <= self.last)",
        new="day <= self.last + (date(1970, 1, 2) - date(1970, 1, 1)))",
    ),
    Fault(
        breaks="a measure that begins tomorrow counts today",
        file="format/catalogue/measures.py",
        old="(self.first is None or self.first <= day) and ",
        new="",
    ),
)
