"""The faults to plant: one wrong line each, and what it breaks. Whatever is not noticed is not tested."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One change of the source that the tests must notice.

    Attributes:
        breaks: what is wrong then, in one sentence.
        file: of src/socpass_vc.
        old: text that stands in the file exactly once.
        new: what takes its place.
        noticed_by: a folder of test_vectors/, or a test file of tests/ with a test's name.
    """

    breaks: str
    file: str
    old: str
    new: str
    noticed_by: str = "pass"


_DECIDE = "verifier/decide.py"
_STORE_TESTS = "unit/verifier/test_store.py::"
_SHELF_TESTS = "unit/verifier/test_shelf.py::"
_FILES_TESTS = "unit/test_files.py::"
_BY_THE_LETTER = "properties/test_by_the_letter.py::test_claims_with_any_one_place_changed_are_judged_by_the_letter_of_the_tables"

FAULTS = (
    # --- Steps 1 and 2
    Fault(
        breaks="a digit that was lost or changed is not noticed by the check digits",
        file="format/armor.py",
        old="number % 97 != 1 or ",
        new="",
    ),
    Fault(
        breaks="one frame has several texts, with check digits 00, 01 and 99",
        file="format/armor.py",
        old=" or digits.endswith(_SECOND_SPELLINGS)",
        new="",
        noticed_by="armor",
    ),
    Fault(
        breaks="zeros in front make further texts of one frame",
        file="format/armor.py",
        old=' or digits.startswith(b"0")',
        new="",
        noticed_by="armor",
    ),
    Fault(
        breaks="a run of 156 digits is looked at, which holds no signature",
        file="format/armor.py",
        old="len(digits) < MIN_DIGITS",
        new="len(digits) < MIN_DIGITS - 1",
        noticed_by="armor",
    ),
    Fault(
        breaks="a text of any length is looked at",
        file="format/armor.py",
        old="MAX_TEXT_CHARACTERS = 12_000",
        new="MAX_TEXT_CHARACTERS = 120_000",
        noticed_by="armor",
    ),
    Fault(
        breaks="a token of 4,097 bytes is read",
        file="format/armor.py",
        old="MAX_TOKEN_BYTES = 4_096",
        new="MAX_TOKEN_BYTES = 4_097",
    ),
    Fault(
        breaks="a part that says to be the third of two is taken",
        file="format/armor.py",
        old=" and frame[1] < frame[2]",
        new="",
        noticed_by="armor",
    ),
    Fault(
        breaks="parts join to something else than the whole that they name",
        file="format/armor.py",
        old="sha256(frame)[:8] != parts[0].digest or ",
        new="",
        noticed_by="unit/format/test_armor.py::test_parts_that_do_not_make_the_whole_that_they_name_are_misread",
    ),
    Fault(
        breaks="bytes may follow an item",
        file="format/cbor.py",
        old="if end != len(encoded):",
        new="if end > len(encoded):",
        noticed_by="cbor",
    ),
    Fault(
        breaks="a key of a map may stand twice or out of order",
        file="format/cbor.py",
        old="if written <= before:",
        new="if written == b'':",
        noticed_by="cbor",
    ),
    Fault(
        breaks="a key of a map may stand twice",
        file="format/cbor.py",
        old="if written <= before:",
        new="if written < before:",
        noticed_by="cbor",
    ),
    Fault(
        breaks="a number has several spellings",
        file="format/cbor.py",
        old="if argument < lowest:",
        new="if argument < 0:",
        noticed_by="cbor",
    ),
    Fault(
        breaks="items nine deep are read",
        file="format/cbor.py",
        old="MAX_DEPTH = 8",
        new="MAX_DEPTH = 9",
        noticed_by="cbor",
    ),
    Fault(
        breaks="undefined is read as null",
        file="format/cbor.py",
        old="if argument == _NULL:",
        new="if argument in (_NULL, 23):",
        noticed_by="cbor",
    ),
    Fault(
        breaks="true is a key of a map",
        file="format/cbor.py",
        old="key.__class__ is not int and key.__class__ is not str",
        new="not isinstance(key, int | str)",
        noticed_by="cbor",
    ),
    Fault(
        breaks="the algorithm and all else of the header is followed instead of checked",
        file="format/cose.py",
        old=" or not token.startswith(opening):",
        new=" or not token.startswith(_SIGN1_HEAD):",
    ),
    Fault(
        breaks="the unprotected header may be something else than an empty map",
        file="format/cose.py",
        old="token.startswith(opening)",
        new="token.startswith(opening[:-1])",
    ),
    Fault(
        breaks="a signature for one purpose serves another: the typ is not asked for",
        file="format/cose.py",
        old="    at = _KEY_ID_AT if typ is None else _KEY_ID_AT_WITH_TYP\n",
        new="    typ = typ if token[2:3] == b'\\x58' else None\n    at = _KEY_ID_AT if typ is None else _KEY_ID_AT_WITH_TYP\n",
        noticed_by="status",
    ),
    Fault(
        breaks="one root key that signs twice counts as two",
        file="format/cose.py",
        old="if len(set(found)) != len(found):",
        new="if not found:",
        noticed_by="trust",
    ),
    Fault(
        breaks="signatures of a root stand in any order, so one bundle has many spellings",
        file="format/cose.py",
        old="if any(low >= high for low, high in pairwise(order)):",
        new="if not order:",
        noticed_by="trust",
    ),
    Fault(
        breaks="keys of small and mixed order are taken, under which signatures can be forged",
        file="format/keys.py",
        old="if not sodium.crypto_core_ed25519_is_valid_point(self.raw):",
        new="if not self.raw:",
    ),
    # --- Steps 3 and 4
    Fault(
        breaks="the trust list counts a second too long",
        file=_DECIDE,
        old="    if now >= expires_at:\n",
        new="    if now > expires_at:\n",
    ),
    Fault(
        breaks="an expired root is not noticed",
        file="format/trust.py",
        old="min(trust_list.expires_at, root.expires_at)",
        new="trust_list.expires_at",
    ),
    Fault(
        breaks="an expired trust list refuses although the till asked to be warned only",
        file=_DECIDE,
        old="        if policy.on_stale is OnStale.REFUSE:\n            raise TrustExpired",
        new="        if policy.on_stale:\n            raise TrustExpired",
    ),
    Fault(
        breaks="a stolen key signs on",
        file="verifier/authenticate.py",
        old="if key.state is _COMPROMISED:",
        new="if key.state is None:",
    ),
    Fault(
        breaks="a retired key refuses all that it ever signed",
        file="verifier/authenticate.py",
        old="if key.state is _COMPROMISED:",
        new="if key.state is not KeyState.ACTIVE:",
    ),
    Fault(
        breaks="the signature is not looked at",
        file="verifier/authenticate.py",
        old="    except Forged:\n        return False\n",
        new="    except Forged:\n        return True\n",
    ),
    # --- Step 5
    Fault(
        breaks="fields that this program may not ignore are ignored",
        file="format/fields.py",
        old="FIRST_IGNORED_KEY = 64",
        new="FIRST_IGNORED_KEY = 63",
    ),
    Fault(
        breaks="fields that this program must ignore are refused",
        file="format/fields.py",
        old="FIRST_IGNORED_KEY = 64",
        new="FIRST_IGNORED_KEY = 65",
    ),
    Fault(
        breaks="claims that nobody knows are ignored, such as nbf",
        file="format/claims_reader.py",
        old="unknown = [key for key in claims if key not in _CLAIM_KEYS]",
        new="unknown = [key for key in claims if key == 0]",
    ),
    Fault(
        breaks="a category may stand twice in a pass",
        file="format/claims.py",
        old="if entitlement.category <= before:",
        new="if entitlement.category < before:",
    ),
    Fault(
        breaks="33 entitlements are read",
        file="format/claims.py",
        old="MAX_ENTITLEMENTS = 32",
        new="MAX_ENTITLEMENTS = 33",
    ),
    Fault(
        breaks="a pass that expires when it is issued is read",
        file="format/claims.py",
        old="if self.issued_at >= self.expires_at:",
        new="if self.issued_at > self.expires_at:",
    ),
    Fault(
        breaks="an entitlement that ends before it begins is read",
        file="format/claims.py",
        old="if self.first and self.last and self.last < self.first:",
        new="if self.first and self.last and not self.category:",
    ),
    Fault(
        breaks="an entitlement has two spellings, one of which ends with null",
        file="format/claims_reader.py",
        old="elif length != _ARRAY_OF_3 or first is None:",
        new="elif length != _ARRAY_OF_3:",
    ),
    Fault(
        breaks="a pass with a date and a year of birth is read",
        file="format/claims.py",
        old="if self.born_on is not None and self.born_in is not None:",
        new="if self.born_on is not None and self.born_in == 0:",
    ),
    Fault(
        breaks="any bytes are a photo",
        file="format/claims.py",
        old=" or not (is_webp or is_avif)",
        new="",
    ),
    Fault(
        breaks="names need not be composed, so one name has several spellings",
        file="format/fields.py",
        old='if not is_normalized("NFC", text):',
        new="if not text:",
    ),
    Fault(
        breaks="a name may turn the text round that stands behind it",
        file="format/fields.py",
        old="if not text.isprintable():",
        new="if not text:",
    ),
    Fault(
        breaks="a name may begin with a space",
        file="format/fields.py",
        old="if text != text.strip():",
        new="if text != text.rstrip():",
    ),
    Fault(
        breaks="times after the year 9999 are read",
        file="format/fields.py",
        old="MAX_SECONDS = 253_402_300_799",
        new="MAX_SECONDS = 253_402_300_800",
    ),
    Fault(
        breaks="a time that fits into two bytes may have four",
        file="format/claims_reader.py",
        old=" and iat >= _LEAST_OF_4_BYTES",
        new="",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="the iat of a pass may be its exp, or stand under any key",
        file="format/claims_reader.py",
        old="(exp_key, iat_key) == _KEYS_OF_4_BYTES",
        new="exp_key == _KEYS_OF_4_BYTES[0]",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="a category that fits into one byte may have two",
        file="format/cbor.py",
        old="if form == _OF_2_BYTES and encoded[at + 1]:",
        new="if form == _OF_2_BYTES:",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="a category that fits into its head may have a byte of its own",
        file="format/cbor.py",
        old="if form == _INLINE and encoded[at + 1] >= _INLINE:  # likewise",
        new="if form == _INLINE:  # likewise",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="a day before 1970 that fits into one byte may have two",
        file="format/cbor.py",
        old="if form == _NEGATIVE_OF_2_BYTES and encoded[at + 1]:",
        new="if form == _NEGATIVE_OF_2_BYTES:",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="a length that fits into its head may have a byte of its own",
        file="format/cbor.py",
        old="if form == _INLINE and encoded[at + 1] >= _INLINE:  # the length",
        new="if form == _INLINE:  # the length",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="an entitlement of three or four items without a last day is read as one of two",
        file="format/claims_reader.py",
        old="if beginning[0] != _ARRAY_OF_2 or beginning[1] > _UNSIGNED_OF_2_BYTES:",
        new="if beginning[1] > _UNSIGNED_OF_2_BYTES:",
    ),
    Fault(
        breaks="something may follow the claims",
        file="format/claims_reader.py",
        old="if at != len(encoded) or optional:",
        new="if optional:",
    ),
    Fault(
        breaks="a pass may say to have more fields than it has",
        file="format/claims_reader.py",
        old="if at != len(encoded) or optional:",
        new="if at != len(encoded):",
        noticed_by=_BY_THE_LETTER,
    ),
    Fault(
        breaks="something may follow the signature of a token",
        file="format/cose.py",
        old=" or len(token) != end + len(_SIGNATURE_HEAD) + SIGNATURE_BYTES",
        new="",
    ),
    Fault(
        breaks="the holder's key may be one under which anybody signs",
        file="format/claims_reader.py",
        old="        return PublicKey(raw), end\n",
        new='        return PublicKey(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")), end\n',
    ),
    # --- Step 6
    Fault(
        breaks="a key signs outside of its window",
        file="format/issuers.py",
        old="return use in self.uses and self.sign_from <= issued_at < self.sign_until",
        new="return use in self.uses",
    ),
    Fault(
        breaks="a key signs in the second from which it may no longer",
        file="format/issuers.py",
        old="self.sign_from <= issued_at < self.sign_until",
        new="self.sign_from <= issued_at <= self.sign_until",
    ),
    Fault(
        breaks="a key may not sign in its first second",
        file="format/issuers.py",
        old="self.sign_from <= issued_at < self.sign_until",
        new="self.sign_from < issued_at < self.sign_until",
    ),
    Fault(
        breaks="a key for status lists signs passes",
        file="format/issuers.py",
        old="return use in self.uses and ",
        new="return ",
    ),
    Fault(
        breaks="an agency grants categories of another region",
        file="format/issuers.py",
        old="                return first <= category\n        return False",
        new="                return True\n        return True",
    ),
    Fault(
        breaks="the last category of a scope is left out",
        file="format/issuers.py",
        old="if category <= last:",
        new="if category < last:",
    ),
    # --- Steps 7 and 8
    Fault(
        breaks="a clock that is behind what is known to be past decides",
        file=_DECIDE,
        old="if floor - now > LEEWAY:",
        new="if now - floor > LEEWAY * 10**6:",
    ),
    Fault(
        breaks="a clock that is exactly the leeway behind refuses",
        file=_DECIDE,
        old="if floor - now > LEEWAY:",
        new="if floor - now >= LEEWAY:",
    ),
    Fault(
        breaks="the iat of the trust list is no floor",
        file=_DECIDE,
        old="trust.list.issued_at if clock_floor is None else max(trust.list.issued_at, clock_floor)",
        new="clock_floor or trust.list.issued_at - LEEWAY * 10**6",
    ),
    Fault(
        breaks="the clock of the till may be wrong by an hour",
        file=_DECIDE,
        old="LEEWAY = timedelta(seconds=300)",
        new="LEEWAY = timedelta(seconds=3600)",
    ),
    Fault(
        breaks="a pass counts before it was issued",
        file=_DECIDE,
        old="if claims.issued_at - now > LEEWAY:",
        new="if claims.issued_at - now > LEEWAY * 10**6:",
    ),
    Fault(
        breaks="a pass counts in the second of its exp",
        file=_DECIDE,
        old="if now >= claims.expires_at:",
        new="if now > claims.expires_at:",
    ),
    Fault(
        breaks="an expired pass is said to be revoked: the status is asked before the validity",
        file=_DECIDE,
        old="        _check_validity(claims, now)\n        status_list = _check_status(claims, issuer, status, now, policy)\n",
        new="        status_list = _check_status(claims, issuer, status, now, policy)\n        _check_validity(claims, now)\n",
    ),
    Fault(
        breaks="a wrong clock is said to be an expired pass: the validity is asked before the clock",
        file=_DECIDE,
        old="        _check_scope(claims, issuer, key)\n",
        new="        _check_scope(claims, issuer, key)\n        _check_validity(claims, now)\n",
    ),
    # --- Step 9
    Fault(
        breaks="an index beyond the list is valid",
        file="format/statuslist.py",
        old="        position = index * self.bits\n",
        new="        position = index * self.bits\n        if index >= len(self):\n            return 0\n",
    ),
    Fault(
        breaks="entries are read most significant bits first, as in another standard",
        file="format/statuslist.py",
        old=">> (position & 7) &",
        new=">> 8 - self.bits - (position & 7) &",
        noticed_by="status",
    ),
    Fault(
        breaks="a revocation in an old list does not count",
        file=_DECIDE,
        old="if value == Status.INVALID:",
        new="if value == Status.INVALID and now < content.expires_at:",
    ),
    Fault(
        breaks="a revoked pass is said to be suspended only: wrong value",
        file=_DECIDE,
        old="if value == Status.INVALID:",
        new="if value == Status.SUSPENDED + 2:",
    ),
    Fault(
        breaks="a suspension in an old list is final where the till only wants to be warned",
        file=_DECIDE,
        old="(policy.on_stale is OnStale.REFUSE or value == Status.SUSPENDED)",
        new="policy.on_stale is OnStale.REFUSE",
    ),
    Fault(
        breaks="a stale list is good enough for everybody",
        file=_DECIDE,
        old="if now >= content.expires_at and (",
        new="if now >= content.expires_at and value and (",
    ),
    Fault(
        breaks="a status list counts a second too long",
        file=_DECIDE,
        old="if now >= content.expires_at and (",
        new="if now > content.expires_at and (",
    ),
    Fault(
        breaks="a suspended pass is accepted",
        file=_DECIDE,
        old="        raise Suspended(",
        new="        return content\n        raise Suspended(",
    ),
    Fault(
        breaks="a value that has no meaning yet is valid",
        file=_DECIDE,
        old="if value != Status.VALID:",
        new="if value < Status.VALID:",
    ),
    Fault(
        breaks="a truncated status list is read as far as it goes",
        file="format/statuslist.py",
        old="if not inflater.eof or inflater.unused_data:",
        new="if inflater.unused_data:",
        noticed_by="status",
    ),
    Fault(
        breaks="something may follow the stream of a status list",
        file="format/statuslist.py",
        old="if not inflater.eof or inflater.unused_data:",
        new="if not inflater.eof:",
        noticed_by="status",
    ),
    Fault(
        breaks="a status list inflates without a bound",
        file="format/statuslist.py",
        old="MAX_ENTRIES = 2**25",
        new="MAX_ENTRIES = 2**27",
        noticed_by="status",
    ),
    Fault(
        breaks="claims of a status list that nobody knows are ignored",
        file="format/statuslist.py",
        old="_refuse_unknown(claims, {_SUB, _EXP, _IAT, _STATUS_LIST, _TTL})",
        new="",
        noticed_by="status",
    ),
    Fault(
        breaks="one issuer revokes the passes of another",
        file="verifier/admit.py",
        old="""if owner is issuer]
    _, key = authenticate(unverified.signed, candidates)
    if not key.covers(Use.STATUS""",
        new="""if owner.id]
    _, key = authenticate(unverified.signed, candidates)
    if not key.covers(Use.STATUS""",
        noticed_by="status",
    ),
    Fault(
        breaks="a key for passes signs status lists",
        file="verifier/admit.py",
        old="key.covers(Use.STATUS, content.issued_at)",
        new="key.covers(Use.PASS, content.issued_at) and not key.covers(Use.STATUS, content.issued_at)",
        noticed_by="status",
    ),
    Fault(
        breaks="a list has several URIs, with zeros before its number",
        file="format/trust.py",
        old='(number[0] == "0" and number != "0") or ',
        new="",
        noticed_by="status",
    ),
    # --- Step 10
    Fault(
        breaks="midnight is that of Greenwich",
        file=_DECIDE,
        old="return now.astimezone(zone).date()",
        new="return now.date()",
    ),
    Fault(
        breaks="the first day of an entitlement does not count",
        file="format/claims.py",
        old="self.first <= day)",
        new="self.first < day)",
    ),
    Fault(
        breaks="the last day of an entitlement does not count",
        file="format/claims.py",
        old="day <= self.last)",
        new="day < self.last)",
    ),
    Fault(
        breaks="a pass of which nothing counts today is accepted",
        file=_DECIDE,
        old="    if not counting:\n",
        new="    if not claims.entitlements:\n",
    ),
    Fault(
        breaks="the category that is asked for may be one that no longer counts",
        file=_DECIDE,
        old="policy.category not in [entitlement.category for entitlement in counting]",
        new="policy.category not in [entitlement.category for entitlement in claims.entitlements]",
    ),
    # --- Step 11
    Fault(
        breaks="a copied picture is as good as its holder",
        file=_DECIDE,
        old="        raise HolderProofMissing(",
        new="        return\n        raise HolderProofMissing(",
    ),
    Fault(
        breaks="a proof beside a pass that is bound to nobody is ignored",
        file=_DECIDE,
        old="        if unverified.proof is not None:\n",
        new="        if unverified.proof == b'':\n",
    ),
    Fault(
        breaks="anybody makes the holder's proof",
        file=_DECIDE,
        old="        proof.signed.check(holder_key)\n",
        new="",
    ),
    Fault(
        breaks="a proof for one pass serves another",
        file=_DECIDE,
        old=" or proof.digest != sha256(unverified.token)",
        new="",
    ),
    Fault(
        breaks="a proof may name any key",
        file=_DECIDE,
        old="proof.signed.key_id != holder_key.key_id or ",
        new="",
    ),
    Fault(
        breaks="a proof from the future is fresh for years",
        file=_DECIDE,
        old="if abs(now - proof.issued_at) > LEEWAY:",
        new="if now - proof.issued_at > LEEWAY:",
    ),
    Fault(
        breaks="a proof is fresh for ever",
        file=_DECIDE,
        old="if abs(now - proof.issued_at) > LEEWAY:",
        new="if proof.issued_at - now > LEEWAY:",
    ),
    # --- Warnings
    Fault(
        breaks="a till is not warned of an ageing trust list in its announced second",
        file=_DECIDE,
        old="if now >= trust.list.next_update_at",
        new="if now > trust.list.next_update_at",
    ),
    Fault(
        breaks="a till is not warned of an expired status list",
        file=_DECIDE,
        old="    if now >= status_list.expires_at:\n",
        new="    if now < status_list.issued_at:\n",
    ),
    # --- Trust lists
    Fault(
        breaks="one key too few is enough",
        file="format/trust.py",
        old="if have < root.threshold:",
        new="if have + 1 < root.threshold:",
        noticed_by="trust",
    ),
    Fault(
        breaks="a new root needs no signature of the one before",
        file="format/trust.py",
        old="_check_signers(after.signed, (before.root, after.root))",
        new="_check_signers(after.signed, (after.root,))",
        noticed_by="trust",
    ),
    Fault(
        breaks="a root may skip versions, so that a revoked one comes back",
        file="format/trust.py",
        old="if after.root.version != before.root.version + 1:",
        new="if after.root.version <= before.root.version:",
        noticed_by="trust",
    ),
    Fault(
        breaks="any root is as good as the confirmed one",
        file="format/trust.py",
        old="if anchor not in payloads:",
        new="if not anchor:",
        noticed_by="trust",
    ),
    Fault(
        breaks="anybody signs the trust list",
        file="format/trust.py",
        old="        _check_signers(self.signed_list, (newest,))\n",
        new="",
        noticed_by="trust",
    ),
    Fault(
        breaks="one key speaks for two issuers",
        file="format/issuers.py",
        old="if len(set(raw)) != len(raw):",
        new="if not raw:",
        noticed_by="trust",
    ),
    Fault(
        breaks="two issuers share a status base, and revoke each other's passes",
        file="format/issuers.py",
        old="if len(set(bases)) != len(bases):",
        new="if not bases:",
        noticed_by="trust",
    ),
    Fault(
        breaks="scopes that overlap are read",
        file="format/issuers.py",
        old="if not before < first <= last <= MAX_CATEGORY:",
        new="if not first <= last <= MAX_CATEGORY:",
        noticed_by="trust",
    ),
    # --- The store
    Fault(
        breaks="an older trust list takes the place of a newer one, and stolen keys come back",
        file="verifier/store.py",
        old="if order < at_hand:",
        new="if order == (0, 0):",
        noticed_by=_STORE_TESTS + "test_an_older_bundle_is_rolled_back_and_changes_nothing",
    ),
    Fault(
        breaks="an older status list takes the place of a newer one, and revoked passes come back",
        file="verifier/store.py",
        old="if content.issued_at < have.content.issued_at:",
        new="if content.issued_at == 0:",
        noticed_by=_STORE_TESTS + "test_a_revoked_pass_does_not_come_back_with_an_older_list",
    ),
    Fault(
        breaks="two trust lists of one version are both believed",
        file="verifier/store.py",
        old="if read_file(path, MAX_BUNDLE_BYTES, error=StoreError) != content:",
        new="if read_file(path, MAX_BUNDLE_BYTES, error=StoreError) == b'':",
        noticed_by=_STORE_TESTS + "test_two_lists_of_one_version_are_rolled_back",
    ),
    Fault(
        breaks="a status list that was renamed over another speaks for it",
        file="verifier/store.py",
        old="if path != self._status_path(found.content.uri):",
        new="if found is not None and not found.content.uri:",
        noticed_by=_STORE_TESTS + "test_a_status_list_that_was_renamed_over_another_is_damage",
    ),
    Fault(
        breaks="a list from the future raises the clock floor above a right clock",
        file="verifier/store.py",
        old="if now is not None and issued_at - now > LEEWAY:",
        new="if now is not None and now - issued_at > LEEWAY * 10**6:",
        noticed_by=_STORE_TESTS + "test_what_was_signed_more_than_five_minutes_ahead_of_the_till_is_not_kept",
    ),
    Fault(
        breaks="the clock floor falls",
        file="verifier/store.py",
        old="if floor is None or seen > floor:",
        new="if seen:",
        noticed_by=_STORE_TESTS + "test_the_clock_floor_is_the_newest_iat_that_was_admitted_and_never_falls",
    ),
    Fault(
        breaks="a till that is killed while it writes has half a file",
        file="files.py",
        old="partial.replace(path)",
        new="path.write_bytes(content[:1]); partial.replace(path)",
        noticed_by=_FILES_TESTS + "test_a_program_that_is_killed_in_the_middle_leaves_the_old_file",
    ),
    Fault(
        breaks="a secret key lies open to everybody on the machine",
        file="files.py",
        old="SECRET_MODE = 0o600",
        new="SECRET_MODE = 0o644",
        noticed_by=_FILES_TESTS + "test_a_secret_is_readable_by_its_owner_alone",
    ),
    # --- Catalogues, specs/catalogue.md
    Fault(
        breaks="a catalogue with a claim of a later version is read",
        file="format/catalogue.py",
        old="if key not in _CLAIM_KEYS]",
        new="if key in ()]",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a catalogue that expires when it is issued is read",
        file="format/catalogue.py",
        old="if not self.issued_at < self.expires_at:",
        new="if not self.issued_at <= self.expires_at:",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a catalogue of any size is read",
        file="format/catalogue.py",
        old="    if len(token) > MAX_TOKEN_BYTES:\n        raise Malformed(",
        new="    if len(token) > 2 * MAX_TOKEN_BYTES:\n        raise Malformed(",
        noticed_by="unit/format/test_catalogue.py::test_a_token_of_too_many_bytes_is_not_read",
    ),
    Fault(
        breaks="a catalogue is taken for that of an issuer whose status base its URI only begins with",
        file="format/trust.py",
        old="if issuer.catalogue_uri == uri)",
        new="if uri.startswith(issuer.status_base))",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a key of one issuer signs the catalogue of another",
        file="verifier/admit.py",
        old="""    candidates = [(owner, key) for owner, key in trust.keys_with(unverified.signed.key_id) if owner is issuer]
    _, key = authenticate(unverified.signed, candidates)
    if not key.covers(Use.CATALOGUE""",
        new="""    candidates = trust.keys_with(unverified.signed.key_id)
    _, key = authenticate(unverified.signed, candidates)
    if not key.covers(Use.CATALOGUE""",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a key for status lists signs catalogues",
        file="verifier/admit.py",
        old="key.covers(Use.CATALOGUE, content.issued_at)",
        new="key.covers(Use.STATUS, content.issued_at)",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="measures in any order are read, and two with one id",
        file="format/measures.py",
        old="    if not _ascends([measure.id for measure in measures]):\n        raise Malformed(",
        new="    if False:\n        raise Malformed(",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="an empty note is another spelling of none",
        file="format/names.py",
        old="    if not names:\n        raise Malformed(",
        new="    if False:\n        raise Malformed(",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="no companions have two spellings",
        file="format/measures.py",
        old='"the companions", 1, MAX',
        new='"the companions", 0, MAX',
        noticed_by="catalogue",
    ),
    Fault(
        breaks="free entry with an item too many is read",
        file="format/measures.py",
        old="if len(benefit) != _LENGTHS[kind]:",
        new="if len(benefit) < _LENGTHS[kind]:",
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a kind of benefit of a later version is called malformed",
        file="format/measures.py",
        old='"the kind of a benefit", 1, fields.FIRST_IGNORED_KEY - 1)',
        new='"the kind of a benefit", 1, 5)',
        noticed_by="catalogue",
    ),
    Fault(
        breaks="a discount of 0 % is made",
        file="format/measures.py",
        old="not 1 <= self.percent <= 100",
        new="not 0 <= self.percent <= 100",
        noticed_by="unit/format/test_measures.py::test_a_benefit_cannot_contradict_itself",
    ),
    Fault(
        breaks="a measure counts on the day after its last",
        file="format/measures.py",
        old="day <= self.last)",
        new="day <= self.last + (date(1970, 1, 2) - date(1970, 1, 1)))",
    ),
    Fault(
        breaks="a measure that begins tomorrow counts today",
        file="format/measures.py",
        old="(self.first is None or self.first <= day) and ",
        new="",
    ),
    Fault(
        breaks="a measure opens to anybody",
        file="verifier/grants.py",
        old="            and not categories.isdisjoint(measure.categories)\n",
        new="",
    ),
    Fault(
        breaks="what is granted at one place is granted at all",
        file="verifier/grants.py",
        old="(place is None or place in measure.places)",
        new="True",
    ),
    Fault(
        breaks="a place where nothing is granted is accepted",
        file="verifier/grants.py",
        old="    if not found:\n        raise NoEntitlement(",
        new="    if False:\n        raise NoEntitlement(",
    ),
    Fault(
        breaks="a catalogue counts at the second of its expiry",
        file="verifier/grants.py",
        old="if now >= expires_at and not even_stale:",
        new="if now > expires_at and not even_stale:",
    ),
    Fault(
        breaks="an expired catalogue stops a till that may go on",
        file="verifier/grants.py",
        old=" and not even_stale:",
        new=":",
    ),
    Fault(
        breaks="an expired catalogue counts without a warning",
        file=_DECIDE,
        old="if now >= catalogue.content.expires_at else ()",
        new="if False else ()",
    ),
    Fault(
        breaks="a catalogue that cannot be read makes the pass unreadable",
        file="verifier/grants.py",
        old="    except (Malformed, Unsupported) as error:",
        new="    except ZeroDivisionError as error:",
        noticed_by="unit/verifier/test_grants.py::test_a_catalogue_whose_page_cannot_be_read_is_as_good_as_not_at_hand",
    ),
    Fault(
        breaks="an older catalogue takes the place of a newer one",
        file="verifier/shelf.py",
        old="if content.issued_at < before:",
        new="if False:",
        noticed_by=_SHELF_TESTS + "test_only_a_newer_catalogue_takes_the_place_of_another",
    ),
    Fault(
        breaks="of two catalogues of one second the later one wins",
        file="verifier/shelf.py",
        old="!= token:",
        new="== b'':",
        noticed_by=_SHELF_TESTS + "test_only_a_newer_catalogue_takes_the_place_of_another",
    ),
    Fault(
        breaks="a catalogue whose pages cannot be read takes the place of a good one",
        file="verifier/shelf.py",
        old="        _read_pages(found)\n        content, path",
        new="        content, path",
        noticed_by=_SHELF_TESTS + "test_a_bad_catalogue_never_takes_the_place_of_a_good_one",
    ),
    Fault(
        breaks="a stolen key's catalogue stays in use",
        file="verifier/shelf.py",
        old="        except (UnknownIssuer, KeyCompromised, OutOfScope):\n            return None",
        new="        except (UnknownIssuer, KeyCompromised, OutOfScope):\n            raise",
        noticed_by=_SHELF_TESTS + "test_a_catalogue_that_the_trust_list_no_longer_stands_behind_is_not_at_hand",
    ),
    Fault(
        breaks="a catalogue from the future raises the clock floor",
        file="verifier/store.py",
        old='        _check_not_ahead(f"the catalogue {found.content.uri}", found.content.issued_at, now)\n',
        new="",
        noticed_by=_SHELF_TESTS + "test_a_catalogue_from_the_future_is_refused_as_it_would_raise_the_clock_floor",
    ),
    Fault(
        breaks="a catalogue does not raise the clock floor",
        file="verifier/store.py",
        old="        self._raise_floor(found.content.issued_at)",
        new="        pass",
        noticed_by=_SHELF_TESTS + "test_a_catalogue_raises_the_clock_floor_even_if_it_was_there",
    ),
    Fault(
        breaks="the next catalogue is not later than the last",
        file="issuer/cataloguing.py",
        old="    return max(now, before + timedelta(seconds=1))",
        new="    return now",
        noticed_by="unit/issuer/test_cataloguing.py::test_each_catalogue_is_later_than_the_one_before_even_if_the_clock_is_not",
    ),
    Fault(
        breaks="a wrong catalogue holds a revocation up",
        file="issuer/publishing.py",
        old="""        write_file(site / BUNDLE_NAME, bundle, error=AgencyError)
        catalogue = publish_catalogue(agency, site / "status", passphrase, now=now)""",
        new="""        catalogue = publish_catalogue(agency, site / "status", passphrase, now=now)
        write_file(site / BUNDLE_NAME, bundle, error=AgencyError)""",
        noticed_by="unit/issuer/test_cataloguing.py::test_a_wrong_file_leaves_the_older_catalogue_and_holds_no_revocation_up",
    ),
    Fault(
        breaks="a fault in catalogue.toml has the line of the newest table",
        file="issuer/toml_lines.py",
        old="self._lines.setdefault(path[:end], line)",
        new="self._lines[path[:end]] = line",
        noticed_by="unit/issuer/test_toml_lines.py::test_tables_and_options_of_a_plain_file_are_found",
    ),
    Fault(
        breaks="two measures of one id pass the check of catalogue.toml",
        file="issuer/catalogue_file.py",
        old='            _check_new(entry, "id", measure.id, ids)\n',
        new="",
        noticed_by="unit/issuer/test_catalogue_file.py::test_a_second_entry_of_one_code_number_key_or_id_is_a_fault",
    # --- What an agency imports
    Fault(
        breaks="the state's number of a person stands in the register as a reference",
        file="issuer/cells.py",
        old="_SNILS.fullmatch(text) and _is_snils(text)",
        new="_SNILS.fullmatch(text) and not text",
        noticed_by="unit/issuer/test_rows.py::test_a_number_that_the_state_gave_is_no_reference_and_is_not_shown",
    ),
    Fault(
        breaks="a plain row that contradicts itself is taken",
        file="issuer/rows.py",
        old="wrong = () if apart else",
        new="wrong = () if True else",
        noticed_by="unit/issuer/test_rows.py::test_a_bad_field_is_named_with_its_line_and_column_and_what_would_be_right",
    ),
)
