"""What the pass of the ``peers`` benchmark says, for two processes: ours and the peers'; standard library only."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date

Entitlement = tuple[int, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class PassContent:
    """One resident's pass and the key that signs it.

    Attributes:
        name: as in the identity document.
        born_on: ISO 8601.
        entitlements: category and last day (ISO 8601), or None for no end.
        list_number: of the status list.
        index: in the status list.
        issued_at: seconds since 1970.
        expires_at: likewise.
        issuer: its id.
        seed: of the Ed25519 key, 32 bytes in hexadecimal.
        public: likewise.
        key_id: 8 bytes in hexadecimal.
    """

    name: str
    born_on: str
    entitlements: tuple[Entitlement, ...]
    list_number: int
    index: int
    issued_at: int
    expires_at: int
    issuer: str
    seed: str
    public: str
    key_id: str

    def to_json(self) -> str:
        """Return what :func:`from_json` reads."""
        return json.dumps(asdict(self))

    def public_key(self) -> bytes:
        """Return the 32 bytes of the public key."""
        return bytes.fromhex(self.public)

    def body(self) -> dict[int, object]:
        """Return the body of specs/credential.md, section 3, for peers that let their user choose what to say."""
        entitlements = [[category, None if last is None else days(last)] for category, last in self.entitlements]
        return {1: self.name, 2: days(self.born_on), 4: entitlements, 5: [self.list_number, self.index]}


def from_json(text: str) -> PassContent:
    """Return the content that :meth:`PassContent.to_json` wrote."""
    fields = json.loads(text)
    fields["entitlements"] = tuple((category, last) for category, last in fields["entitlements"])
    return PassContent(**fields)


def days(day: str) -> int:
    """Return an ISO 8601 day in days since 1970-01-01."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days
