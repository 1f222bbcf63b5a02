"""Every deliberate error of socpass and its stable code; the ground floor, which knows nothing of passes.

An error is a code, a reason and facts. The sentence in any language comes from the catalogues (:mod:`socpass_vc.messages`).

A code is the same word here, in the test vectors, in ``--json`` and in specs/credential.md. The three families of a verdict
are the three colours and exit codes of ``socpass verify``: :class:`Rejected` (red, 1), :class:`Undecided` (amber, 4) and
:class:`Unreadable` (grey, 3). :class:`TrustError` judges a file that a till or a custodian is given, never a pass. All else
that goes wrong on purpose is a :class:`SocpassError` outside those families.
"""

from __future__ import annotations

import errno
from pathlib import PurePath
from typing import ClassVar, Self, TypeVar

from socpass_vc.messages import DEFAULT_LANGUAGE, ENGLISH, Message, Speaker

Kind = TypeVar("Kind", bound="SocpassError")

KEYS_WITHOUT_TYPE = "keys_without_type"
"""The reason that is given for a file of trust that was written before keys had types: it is old, and not damaged."""


class SocpassError(Exception):
    """A deliberate refusal: a stable code, the reason for it, and the facts that its sentence speaks of.

    Args:
        reason: a slug, the key of the sentence in the message catalogues; one slug has one meaning, whatever the code.
        facts: the named values behind the sentence, for callers that word it themselves (``expired_at=...``).

    Attributes:
        where: what the refusal is about, the widest first: a path or URL, a line, a part of a file.
    """

    code: ClassVar[str] = "error"

    def __init__(self, reason: str, /, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts: dict[str, object] = facts
        self.where: tuple[object, ...] = ()

    def add(self, **facts: object) -> None:
        """Add values learned further up, such as whose pass it was; those already there stay."""
        self.facts = {**facts, **self.facts}

    def at(self, *where: object) -> Self:
        """Say what this is about, in front of what is said already, and return the error; the same is not said twice."""
        named = tuple(str(part) if isinstance(part, PurePath) else part for part in where)
        if self.where[: len(named)] != named:
            self.where = (*named, *self.where)
        return self

    def as_kind(self, kind: type[Kind]) -> Kind:
        """Return the same refusal as an error of another kind: its code changes, and what it says does not."""
        made = kind(self.reason, **self.facts)
        made.where = self.where
        return made

    def sentence(self, language: str = DEFAULT_LANGUAGE) -> str:
        """Return what is wrong, where and what would be right, in *language*; where that has no sentence, in English."""
        return self.said_by(Speaker(language))

    def said_by(self, speaker: Speaker, /) -> str:
        """Return the sentence in the speaker's language, behind what it is about."""
        return ": ".join([*map(speaker.show, self.where), speaker.say(self.reason, **self.facts)])

    def __str__(self) -> str:
        return self.said_by(ENGLISH)


def system_reason(error: OSError | ValueError) -> Message:
    """Return why the system could not do something, to be said behind what it was.

    Args:
        error: what Python raised; a ValueError is what it raises of paths that no system takes.
    """
    if isinstance(error, OSError):
        known = _SYSTEM_REASONS.get(error.errno or 0)
        return Message("system.other", said=error.strerror or str(error)) if known is None else Message(known)
    if type(error) in (ValueError, UnicodeEncodeError):  # a NUL, or half a character
        return Message("system.impossible_name")
    return Message("system.other", said=str(error))


_SYSTEM_REASONS = {
    errno.ENOSPC: "system.disk_full",
    errno.EDQUOT: "system.quota_exceeded",
    errno.EFBIG: "system.file_too_large",
    errno.EROFS: "system.read_only",
    errno.EACCES: "system.permission_denied",
    errno.EPERM: "system.not_permitted",
    errno.EISDIR: "system.is_a_folder",
    errno.ENOTDIR: "system.not_a_folder",
    errno.ENAMETOOLONG: "system.name_too_long",
    errno.EIO: "system.input_output",
    errno.ENOENT: "system.no_such_file",
}


# --- The three families of a verdict (specs/credential.md, section 6) -------------------------------------------------


class Rejected(SocpassError):
    """The pass must not be honoured: red, exit 1."""

    code = "rejected"


class Undecided(SocpassError):
    """The till cannot tell with what it holds; the pass may be good: amber, exit 4."""

    code = "undecided"


class Unreadable(SocpassError):
    """There is nothing to decide on; scan again: grey, exit 3."""

    code = "unreadable"


# --- Step 0 and 1: picture and armor ----------------------------------------------------------------------------------


class NoCodeFound(Unreadable):
    """No QR code was found in the picture (before step 1)."""

    code = "no_code_found"


class NotAPass(Unreadable):
    """The text holds no run of digits long enough for a signature (step 1)."""

    code = "not_a_pass"


class Misread(Unreadable):
    """The check digits do not match: a digit was lost or changed on the way (step 1)."""

    code = "misread"


class Incomplete(Unreadable):
    """The text is one part of several; the others are needed too (step 1)."""

    code = "incomplete"


# --- Step 2 and 5: shape and schema -----------------------------------------------------------------------------------


class Malformed(Unreadable):
    """The bytes are not what a conforming issuer writes (steps 2 and 5)."""

    code = "malformed"


class Unsupported(Undecided):
    """The pass is newer than this program (step 5)."""

    code = "unsupported"


# --- Step 3 and 4: trust and signature --------------------------------------------------------------------------------


class TrustExpired(Undecided):
    """The trust list, or the root above it, is past its hard expiry (step 3)."""

    code = "trust_expired"


class UnknownIssuer(Undecided):
    """No key of the trust list carries this key id (step 3)."""

    code = "unknown_issuer"


class KeyCompromised(Rejected):
    """The key is known to be stolen; everything it ever signed is refused (step 3)."""

    code = "key_compromised"


class Forged(Rejected):
    """The signature does not verify (step 4)."""

    code = "forged"


# --- Step 6 to 11: the decision ---------------------------------------------------------------------------------------


class OutOfScope(Rejected):
    """The key was outside its window or use, or the issuer outside its categories (step 6)."""

    code = "out_of_scope"


class ClockWrong(Undecided):
    """The clock shows a time that is known to be past (step 7)."""

    code = "clock_wrong"


class NotYetValid(Rejected):
    """The pass was issued later than now (step 8)."""

    code = "not_yet_valid"


class Expired(Rejected):
    """The pass's last second has gone by (step 8)."""

    code = "expired"


class StatusUnknown(Undecided):
    """The status list is not at hand, or says nothing of this pass (step 9)."""

    code = "status_unknown"


class StatusStale(Undecided):
    """The status list at hand is past its expiry (step 9)."""

    code = "status_stale"


class Revoked(Rejected):
    """The issuer has revoked the pass (step 9)."""

    code = "revoked"


class Suspended(Rejected):
    """The issuer has suspended the pass for the time being (step 9)."""

    code = "suspended"


class NoEntitlement(Rejected):
    """No entitlement covers today, none is of the category asked for, or none opens a measure at the place (step 10)."""

    code = "no_entitlement"


class CatalogueUnknown(Undecided):
    """A place was asked for, and the issuer's catalogue is not at hand (step 10)."""

    code = "catalogue_unknown"


class CatalogueStale(Undecided):
    """A place was asked for, and the catalogue at hand is past its expiry (step 10)."""

    code = "catalogue_stale"


class HolderProofMissing(Rejected):
    """The pass is bound to its holder's key and came without a proof (step 11)."""

    code = "holder_proof_missing"


class HolderProofBad(Rejected):
    """The holder's proof is too old, of another pass or not by the holder's key (step 11)."""

    code = "holder_proof_bad"


# --- Trust lists (specs/trust.md) -------------------------------------------------------------------------------------


class TrustError(SocpassError):
    """A file that must not be taken, though its shape is right: it does not follow from what is trusted or was seen."""

    code = "trust_error"


class UntrustedRoot(TrustError):
    """The chain of roots does not start at, or does not lead on from, the root that this till trusts."""

    code = "untrusted_root"


class ThresholdNotMet(TrustError):
    """Too few distinct root keys have signed."""

    code = "threshold_not_met"


class RolledBack(TrustError):
    """A file is older than, or contradicts, one that was accepted before."""

    code = "rolled_back"


class Contradicted(RolledBack):
    """Two files that say different things call themselves by one version, or by one time: a key is stolen, or was used twice."""

    code = "contradicted"


class NotLogged(TrustError):
    """A proof does not lead from a pass to the head of its issuer's log (specs/log.md)."""

    code = "not_logged"


class LogRewritten(TrustError):
    """Two heads of one log of passes contradict each other: the newer does not continue the older (specs/log.md)."""

    code = "log_rewritten"


class OverQuota(TrustError):
    """An issuer has more lists, or longer ones, than a till keeps of one issuer (specs/trust.md, section 3)."""

    code = "over_quota"


class SigningRequestError(SocpassError):
    """A signing request that this key is not asked by, or that is another one than it should be (specs/signing-request.md)."""

    code = "bad_request"


class AuthorityError(SocpassError):
    """The folder of a root authority, or a file in it, is missing or wrong."""

    code = "bad_authority"


class UnsoundList(SocpassError):
    """A trust list or a root that must not be signed, though tills could read it (specs/signing-request.md, section 3)."""

    code = "unsound_list"


class KeyTwice(UnsoundList):
    """One public key stands in two places: under one issuer, two, or an issuer and a root."""

    code = "key_twice"


class UsesOverlap(UnsoundList):
    """Two active keys of one issuer sign for the same use side by side for longer than a rotation takes."""

    code = "uses_overlap"


class ScopeOverlap(UnsoundList):
    """Two issuers may grant the same category of one region."""

    code = "scope_overlap"


class IssuersLookAlike(UnsoundList):
    """The ids or the names of two issuers look alike, so people would take one for the other."""

    code = "issuers_look_alike"


class WindowPast(UnsoundList):
    """What is new in a list, or a root, has ended already."""

    code = "window_past"


class OutlivesRoot(UnsoundList):
    """A list would expire later than its root, with which all of it ends."""

    code = "outlives_root"


class KeyRevived(UnsoundList):
    """A compromised key would count again."""

    code = "key_revived"


class TombstoneDropped(UnsoundList):
    """A compromised key would no longer be named as such."""

    code = "tombstone_dropped"


class VersionNotRising(UnsoundList):
    """A list's version or iat is not above that of the list in force."""

    code = "version_not_rising"


class BaseMissing(SocpassError):
    """A status delta was made from a list that this till does not hold; the full list is needed (specs/status-delta.md)."""

    code = "base_missing"


# --- Making things ----------------------------------------------------------------------------------------------------


class ClaimsError(SocpassError):
    """A pass that must not be issued: a field is missing, out of range or contradicts another."""

    code = "bad_claims"


class LaxLibrary(Undecided):
    """The cryptographic library would accept what can be forged; nothing is verified or signed with it."""

    code = "lax_library"


class BadKey(SocpassError):
    """Bytes that are not an Ed25519 key this program will use."""

    code = "bad_key"


class KeyFileError(SocpassError):
    """A key file that cannot be read as one."""

    code = "bad_key_file"


class WrongPassphrase(SocpassError):
    """The passphrase does not open the key file."""

    code = "wrong_passphrase"


class TokenError(SocpassError):
    """A hardware token that is not there, does not hold the key, or will not sign."""

    code = "bad_token"


class WrongPin(TokenError):
    """The token refused the PIN; it counts the tries."""

    code = "wrong_pin"


class CodeTooLarge(SocpassError):
    """The text does not fit into one QR code."""

    code = "code_too_large"


class NotReadBack(SocpassError):
    """A code that was just written cannot be read, or says something else; its file is not kept."""

    code = "not_read_back"


class CardError(SocpassError):
    """A card that cannot be laid out: its fonts lack a letter, or its text does not fit."""

    code = "bad_card"


# --- Files and folders ------------------------------------------------------------------------------------------------


class StoreError(Undecided):
    """The till's store is missing, damaged or cannot be written; nothing can be decided with it."""

    code = "bad_store"


class SourceError(SocpassError):
    """A source to synchronise from cannot be read."""

    code = "bad_source"


class Unreachable(SourceError):
    """A server did not answer, in time or to the end; asking again later may help."""

    code = "unreachable"


class NotFound(SourceError):
    """A server answers that it has no such file."""

    code = "not_found"


class BadCertificate(SourceError):
    """A server's TLS certificate does not show that it is the one that was asked."""

    code = "bad_certificate"


def damaged(error: SocpassError, kind: type[Kind], reason: str = "damaged") -> Kind:
    """Return what *error* means for a file of one's own: that it is damaged, or that its form is an old one."""
    return error.as_kind(kind) if error.reason == KEYS_WITHOUT_TYPE else kind(reason, why=error)


class RedirectRefused(SourceError):
    """A server sends on to another host that nobody named, to plain http, or in a circle."""

    code = "redirect_refused"


class AgencyError(SocpassError):
    """The agency's folder or its agency.toml is missing or wrong."""

    code = "bad_agency"


class RegisterError(SocpassError):
    """The register is missing, damaged, of another version or refuses the act."""

    code = "bad_register"


class RegisterUnreachable(RegisterError):
    """The database of the register went away, or does not answer; what was confirmed is kept, and another try may succeed."""

    code = "register_unreachable"


class EventLogBroken(RegisterError):
    """The register's event log is not what was recorded: an event was changed, dropped or slipped in."""

    code = "event_log_broken"


class RegisterContradictsLog(RegisterError):
    """A pass in the register is not what the event log says of it."""

    code = "register_contradicts_log"


class PassDiffers(RegisterError):
    """A pass that was signed, read back by the second reader, is not what the register says."""

    code = "pass_differs"


class WorkerLost(SocpassError):
    """A process that worked for a command died, or several could not finish; what others kept stays."""

    code = "worker_lost"


class ImportRefused(SocpassError):
    """Rows of an import are wrong; nothing was imported."""

    code = "bad_rows"


class CatalogueError(SocpassError):
    """A catalogue file is wrong."""

    code = "bad_catalogue"
