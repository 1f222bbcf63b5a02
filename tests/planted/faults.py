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
_FILES_TESTS = "unit/test_files.py::"

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
        old=" or digits[-2:] in _SECOND_SPELLINGS",
        new="",
        noticed_by="armor",
    ),
    Fault(
        breaks="zeros in front make further texts of one frame",
        file="format/armor.py",
        old=' or digits[0] == "0"',
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
        old=" or protected != _protected1(key_id, typ)",
        new="",
    ),
    Fault(
        breaks="the unprotected header may be something else than an empty map",
        file="format/cose.py",
        old="if token[at] != _EMPTY_MAP:",
        new="if token[at] not in (_EMPTY_MAP, 0xF6):",
    ),
    Fault(
        breaks="a signature for one purpose serves another: the typ is not asked for",
        file="format/cose.py",
        old="return Signed1(_read_protected1(protected, typ), protected, payload, signature)",
        new="return Signed1(protected[5:13], protected, payload, signature)",
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
        file=_DECIDE,
        old="min(trust.list.expires_at, trust.root.expires_at)",
        new="trust.list.expires_at",
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
        old="if key.state is KeyState.COMPROMISED:",
        new="if key.state is None:",
    ),
    Fault(
        breaks="a retired key refuses all that it ever signed",
        file="verifier/authenticate.py",
        old="if key.state is KeyState.COMPROMISED:",
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
        file="format/claims.py",
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
        file="format/claims.py",
        old="elif count != 3 or first is None:",
        new="elif count != 3:",
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
        breaks="something may follow the claims",
        file="format/claims.py",
        old="if at != len(encoded) or count != _REQUIRED_FIELDS + optional:",
        new="if count != _REQUIRED_FIELDS + optional:",
    ),
    Fault(
        breaks="a pass may say to have more fields than it has",
        file="format/claims.py",
        old="if at != len(encoded) or count != _REQUIRED_FIELDS + optional:",
        new="if at != len(encoded):",
        noticed_by="unit/format/test_claims.py::test_claims_that_are_not_of_the_shape_are_malformed",
    ),
    Fault(
        breaks="something may follow the signature of a token",
        file="format/cose.py",
        old="if end != len(token) or ",
        new="if ",
    ),
    Fault(
        breaks="the holder's key may be one under which anybody signs",
        file="format/claims.py",
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
        old="            if first <= category <= last:\n                return True\n        return False",
        new="            if first <= category <= last:\n                return True\n        return True",
    ),
    Fault(
        breaks="the last category of a scope is left out",
        file="format/issuers.py",
        old="if first <= category <= last:",
        new="if first <= category < last:",
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
        old="max(trust.list.issued_at, clock_floor or trust.list.issued_at)",
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
        old="if owner is issuer",
        new="if owner.id",
        noticed_by="status",
    ),
    Fault(
        breaks="a key for passes signs status lists",
        file="verifier/admit.py",
        old="key.covers(Use.STATUS, issued_at)",
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
)
