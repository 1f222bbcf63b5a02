"""What a pass drafted today would say of a person, whether one is due, and what is signed: rules alone, without a database.

It knows records, the agency's rules and a time. Where records come from and where passes are stored is up to its callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum, auto
from functools import lru_cache, partial
from hashlib import sha256
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

from socpass_vc.errors import ClaimsError
from socpass_vc.format.armor import MAX_TOKEN_BYTES
from socpass_vc.format.cose import sign1
from socpass_vc.format.credential import claims_writer
from socpass_vc.format.credential.claims import Entitlement, StatusReference, check_categories, check_document, check_holder
from socpass_vc.format.credential.claims_writer import EncodedClaims
from socpass_vc.format.fields import FieldError
from socpass_vc.format.keys import Signer
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.config.agency_toml import AgencySettings, DocumentNumbers
from socpass_vc.issuer.register.person import GrantedEntitlement, IssuedPass, LatestPass, NotIssued, Resident, mask_number

RENEW_WITHIN = timedelta(days=30)
"""How long before its end a pass is due again, by default."""
SUPERSEDED = "superseded"
"""The reason stored with a pass that a newer one with other content replaced, or whose last entitlement has ended."""

_ENVELOPE_BYTES = 96  # COSE around the claims, and a status reference longer than the draft's
_DIGITS_PER_BYTE = 2.409  # log10(256)
_CODE_CHARACTERS = 5_500  # digits of a QR code of version 40 and level M: 5,596, less what another prefix costs
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Stand-ins for times and status reference in the digest of a content.
_NO_TIMES = claims_writer.encode_times(issued_at=0, expires_at=86_400)
_NO_STATUS = claims_writer.encode_reference(0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PassRules:
    """What an agency decides once about its passes.

    Attributes:
        time_zone: IANA name; days are counted there.
        pass_validity: how long a pass is good for at most.
        renew_within: how long before its end a pass is due again.
        document_numbers: how much of them goes into a pass.
        prefix: what stands before the digits in a QR code.
    """

    time_zone: str
    pass_validity: timedelta
    renew_within: timedelta
    document_numbers: DocumentNumbers
    prefix: str

    @classmethod
    def of(cls, settings: AgencySettings, *, renew_within: timedelta = RENEW_WITHIN) -> PassRules:
        """Return those of an agency.toml."""
        return cls(
            time_zone=settings.time_zone,
            pass_validity=settings.pass_validity,
            renew_within=renew_within,
            document_numbers=settings.document_numbers,
            prefix=settings.prefix,
        )


class PassAction(Enum):
    """What to do about a person's pass."""

    NOTHING = auto()
    NEW = auto()
    """There is none."""
    CHANGED = auto()
    """It differs from the register."""
    RENEWED = auto()
    """It is about to end, and a new one would last longer."""
    ENDING = auto()
    """It is about to end, and a new one would not last longer: the last entitlement ends."""
    ENDED = auto()
    """The last entitlement has ended."""


class PassDraft(NamedTuple):
    """What a pass of today would say.

    Attributes:
        content: complete except for times and status reference; None if no entitlement is left.
        digest: of the content, without times and status reference.
        categories: of its entitlements.
        expires_at: when it would end.
        ends_at: likewise, in seconds since 1970.
        look_at: when the content will change by itself, because an entitlement ends: seconds since 1970; None for never.
    """

    content: EncodedClaims | None
    digest: bytes
    categories: tuple[int, ...]
    expires_at: datetime
    ends_at: int
    look_at: int | None


class PassPolicy:
    """The rules at a given time, by which passes are drafted and signed.

    Args:
        rules: the agency's.
        now: aware; fractions of a second are dropped.
    """

    def __init__(self, rules: PassRules, now: datetime) -> None:
        self.rules = rules
        self.now = now.replace(microsecond=0)
        self.seconds = int(self.now.timestamp())
        self._zone = ZoneInfo(rules.time_zone)
        self._today = self.now.astimezone(self._zone).date()
        self._usual_end = self.now + rules.pass_validity
        self._usual_seconds = int(self._usual_end.timestamp())
        self._renewed_until = int((self.now + rules.renew_within).timestamp())
        self._numbers = rules.document_numbers
        # What does not fit one code is refused before an index is spent on it.
        in_a_code = ceil((_CODE_CHARACTERS - len(rules.prefix)) / _DIGITS_PER_BYTE) - 1
        self._longest = min(MAX_TOKEN_BYTES, in_a_code) - _ENVELOPE_BYTES
        self._midnight_after = lru_cache(maxsize=4096)(self._midnight_after_uncached)
        self._times = lru_cache(maxsize=4096)(partial(_encode_times, self.seconds))

    def draft(self, person: Resident) -> PassDraft:
        """Return what a pass of today would say.

        Raises:
            ClaimsError: a pass cannot say it, or one code cannot hold it.
        """
        _, name, granted, born_on, born_in, name_latin, _ = person
        today = self._today
        granted = [row for row in granted if row.last_day is None or row.last_day >= today]
        if not granted:
            return _NO_DRAFT
        categories = tuple([row.category for row in granted])
        check_holder(name, name_latin, born_on, born_in)
        check_categories(categories)
        try:
            content = claims_writer.encode_content(
                name=name,
                entitlements=[_entitlement(row, self._numbers) for row in granted],
                born_on=born_on,
                born_in=born_in,
                latin_name=name_latin,
            )
        except FieldError as error:
            raise error.as_kind(ClaimsError) from error
        encoded = content.join(_NO_TIMES, _NO_STATUS)
        if len(encoded) > self._longest:
            raise ClaimsError("pass_too_large", size=len(encoded) + _ENVELOPE_BYTES)
        expires_at, ends_at, look_at = self._until(granted)
        return PassDraft(content, sha256(encoded).digest(), categories, expires_at, ends_at, look_at)

    def _until(self, granted: Sequence[GrantedEntitlement]) -> tuple[datetime, int, int | None]:
        """Return when a pass ends, as a time and in seconds, and when its content will change, in seconds."""
        last_days = [row.last_day for row in granted if row.last_day is not None]
        if not last_days:
            return self._usual_end, self._usual_seconds, None
        changes = self._midnight_after(min(last_days))
        look_at = None if changes is None else changes[1]
        if len(last_days) == len(granted):
            ends = self._midnight_after(max(last_days))
            if ends is not None and ends[1] < self._usual_seconds:
                return *ends, look_at
        return self._usual_end, self._usual_seconds, look_at

    def judge(self, held: LatestPass | None, draft: PassDraft, *, named: bool = False) -> PassAction:  # noqa: PLR0911 -- one return per rule
        """Return what to do about the pass at hand.

        Args:
            held: the newest pass.
            draft: of a new one.
            named: whether this person was asked for by reference, and gets a new pass, due or not.
        """
        if draft.content is None:
            return PassAction.NOTHING if held is None else PassAction.ENDED
        if held is None or (held.status == Status.INVALID and held.reason == SUPERSEDED):
            return PassAction.NEW
        if named:
            return PassAction.CHANGED if held.content != draft.digest or held.status == Status.SUSPENDED else PassAction.NEW
        if held.status != Status.VALID:
            return PassAction.NOTHING
        if held.content != draft.digest:
            return PassAction.CHANGED
        if held.expires_at > self._renewed_until:
            return PassAction.NOTHING
        if draft.ends_at > held.expires_at:
            return PassAction.RENEWED
        return PassAction.ENDING if draft.ends_at < self._usual_seconds else PassAction.NOTHING

    def sign(self, ref: str, draft: PassDraft, status: StatusReference, signer: Signer) -> IssuedPass:
        """Return the signed pass.

        Args:
            ref: whose it is.
            draft: with content.
            status: its status reference; nobody else's.
            signer: the agency's key for passes.
        """
        assert draft.content is not None  # noqa: S101 -- judge() gives ENDED or NOTHING otherwise
        payload = draft.content.join(self._times(draft.ends_at), claims_writer.encode_reference(status.list_number, status.index))
        return IssuedPass(ref, status, self.now, draft.expires_at, sign1(payload, signer), self.rules.prefix)

    def _midnight_after_uncached(self, day: date) -> tuple[datetime, int] | None:
        """Return the end of a civil day, in UTC and in seconds since 1970; None for the last day of the calendar."""
        try:
            end = datetime.combine(day + timedelta(days=1), datetime.min.time(), self._zone).astimezone(UTC)
        except OverflowError:
            return None
        return end, int(end.timestamp())


_NO_DRAFT = PassDraft(None, b"", (), _EPOCH, 0, None)


def issue_batch(
    people: Iterable[Resident], *, rules: PassRules, signer: Signer, references: Iterable[StatusReference], now: datetime
) -> Iterator[IssuedPass | NotIssued]:
    """Sign a pass for each of *people* for whom one is due, for callers that store passes elsewhere than in a register.

    Nothing is read or written: the same arguments give the same passes, and batches may be signed in parallel.

    Args:
        people: as they are now, with the newest pass that each was given.
        rules: the agency's.
        signer: its key for passes.
        references: one for each person, or more; nobody else's: blocks of :func:`.index_allocation.reserve`.
        now: the time, aware; fractions of a second are dropped.

    Raises:
        ClaimsError: there are fewer references than passes.
    """
    policy = PassPolicy(rules, now)
    left = iter(references)
    for person in people:
        try:
            draft = policy.draft(person)
        except ClaimsError as error:
            yield NotIssued(ref=person.ref, why=error)
            continue
        if policy.judge(person.held, draft) in SIGNED:
            status = next(left, None)
            if status is None:
                raise ClaimsError("no_index_left", ref=person.ref)
            yield policy.sign(person.ref, draft, status, signer)


SIGNED = frozenset({PassAction.NEW, PassAction.CHANGED, PassAction.RENEWED})
"""The actions that lead to a new pass."""


def _encode_times(issued_at: int, expires_at: int) -> bytes:
    return claims_writer.encode_times(issued_at=issued_at, expires_at=expires_at)


def _entitlement(row: GrantedEntitlement, numbers: DocumentNumbers) -> bytes:
    category, first, last, kind, number, issued_on = row
    if kind is None or number is None or numbers is DocumentNumbers.NONE:
        return _undocumented(category, first, last)
    if numbers is DocumentNumbers.LAST_FOUR:
        number = mask_number(number)
    check_document(kind, number)
    return _before_document(category, first, last) + claims_writer.encode_document(kind, number, issued_on)


@lru_cache(maxsize=65_536)  # thousands share a category and its days
def _undocumented(category: int, first: date | None, last: date | None) -> bytes:
    Entitlement(category=category, first=first, last=last)  # which refuses what may not be
    return claims_writer.encode_entitlement(category, first, last, documented=False)


@lru_cache(maxsize=65_536)  # likewise
def _before_document(category: int, first: date | None, last: date | None) -> bytes:
    Entitlement(category=category, first=first, last=last)
    return claims_writer.encode_entitlement(category, first, last, documented=True)
