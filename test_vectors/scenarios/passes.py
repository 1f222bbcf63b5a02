"""Passes layer by layer, and how one becomes a scenario of pass/ (specs/credential.md)."""

from dataclasses import dataclass
from typing import Final

from scenarios.armor import PRESENTATION, WHOLE, armor
from scenarios.cbor import NO_CHANGE, Entries, Item, changed, encode
from scenarios.cose import sign1
from scenarios.scenario import ACCEPTED, JsonValue, Scenario, octets
from scenarios.seeds import ISSUED_AT, NOW, PASS_BA, PASS_EXPIRES_AT, Key, day, rfc3339

EXP, IAT, CNF, BODY = 4, 6, 8, -65537  # claims
NAME, BORN_ON, BORN_IN, ENTITLEMENTS, STATUS, PHOTO, LATIN_NAME = range(1, 8)  # the body

_MARIA: Final = "Иванова Мария Петровна"  # 22 characters
DISABLED, LABOUR_VETERAN, PENSIONER = 82, 2521, 2545

_BODY: Final[Entries] = {
    NAME: _MARIA,
    BORN_ON: day("1958-03-14"),
    ENTITLEMENTS: [(DISABLED, day("2027-06-30")), (LABOUR_VETERAN, None), (PENSIONER, None)],
    STATUS: (0, 123456),
}


def claims(changes: Entries = NO_CHANGE, body: Entries = NO_CHANGE) -> dict[int | str, Item]:
    """Return the claims of the worked example.

    Args:
        changes: laid over the claims.
        body: laid over the body.
    """
    return changed({EXP: PASS_EXPIRES_AT, IAT: ISSUED_AT, BODY: changed(_BODY, body)}, changes)


def granting(*entitlements: Item, changes: Entries = NO_CHANGE, body: Entries = NO_CHANGE) -> dict[int | str, Item]:
    """Return the claims of the worked example with other entitlements."""
    return claims(changes, {ENTITLEMENTS: entitlements, **body})


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A pass at each layer; what a reader never comes to, because a lower layer is broken, is None."""

    text: str
    frame: bytes | None = None
    cose: bytes | None = None
    claims: bytes | None = None


def from_claims(item: Item, key: Key = PASS_BA) -> Made:
    """Sign *item* and carry it as a whole."""
    payload = encode(item)
    return from_token(sign1(key, payload).encode(), payload)


def from_token(token: bytes, payload: bytes | None = None) -> Made:
    """Carry *token* as a whole; without *payload* the token itself is broken."""
    frame = WHOLE + token
    return Made(text=armor(frame), frame=frame, cose=token, claims=payload)


def from_presentation(presentation: bytes, token: bytes | None = None, payload: bytes | None = None) -> Made:
    """Carry a pass with its holder's proof."""
    frame = PRESENTATION + presentation
    return Made(text=armor(frame), frame=frame, cose=token, claims=payload)


WORKED_EXAMPLE: Final = from_claims(claims())


@dataclass(frozen=True, slots=True)
class PassCase:
    """A scenario of pass/ in the making."""

    name: str
    comment: str
    expect: str = ACCEPTED
    made: Made = WORKED_EXAMPLE
    now: int = NOW
    trust: str = "one_issuer"
    status: tuple[str, ...] = ("fresh",)
    warn: bool = False
    category: int | None = None
    place: str | None = None
    catalogues: tuple[str, ...] = ()
    grants: tuple[str, ...] = ()
    clock_floor: int | None = None
    counts: tuple[int, ...] = (DISABLED, LABOUR_VETERAN, PENSIONER)
    issuer: str = "RU-BA"
    warnings: tuple[str, ...] = ()

    def scenario(self) -> Scenario:
        """Return the scenario."""
        policy: dict[str, JsonValue] = {"on_stale": "warn" if self.warn else "refuse", "category": self.category}
        if self.place is not None:
            policy["place"] = self.place
        fields: dict[str, JsonValue] = {
            "now": rfc3339(self.now),
            "trust": f"trust/{self.trust}",
            "status": [f"status/{name}" for name in self.status],
            "policy": policy,
            "clock_floor": None if self.clock_floor is None else rfc3339(self.clock_floor),
            "claims_cbor": octets(self.made.claims),
            "cose": octets(self.made.cose),
            "frame": octets(self.made.frame),
            "text": self.made.text,
        }
        if self.place is not None or self.catalogues:
            fields["catalogues"] = [f"catalogue/{name}" for name in self.catalogues]
        if self.expect == ACCEPTED and self.place is not None:
            fields["grants"] = list(self.grants)
        if self.expect == ACCEPTED:
            fields |= {"counts": list(self.counts), "issuer": self.issuer, "warnings": list(self.warnings)}
        return Scenario(f"pass/{self.name}", self.comment, self.expect, fields)
