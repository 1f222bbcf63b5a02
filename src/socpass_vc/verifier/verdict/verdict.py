"""The verdict on one code: a verified pass or the reason why there is none, and the colour of it. Data only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from socpass_vc.errors import NoEntitlement, NotAPass, Rejected, SocpassError, SourceError, Undecided, Unreadable
from socpass_vc.format.credential.claims import Claims
from socpass_vc.format.trust.issuers import Issuer

if TYPE_CHECKING:
    from socpass_vc.verifier.decide import Verified

Family = Literal["accepted", "rejected", "undecided", "unreadable"]
"""The four colours: green, red, amber, grey."""
WORST_FIRST: tuple[Family, ...] = ("rejected", "undecided", "unreadable", "accepted")
"""Of several verdicts the first that occurs is the one to act on."""

_FAMILIES: tuple[tuple[Family, tuple[type[SocpassError], ...]], ...] = (
    ("rejected", (Rejected,)),
    ("undecided", (Undecided,)),
    ("unreadable", (Unreadable, SourceError)),
)


class ConsultedList(NamedTuple):
    """The status list that a verdict rests on.

    Attributes:
        issued_at: when it was signed.
        age: how long before the time of the verdict that was.
    """

    issued_at: datetime
    age: timedelta


class Verdict(NamedTuple):
    """What came of one code, or of a source without one; *verified* or *error* is there, and never both.

    Attributes:
        source: what was looked at, for people: a file's name, say.
        verified: the pass, if it was accepted.
        error: the reason, if not.
    """

    source: str
    verified: Verified | None = None
    error: SocpassError | None = None

    @property
    def family(self) -> Family:
        """The colour."""
        if self.error is None:
            return "accepted"
        return next((family for family, kinds in _FAMILIES if isinstance(self.error, kinds)), "undecided")

    @property
    def code(self) -> str:
        """``accepted``, a code of specs/credential.md, section 6, ``bad_store`` or ``bad_source``."""
        return "accepted" if self.error is None else self.error.code

    @property
    def facts(self) -> dict[str, object]:
        """The facts of the refusal; none of an accepted pass."""
        return {} if self.error is None else self.error.facts

    @property
    def claims(self) -> Claims | None:
        """What the pass says, once its signature has been checked; nothing of a forged one."""
        found = self.facts.get("claims") if self.verified is None else self.verified.claims
        return found if isinstance(found, Claims) else None

    @property
    def issuer(self) -> Issuer | None:
        """Whose signature it is, once that has been checked."""
        found = self.facts.get("issuer") if self.verified is None else self.verified.issuer
        return found if isinstance(found, Issuer) else None

    @property
    def consulted(self) -> ConsultedList | None:
        """The status list that was looked at, whatever the verdict; None where the decision came to none."""
        if self.verified is not None:
            return ConsultedList(self.verified.status_issued_at, self.verified.status_age)
        issued_at, age = self.facts.get("status_issued_at"), self.facts.get("status_age")
        return ConsultedList(issued_at, age) if isinstance(issued_at, datetime) and isinstance(age, timedelta) else None

    @property
    def missing_category(self) -> int | None:
        """The category that was asked for and does not count, where that is the reason."""
        category = self.facts.get("category") if isinstance(self.error, NoEntitlement) else None
        return category if isinstance(category, int) else None

    @property
    def closed_place(self) -> str | None:
        """The kind of place that was asked for and where the pass opens nothing, where that is the reason."""
        place = self.facts.get("place") if isinstance(self.error, NoEntitlement) else None
        return place if isinstance(place, str) else None

    @property
    def other_code(self) -> str | None:
        """What the code is instead of a pass: a word of specs/cli.md, section 4 (``found``)."""
        found = self.facts.get("found") if isinstance(self.error, NotAPass) else None
        return found if isinstance(found, str) else None


def worst_family(verdicts: Iterable[Verdict]) -> Family:
    """Return the colour of several verdicts: rejected, then undecided, then unreadable; accepted only if all are.

    Args:
        verdicts: at least one.
    """
    families = {verdict.family for verdict in verdicts}
    return next(family for family in WORST_FIRST if family in families)
