"""People in a register and the passes issued to them: records, and how much of a document's number is shown; no database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from socpass_vc.errors import SocpassError
from socpass_vc.format.cose import read_sign1
from socpass_vc.format.credential.claims import Claims, StatusReference
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.format.credential.token import write_pass

SHOWN_CHARACTERS = 4
"""Of a document's number that is masked."""


class GrantedEntitlement(NamedTuple):
    """An entitlement in a register; both days are included, and the document's number is in full."""

    category: int
    first_day: date | None = None
    last_day: date | None = None
    document_kind: int | None = None
    document_number: str | None = None
    document_issued_on: date | None = None


def mask_number(number: str) -> str:
    """Return a document's number as a pass or a statement shows it by default: its last four characters behind a star.

    A number that is no longer than that is returned as it is.
    """
    return "*" + number[-SHOWN_CHARACTERS:].strip() if len(number) > SHOWN_CHARACTERS else number


class LatestPass(NamedTuple):
    """The newest pass issued to a person.

    Attributes:
        content: digest of what it says, its times aside.
        expires_at: seconds since 1970.
        status: 0 valid, 1 invalid, 2 suspended.
        reason: why it is not valid.
        list_number: of the status list that it is in.
        list_index: in that list.
    """

    content: bytes
    expires_at: int
    status: int = 0
    reason: str | None = None
    list_number: int = 0
    list_index: int = 0


class Resident(NamedTuple):
    """A person in a register.

    Attributes:
        ref: the agency's reference.
        name: as in the identity document.
        granted: entitlements by ascending category, one per category; some may have ended.
        born_on: the day of birth; at most one of this and *born_in*.
        born_in: the year of birth.
        name_latin: the name in Latin letters.
        held: the newest pass issued to the person.
    """

    ref: str
    name: str
    granted: Sequence[GrantedEntitlement]
    born_on: date | None = None
    born_in: int | None = None
    name_latin: str | None = None
    held: LatestPass | None = None


class IssuedPass(NamedTuple):
    """A pass that was signed.

    Attributes:
        ref: the agency's reference of the person.
        status: its status list and its index there.
        issued_at: whole second.
        expires_at: the first second that no longer counts.
        token: the signed bytes.
        prefix: of the text.
    """

    ref: str
    status: StatusReference
    issued_at: datetime
    expires_at: datetime
    token: bytes
    prefix: str

    @property
    def claims(self) -> Claims:
        """What it says, read from the token."""
        return read_claims(read_sign1(self.token).payload)

    @property
    def text(self) -> str:
        """What goes into the QR code."""
        return write_pass(self.token, prefix=self.prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotIssued:
    """A pass that was due and cannot be issued, or whose picture cannot be drawn.

    Attributes:
        ref: the agency's reference of the person.
        why: what to mend in the register. It is kept without its traceback, which would hold on to a whole batch.
    """

    ref: str
    why: SocpassError

    def __post_init__(self) -> None:
        self.why.with_traceback(None)
        self.why.__cause__ = self.why.__context__ = None
