"""Faults of format credential: one wrong line each, and what it breaks."""

from planted.fault import Fault

_ISSUING_TESTS = "unit/issuer/issuance/test_batch_issue.py::"
_BY_THE_LETTER = "properties/test_by_the_letter.py::test_claims_with_any_one_change_are_judged_by_the_letter_of_the_tables"

FAULTS = (
    Fault(
        breaks="claims that nobody knows are ignored, such as nbf",
        file="format/credential/claims_reader.py",
        old='fields.refuse_unknown(claims, _CLAIM_KEYS, "field.claims")',
        new="",
    ),
    Fault(
        breaks="a category may stand twice in a pass",
        file="format/credential/claims.py",
        old="if entitlement.category <= before:",
        new="if entitlement.category < before:",
    ),
    Fault(
        breaks="33 entitlements are read",
        file="format/credential/claims.py",
        old="MAX_ENTITLEMENTS = 32",
        new="MAX_ENTITLEMENTS = 33",
    ),
    Fault(
        breaks="a pass that expires when it is issued is read",
        file="format/credential/claims.py",
        old="if self.issued_at >= self.expires_at:",
        new="if self.issued_at > self.expires_at:",
    ),
    Fault(
        breaks="an entitlement that ends before it begins is read",
        file="format/credential/claims.py",
        old="if self.first and self.last and self.last < self.first:",
        new="if self.first and self.last and not self.category:",
    ),
    Fault(
        breaks="an entitlement has two spellings, one of which ends with null",
        file="format/credential/claims_reader.py",
        old="elif length != _ARRAY_OF_3 or first is None:",
        new="elif length != _ARRAY_OF_3:",
    ),
    Fault(
        breaks="a pass with a date and a year of birth is read",
        file="format/credential/claims.py",
        old="if born_on is not None:",
        new="if born_on is not None and born_in == 0:",
    ),
    Fault(
        breaks="any bytes are a photo",
        file="format/credential/claims.py",
        old=" or not (is_webp or is_avif)",
        new="",
    ),
    Fault(
        breaks="a time that fits into two bytes may have four",
        file="format/credential/claims_reader.py",
        old=" and iat >= _LEAST_OF_4_BYTES",
        new="",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="the iat of a pass may be its exp, or stand under any key",
        file="format/credential/claims_reader.py",
        old="(exp_key, iat_key) == _KEYS_OF_4_BYTES",
        new="exp_key == _KEYS_OF_4_BYTES[0]",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="an entitlement of three or four items without a last day is read as one of two",
        file="format/credential/claims_reader.py",
        old="if beginning[0] != _ARRAY_OF_2 or beginning[1] > _UNSIGNED_OF_2_BYTES:",
        new="if beginning[1] > _UNSIGNED_OF_2_BYTES:",
    ),
    Fault(
        breaks="something may follow the claims",
        file="format/credential/claims_reader.py",
        old="if at != len(encoded) or optional:",
        new="if optional:",
    ),
    Fault(
        breaks="a pass may say to have more fields than it has",
        file="format/credential/claims_reader.py",
        old="if at != len(encoded) or optional:",
        new="if at != len(encoded):",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="the holder's key may be one under which anybody signs",
        file="format/credential/claims_reader.py",
        old="        return PublicKey(raw), end\n",
        new='        return PublicKey(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")), end\n',
    ),
    Fault(
        breaks="the first day of an entitlement does not count",
        file="format/credential/claims.py",
        old="self.first <= day)",
        new="self.first < day)",
    ),
    Fault(
        breaks="the last day of an entitlement does not count",
        file="format/credential/claims.py",
        old="day <= self.last)",
        new="day < self.last)",
    ),
    Fault(
        breaks="a pass of thirty-three entitlements is signed",
        file="format/credential/claims.py",
        old="if not 1 <= len(categories) <= MAX_ENTITLEMENTS:",
        new="if not categories:",
        noticed_by=f"{_ISSUING_TESTS}test_more_entitlements_than_a_pass_holds_are_said_and_stop_nobody_else",
    ),
)
