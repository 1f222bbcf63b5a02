"""Issuers, their keys and scopes, and the roots above them: the records inside a trust bundle, and their bytes.

It knows nothing of signatures or of bundles (specs/trust.md, section 1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from operator import lt

from socpass_vc.errors import ClaimsError, Malformed
from socpass_vc.format import cbor, characters, fields
from socpass_vc.format.cbor import Value
from socpass_vc.format.keys import AnyPublicKey
from socpass_vc.messages import Message

MAX_VERSION = 2**32 - 1
MAX_ROOT_KEYS = 64
MAX_ISSUERS = 1_000
MAX_LIST_ITEMS = 2**19
"""Items of CBOR per trust list (specs/trust.md, section 1): a thousand issuers with 30 keys each have 480,000.

They become less than 60 MB in memory, whoever made them up: a list is read before its signatures are checked.
"""
MAX_ISSUER_KEYS = 64
MAX_SCOPES = 64
MAX_USES = 16
LAST_USE = 63
MAX_NAMES = 16
MAX_NAME_CHARACTERS = 200
MAX_CATEGORY = 999_999
MAX_URI_CHARACTERS = 255
CATALOGUE_NAME = "catalogue"
"""What follows the status base in the URI of a catalogue; in that of a status list, the list number does."""


_CAPITALS, _SMALL_LETTERS, _DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789"
_ID_CHARACTERS = frozenset(_CAPITALS + _DIGITS + "-")
_LANGUAGE_CHARACTERS = frozenset(_SMALL_LETTERS)
_NO_ZONES = frozenset(("Factory", "localtime", "posixrules"))
_TIME_ZONE_CHARACTERS = frozenset(_CAPITALS + _SMALL_LETTERS + _DIGITS + "/_+-")


class Use(IntEnum):
    """What a key may sign (specs/trust.md, section 1)."""

    PASS = 1
    STATUS = 2
    VOUCHER = 3
    CATALOGUE = 4
    PROGRAMMES = 5
    CHECKPOINTS = 6


class KeyState(IntEnum):
    """What became of a key."""

    ACTIVE = 0
    RETIRED = 1
    COMPROMISED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerKey:
    """A public key of an issuer, what it may sign and when.

    Attributes:
        public_key: the key; of an algorithm that is not known, it is kept, and nothing verifies under it.
        uses: ascending; numbers that :class:`Use` does not name mean nothing yet.
        sign_from: the first second whose iat the key covers.
        sign_until: the first second whose iat it no longer covers.
        state: active and retired verify alike; compromised refuses all that it ever signed.
    """

    public_key: AnyPublicKey
    uses: tuple[int, ...]
    sign_from: datetime
    sign_until: datetime
    state: KeyState = KeyState.ACTIVE

    def __post_init__(self) -> None:
        if not 1 <= len(self.uses) <= MAX_USES or not _ascends(self.uses) or not 1 <= self.uses[0] <= self.uses[-1] <= LAST_USE:
            raise ClaimsError("key_uses", uses=list(self.uses), highest=LAST_USE)
        if self.sign_from >= self.sign_until:
            raise ClaimsError("key_window", sign_from=self.sign_from, sign_until=self.sign_until)

    def covers(self, use: Use, issued_at: datetime) -> bool:
        """Tell whether the key may have signed for *use* at *issued_at*."""
        return use in self.uses and self.sign_from <= issued_at < self.sign_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An agency: its names, keys, and the categories it may speak of.

    Attributes:
        id: 1 to 32 of A-Z, 0-9 and "-", such as RU-MOS.
        names: language to name.
        time_zone: IANA name; days of its passes are civil days there.
        keys: ascending by public key with its type, as encoded.
        scopes: first and last category, both included, ascending and apart.
        status_base: URI to which a list number is appended; ends with "/".
        documents_url: where its documents are, or None.
    """

    id: str
    names: Mapping[str, str]
    time_zone: str
    keys: tuple[IssuerKey, ...]
    scopes: tuple[tuple[int, int], ...]
    status_base: str
    documents_url: str | None = None

    def __post_init__(self) -> None:
        if not _is_of(_ID_CHARACTERS, self.id, 1, 32):
            raise ClaimsError("issuer_id", id=self.id)
        if not 1 <= len(self.names) <= MAX_NAMES or not all(_is_of(_LANGUAGE_CHARACTERS, name, 2, 3) for name in self.names):
            raise ClaimsError("issuer_names", id=self.id, most=MAX_NAMES)
        for name in self.names.values():
            try:
                characters.check_name(name, MAX_NAME_CHARACTERS)
            except fields.FieldError as error:
                raise error.as_kind(ClaimsError).at(Message("field.name_of_issuer", id=self.id)) from error
        if not _is_of(_TIME_ZONE_CHARACTERS, self.time_zone, 1, 64):
            raise ClaimsError("issuer_time_zone", time_zone=self.time_zone, id=self.id)
        if not 1 <= len(self.keys) <= MAX_ISSUER_KEYS or not _ascends([key.public_key.encoded for key in self.keys]):
            raise ClaimsError("issuer_keys", id=self.id, most=MAX_ISSUER_KEYS)
        _check_scopes(self.id, self.scopes)
        if not _is_uri(self.status_base, ("https://", "http://")) or self.status_base[-1] != "/":
            raise ClaimsError("issuer_status_base", status_base=self.status_base, id=self.id)
        url = self.documents_url
        if url is not None and not _is_uri(url, ("https://",)):
            raise ClaimsError("issuer_documents_url", url=url, id=self.id)

    def may_grant(self, category: int) -> bool:
        """Tell whether *category* lies in the issuer's scope."""
        for first, last in self.scopes:
            if category <= last:  # they ascend, so that no later one can hold it
                return first <= category
        return False

    def status_uri(self, list_number: int) -> str:
        """Return the URI of one of its status lists."""
        return f"{self.status_base}{list_number}"

    @property
    def catalogue_uri(self) -> str:
        """The URI of its catalogue (specs/catalogue.md, section 1)."""
        return f"{self.status_base}{CATALOGUE_NAME}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """Which issuers exist; what the roots sign.

    Attributes:
        version: 1 to 2^32 - 1, higher with each list.
        issued_at: whole second, UTC.
        next_update_at: from it on, tills warn.
        expires_at: from it on, tills do not decide.
        issuers: 1 to 1,000, ascending by id.
    """

    version: int
    issued_at: datetime
    next_update_at: datetime
    expires_at: datetime
    issuers: tuple[Issuer, ...]

    def __post_init__(self) -> None:
        _check_version("field.trust_list_version", self.version)
        if not self.issued_at <= self.next_update_at <= self.expires_at or self.issued_at == self.expires_at:
            raise ClaimsError("trust_list_times")
        if not 1 <= len(self.issuers) <= MAX_ISSUERS or not _ascends([issuer.id for issuer in self.issuers]):
            raise ClaimsError("trust_list_issuers", most=MAX_ISSUERS)
        bases = [issuer.status_base for issuer in self.issuers]
        if len(set(bases)) != len(bases):
            raise ClaimsError("trust_list_status_bases")
        raw = [key.public_key.encoded for issuer in self.issuers for key in issuer.keys]
        if len(set(raw)) != len(raw):
            raise ClaimsError("trust_list_public_keys")

    def encode(self) -> bytes:
        """Return the deterministic CBOR of the list.

        Raises:
            ClaimsError: a time is not a whole second, or all issuers together have too many keys, scopes and names.
        """
        issued, update, expires = map(_to_seconds, (self.issued_at, self.next_update_at, self.expires_at))
        encoded = cbor.encode(
            {1: self.version, 2: issued, 3: update, 4: expires, 5: [encode_issuer(issuer) for issuer in self.issuers]}
        )
        try:
            cbor.check_items(encoded, MAX_LIST_ITEMS)
        except Malformed as error:
            raise error.as_kind(ClaimsError) from error
        return encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The keys above the list, and how many of them must sign.

    Attributes:
        version: 1 to 2^32 - 1; each root follows the one before.
        expires_at: from it on, nothing under this root is believed.
        threshold: how many distinct keys of one algorithm must sign.
        keys: 1 to 64, ascending with their types, as encoded.
    """

    version: int
    expires_at: datetime
    threshold: int
    keys: tuple[AnyPublicKey, ...]

    def __post_init__(self) -> None:
        _check_version("field.root_version", self.version)
        if not 1 <= len(self.keys) <= MAX_ROOT_KEYS or not _ascends([key.encoded for key in self.keys]):
            raise ClaimsError("root_keys", most=MAX_ROOT_KEYS)
        most = max(Counter(key.algorithm for key in self.keys).values())
        if not 1 <= self.threshold <= most:
            raise ClaimsError("root_threshold", threshold=self.threshold, keys=most)

    @property
    def quorums(self) -> dict[int, tuple[AnyPublicKey, ...]]:
        """The keys of each algorithm that has as many as the threshold: of each of them, so many must sign; at least one."""
        counted = Counter(key.algorithm for key in self.keys)
        enough = [algorithm for algorithm, count in counted.items() if count >= self.threshold]
        return {algorithm: tuple(key for key in self.keys if key.algorithm == algorithm) for algorithm in enough}

    def encode(self) -> bytes:
        """Return the deterministic CBOR of the root.

        Raises:
            ClaimsError: its expiry is not a whole second.
        """
        keys: list[Value] = [[key.algorithm, key.raw] for key in self.keys]
        return cbor.encode({1: self.version, 2: _to_seconds(self.expires_at), 3: self.threshold, 4: keys})


def encode_issuer(issuer: Issuer) -> Value:
    """Return the map of one issuer, to be encoded in a list, or alone in a request to a root."""
    entry: dict[int | str, Value] = {
        1: issuer.id,
        2: {language: name for language, name in issuer.names.items()},  # noqa: C416 -- dict() keeps too narrow a type
        3: issuer.time_zone,
        4: [_encode_key(key) for key in issuer.keys],
        5: [list(scope) for scope in issuer.scopes],
        6: issuer.status_base,
    }
    if issuer.documents_url is not None:
        entry[7] = issuer.documents_url
    return entry


def _encode_key(key: IssuerKey) -> Value:
    return {
        1: [key.public_key.algorithm, key.public_key.raw],
        2: list(key.uses),
        3: _to_seconds(key.sign_from),
        4: _to_seconds(key.sign_until),
        5: int(key.state),
    }


def _to_seconds(moment: datetime) -> int:
    try:
        return fields.to_seconds(moment)
    except fields.FieldError as error:
        raise error.as_kind(ClaimsError) from error


def _check_version(field: str, version: int) -> None:
    if not 1 <= version <= MAX_VERSION:
        raise ClaimsError("number_out_of_range", given=version, lowest=1, highest=MAX_VERSION).at(Message(field))


def _check_scopes(issuer_id: str, scopes: tuple[tuple[int, int], ...]) -> None:
    before = 0
    for first, last in scopes:
        if not before < first <= last <= MAX_CATEGORY:
            raise ClaimsError("issuer_scopes", id=issuer_id)
        before = last
    if not 1 <= len(scopes) <= MAX_SCOPES:
        raise ClaimsError("issuer_scope_count", id=issuer_id, count=len(scopes), most=MAX_SCOPES)


def is_zone_name(name: str) -> bool:
    """Tell whether *name* may be one of the IANA data base: files beside its zones are none, and each machine has its own."""
    return name not in _NO_ZONES and not name.startswith(("posix/", "right/"))


def _is_of(characters: frozenset[str], text: str, shortest: int, longest: int) -> bool:
    return shortest <= len(text) <= longest and characters.issuperset(text)


def _is_uri(text: str, schemes: tuple[str, ...]) -> bool:
    """Tell whether *text* is printable ASCII without spaces, and something follows its scheme."""
    plain = text.isascii() and text.isprintable() and " " not in text
    return plain and len(text) <= MAX_URI_CHARACTERS and text.startswith(schemes) and not text.endswith("://")


def _ascends(values: tuple[int, ...] | list[bytes] | list[str]) -> bool:
    return all(map(lt, values, values[1:]))  # no call per pair: a federation has a thousand keys
