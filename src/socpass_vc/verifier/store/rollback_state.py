"""What a till has seen, below which it never goes again: roots, trust lists, status lists, catalogues and the clock.

The rules are those of specs/trust.md, section 3. Pure: records, their bytes, and what breaks a rule. They are kept apart from
the files that they speak of, so that a file that is lost, or removed because it is damaged, does not let an older one in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import Contradicted, Malformed, RolledBack, UntrustedRoot
from socpass_vc.format import cbor, fields
from socpass_vc.format.status.list_change import DIGEST_BYTES, ListChange, digest, widened
from socpass_vc.format.status.status_delta import StatusDelta
from socpass_vc.format.status.status_list import BITS, StatusList
from socpass_vc.format.trust.bundle import Trust, UnverifiedBundle
from socpass_vc.format.trust.issuers import MAX_VERSION, KeyState
from socpass_vc.messages import Message, Speaker

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.signed_catalogue import Catalogue

MAX_SOURCE_BYTES = 1_024
"""So much of a source's name is kept, for people who ask later where a file came from."""
MAX_FLOORS_BYTES = 4 * 2**20
"""Ninety regions with 18 lists of a million passes and a catalogue each are 1,710 files of 250 bytes, under two keys 850 kB.

Whoever signs more has its oldest notes folded (:meth:`RollbackState.within`), and nobody else.
"""
MAX_FILES = 50_000
"""So many of them are kept as they were written last."""

_FOLDED = bytes(32)
"""In place of a digest: that of no file that anybody could make."""
_KEPT_SHARE = 7, 8
"""Of the bytes, once they are too many: so that not every further file has notes folded."""
_LEAST_BYTES_PER_ITEM = 12
"""A file that was seen has 7 items, and a key and a digest of 34 bytes each among them."""
_NAME = "socpass-floors-2"
_ARRAY = 0x80
"""The major type of an array (RFC 8949, section 3.1)."""
EARLIER_BEGINNING = cbor.head(_ARRAY, 3) + cbor.encode("socpass-floors")
"""How the file began while its digests of lists were over 16 bytes: what they settle they settle no longer."""
_CONTRADICTIONS = {
    "root": "contradicted.roots",
    "trust list": "contradicted.trust_lists",
    "status list": "contradicted.status_lists",
    "catalogue": "contradicted.catalogues",
}
"""The reason of a contradiction by what it is between, as ``alarm.json`` names it."""


class SeenFile(NamedTuple):
    """One file as it was accepted, or is offered.

    Attributes:
        issued_at: its iat.
        digest: SHA-256 of what it says (specs/trust.md, section 3).
        taken_at: when this till took it, or None where that is not known.
        source: the name of where it came from, for people; may be empty.
    """

    issued_at: datetime
    digest: bytes
    taken_at: datetime | None = None
    source: str = ""

    def said_by(self, speaker: Speaker, /) -> str:
        """Return what tells the file from another that calls itself by the same name."""
        return speaker.say("seen_file", issued_at=self.issued_at, sha256=self.digest.hex())


class SeenTrust(NamedTuple):
    """The newest trust list.

    Attributes:
        root_version: of the newest root.
        root_digest: SHA-256 of its payload, the fingerprint.
        list_version: of the list.
        seen: the list; its digest is that of its payload, its iat the newest under this root.
    """

    root_version: int
    root_digest: bytes
    list_version: int
    seen: SeenFile

    @property
    def order(self) -> tuple[int, int]:
        """What must never fall: the root's version, and under one root the list's."""
        return self.root_version, self.list_version


@dataclass(frozen=True, slots=True, kw_only=True)
class RollbackState:
    """All of it.

    Attributes:
        trust: the newest trust list, or None before the first.
        files: by URI and public key, the newest status list or catalogue that this key signed; by status base and public key, how
            new the newest was of those that are not noted one by one any more.
    """

    trust: SeenTrust | None = None
    files: Mapping[tuple[str, bytes], SeenFile] = field(default_factory=lambda: MappingProxyType({}))

    def check_trust(self, bundle: UnverifiedBundle, offered: SeenTrust) -> None:
        """Return if a checked *bundle* is the newest one or newer.

        Args:
            bundle: whose chain of roots must hold the newest root that was seen.
            offered: what it says, by :func:`seen_trust`.

        Raises:
            RolledBack: its root, or under the same root its list, is older.
            UntrustedRoot: its chain begins behind the newest root that was seen, and does not show that it follows.
            Contradicted: its root or its list has the version of one that was seen, and says something else.
        """
        have = self.trust
        if have is None:
            return
        if offered.root_version < have.root_version:
            raise RolledBack("root_older_than_seen", version=offered.root_version, seen_version=have.root_version)
        same = next((signed for signed in bundle.roots if signed.root.version == have.root_version), None)
        if same is None:  # a chain leaves none out, so it begins later: for a till whose root was confirmed anew
            raise UntrustedRoot("chain_without_seen_root", version=have.root_version)
        if sha256(same.signed.payload) != have.root_digest:
            other = offered.seen._replace(digest=sha256(same.signed.payload))
            name = Message("name_of.root", version=have.root_version)
            raise _contradicted("root", name, have.seen._replace(digest=have.root_digest), other)
        if offered.root_version > have.root_version:
            return
        name = Message("name_of.trust_list", version=have.list_version, root_version=have.root_version)
        if offered.list_version < have.list_version:
            raise RolledBack("trust_list_older_than_seen", version=offered.list_version, seen=name)
        if offered.list_version == have.list_version and offered.seen.digest != have.seen.digest:
            raise _contradicted("trust list", name, have.seen, offered.seen)

    def check_file(
        self, what: str, uri: str, offered: SeenFile, trust: Trust, *, at_hand: tuple[datetime, bytes] | None = None
    ) -> None:
        """Return if a status list or a catalogue is the newest one or newer.

        Args:
            what: "status list" or "catalogue".
            uri: whose versions are compared.
            offered: what it says.
            trust: the trust list of now: what a key signed that is compromised sets no floor, for a thief chooses the iat.
            at_hand: iat and digest of the file that the till has: where its note was folded, it may be offered again.

        Raises:
            RolledBack: it is older.
            Contradicted: it is as old, and says something else.
        """
        have = self._newest(uri, trust)
        if have is None or offered.issued_at > have.issued_at:
            return
        if have.digest == _FOLDED and (offered.issued_at == have.issued_at or (offered.issued_at, offered.digest) == at_hand):
            return
        if offered.issued_at < have.issued_at:
            raise RolledBack("file_older_than_seen", uri=uri, issued_at=offered.issued_at, newest_at=have.issued_at).at(uri)
        if offered.digest != have.digest:
            raise _contradicted(what, uri, have, offered)

    def check_delta(self, delta: StatusDelta, entry: ListChange, trust: Trust, *, taken_at: datetime | None, source: str) -> None:
        """Return if a delta does not contradict what was seen of one of its lists; a list that is newer is none of its business.

        Raises:
            Contradicted: the list is as old as the newest that was seen, and says something else.
        """
        uri = delta.uri(entry.number)
        if self.newest(uri, trust) == delta.issued_at:
            self.check_file("status list", uri, SeenFile(delta.issued_at, delta_digest(delta, entry), taken_at, source), trust)

    def newest(self, uri: str, trust: Trust) -> datetime | None:
        """Return the iat of the newest file with this URI that *trust* lets count, or None."""
        have = self._newest(uri, trust)
        return None if have is None else have.issued_at

    def _newest(self, uri: str, trust: Trust) -> SeenFile | None:
        stolen, base = _stolen(trust), _base(uri)
        seen = [seen for (of, key), seen in self.files.items() if of == uri and key not in stolen]
        seen += [
            seen for (of, key), seen in self.files.items() if of == base and key not in stolen and (uri, key) not in self.files
        ]
        return max(seen, key=lambda each: each.issued_at, default=None)

    def clock(self, trust: Trust) -> datetime:
        """Return the newest iat that *trust* lets count: the clock floor."""
        stolen = _stolen(trust)
        listed = trust.list.issued_at if self.trust is None else max(trust.list.issued_at, self.trust.seen.issued_at)
        return max([listed, *(seen.issued_at for (_, key), seen in self.files.items() if key not in stolen)])

    def with_trust(self, offered: SeenTrust) -> RollbackState:
        """Return the floors once this trust list was accepted; under one root its iat never falls."""
        have = self.trust
        if have is not None and offered.order <= have.order:
            return self
        if have is not None and have.root_version == offered.root_version:
            newest = max(have.seen.issued_at, offered.seen.issued_at)
            offered = offered._replace(seen=offered.seen._replace(issued_at=newest))
        return replace(self, trust=offered)

    def with_file(self, uri: str, key: bytes, offered: SeenFile) -> RollbackState:
        """Return the floors once this file, signed by this public key, was accepted."""
        have, folded = self.files.get((uri, key)), self.files.get((_base(uri), key))
        if have is not None and have.issued_at >= offered.issued_at:
            return self
        if have is None and folded is not None and folded.issued_at > offered.issued_at:  # or a note would sink below it
            return self
        return replace(self, files=MappingProxyType({**self.files, (uri, key): offered}))

    def under(self, trust: Trust) -> RollbackState:
        """Return the floors with the notes folded of keys that *trust* marks as compromised, and of issuers that it leaves out.

        The notes of files under one status base, signed by one key, fold to one: how new the newest of them was. It stands for
        each of them, so no floor falls, whatever trust list comes. A file that is older than it, though newer than its own note
        was, is refused until it is signed anew.
        """
        stolen, bases = _stolen(trust), {issuer.status_base for issuer in trust.list.issuers}
        return self._folded([(uri, key) for uri, key in self.files if key in stolen or _base(uri) not in bases])

    def within(self, most: int) -> RollbackState:
        """Return the floors with so many notes folded, as in :meth:`under`, that *most* bytes hold them, if that is enough.

        Folded are the oldest notes under the status base that has most bytes, and so on: an issuer that signs lists without end
        has its own notes folded, and one with less than its share of the bytes never has.
        """
        excess = len(self.encode()) - most
        if excess <= 0:
            return self
        share, whole = _KEPT_SHARE
        excess += most - most * share // whole
        by_base: dict[str, list[tuple[str, bytes]]] = {}
        for uri, key in sorted(self.files, key=lambda note: self.files[note].issued_at, reverse=True):
            if uri != _base(uri):
                by_base.setdefault(_base(uri), []).append((uri, key))
        sizes = {base: sum(map(self._size, notes)) for base, notes in by_base.items()}
        old: list[tuple[str, bytes]] = []
        while excess > 0 and any(sizes.values()):
            base = max(sizes, key=lambda base: (sizes[base], base))
            old.append(by_base[base].pop())
            sizes[base] -= self._size(old[-1])
            excess -= self._size(old[-1])
        return self._folded(old)

    def _size(self, note: tuple[str, bytes]) -> int:
        return len(_encode_file(*note, self.files[note]))

    def _folded(self, notes: list[tuple[str, bytes]]) -> RollbackState:
        """Return the floors with each of these *notes* folded into that of its base and key."""
        files = dict(self.files)
        for uri, key in notes:
            into, seen = (_base(uri), key), files.pop((uri, key))
            newest = max(seen.issued_at, files[into].issued_at) if into in files else seen.issued_at
            files[into] = SeenFile(newest, _FOLDED)
        return replace(self, files=MappingProxyType(files))

    def encode(self) -> bytes:
        """Return the bytes of the file."""
        trust = self.trust
        first = [] if trust is None else [trust.root_version, trust.root_digest, trust.list_version, *_encode_seen(trust.seen)]
        files = [_encode_file(uri, key, seen) for (uri, key), seen in sorted(self.files.items())]
        return b"".join([cbor.head(_ARRAY, 3), cbor.encode(_NAME), cbor.encode(first), cbor.head(_ARRAY, len(files)), *files])


def read_floors(encoded: bytes) -> RollbackState:
    """Return the floors that a file holds.

    Raises:
        Malformed: it is damaged.
    """
    match cbor.decode(encoded, items=MAX_FLOORS_BYTES // _LEAST_BYTES_PER_ITEM):
        case [str(name), list(first), list(rest)] if name == _NAME:
            return RollbackState(trust=_read_trust(first) if first else None, files=MappingProxyType(dict(map(_read_file, rest))))
        case _:
            raise Malformed("seen.shape")


def seen_trust(bundle: UnverifiedBundle, *, taken_at: datetime | None = None, source: str = "") -> SeenTrust:
    """Return what the newest root and the list of a checked *bundle* say."""
    newest = bundle.roots[-1]
    seen = SeenFile(bundle.list.issued_at, sha256(bundle.signed_list.payload), taken_at, source)
    return SeenTrust(newest.root.version, sha256(newest.signed.payload), bundle.list.version, seen)


def status_digest(content: StatusList) -> bytes:
    """Return SHA-256 of what a status list says: until when, and its entries, whatever their width."""
    wide = widened(content)
    bits, raw = (content.bits, content.raw) if wide is None else (BITS, wide)
    return _digest(content.uri, content.expires_at, int(content.ttl.total_seconds()), bits, len(content), digest(raw))


def delta_digest(delta: StatusDelta, entry: ListChange) -> bytes:
    """Return the :func:`status_digest` of the list that *delta*, opened, makes, without making it."""
    ttl = int(delta.ttl.total_seconds())
    return _digest(delta.uri(entry.number), delta.expires_at, ttl, BITS, entry.entries, entry.digest)


def catalogue_digest(content: Catalogue) -> bytes:
    """Return SHA-256 of what a catalogue says."""
    said: list[cbor.Value] = [content.uri, fields.to_seconds(content.expires_at), content.names_page, content.measures_page]
    return sha256(cbor.encode(said))


def _digest(uri: str, expires_at: datetime, ttl: int, bits: int, entries: int, of_entries: bytes | None) -> bytes:
    said: list[cbor.Value] = [uri, fields.to_seconds(expires_at), ttl, bits, entries, of_entries]
    return sha256(cbor.encode(said))


def _base(uri: str) -> str:
    """Return the status base of a list's or a catalogue's URI, or of itself."""
    return uri[: uri.rfind("/") + 1]


def _stolen(trust: Trust) -> set[bytes]:
    keys = [key for issuer in trust.list.issuers for key in issuer.keys]
    return {key.public_key.raw for key in keys if key.state is KeyState.COMPROMISED}


def _contradicted(what: str, name: Message | str, have: SeenFile, offered: SeenFile) -> Contradicted:
    return Contradicted(_CONTRADICTIONS[what], what=what, name=name, have=have, offered=offered)


@lru_cache(maxsize=MAX_FILES)  # each file that a sync takes writes all of them down again, and but for one they are as before
def _encode_file(uri: str, key: bytes, seen: SeenFile) -> bytes:
    return cbor.encode([uri, key, *_encode_seen(seen)])


def _encode_seen(seen: SeenFile) -> list[cbor.Value]:
    taken = 0 if seen.taken_at is None else fields.to_seconds(seen.taken_at.replace(microsecond=0))
    source = seen.source.encode(errors="replace")[:MAX_SOURCE_BYTES].decode(errors="ignore").encode()  # no half of a letter
    return [fields.to_seconds(seen.issued_at), seen.digest, taken, source]


def _read_seen(values: list[cbor.Value]) -> SeenFile:
    match values:
        case [issued, digest, int(taken), bytes(source)]:
            return SeenFile(
                fields.read_seconds(issued, "field.seen_iat"),
                _read_digest(digest),
                fields.read_seconds(taken, "field.seen_taken") if taken else None,
                source.decode(errors="replace"),
            )
        case _:
            raise Malformed("seen.file")


def _read_trust(first: list[cbor.Value]) -> SeenTrust:
    match first:
        case [root, fingerprint, version, *seen]:
            return SeenTrust(
                fields.read_uint(root, "field.root_version", 1, MAX_VERSION),
                _read_digest(fingerprint),
                fields.read_uint(version, "field.trust_list_version", 1, MAX_VERSION),
                _read_seen(seen),
            )
        case _:
            raise Malformed("seen.trust_list")


def _read_file(entry: cbor.Value) -> tuple[tuple[str, bytes], SeenFile]:
    match entry:
        case [str(uri), bytes(key), *seen]:
            return (uri, key), _read_seen(seen)
        case _:
            raise Malformed("seen.file")


def _read_digest(value: cbor.Value) -> bytes:
    return fields.read_bytes(value, "field.digest", DIGEST_BYTES, DIGEST_BYTES)
