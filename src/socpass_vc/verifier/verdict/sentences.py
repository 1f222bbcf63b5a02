"""A verdict in words: the colour, the reason, what would help, what to do, in the language of who speaks.

It knows codes and keys of the message catalogues (socpass_vc.messages), and no command to type.
"""

from __future__ import annotations

from typing import NamedTuple

from socpass_vc.messages import ENGLISH, Speaker, has_sentence
from socpass_vc.verifier.verdict.verdict import Verdict

SYNCHRONISE = "synchronise"
"""The advice that newer lists would help."""
CALL_OWNER = "call_owner"
"""The advice that this till is not set up as it should be."""

_OTHERWISE = "scan_or_certificate"
ADVICE = {
    "accepted": "compare_document",
    "no_code_found": "scan_again",
    "not_a_pass": "ask_for_pass",
    "misread": "scan_again",
    "incomplete": "scan_other_codes",
    "malformed": _OTHERWISE,
    "unsupported": "update_program",
    "trust_expired": SYNCHRONISE,
    "unknown_issuer": SYNCHRONISE,
    "key_compromised": "ask_issuer",
    "forged": "no_discount",
    "out_of_scope": "no_discount",
    "clock_wrong": "set_clock",
    "not_yet_valid": "not_yet",
    "expired": "ask_issuer",
    "status_unknown": SYNCHRONISE,
    "status_stale": SYNCHRONISE,
    "revoked": "ask_issuer",
    "suspended": "ask_issuer",
    "no_entitlement": "ask_issuer",
    "catalogue_unknown": SYNCHRONISE,
    "catalogue_stale": SYNCHRONISE,
    "holder_proof_missing": "open_on_phone",
    "holder_proof_bad": "open_anew",
    "bad_source": "other_file",
    "bad_store": CALL_OWNER,
    "lax_library": CALL_OWNER,
}
"""What to do about each code: the last word of a key ``verdict.advice.…``."""


class VerdictSentences(NamedTuple):
    """What a verdict says to a cashier, in one language.

    Attributes:
        colour: its word, such as "ACCEPTED".
        reason: in a sentence.
        hints: what would help a picture in which no code could be read, the likeliest first.
        warnings: what is too old, of what an accepted pass was accepted on.
        advice: what to do next.
    """

    colour: str
    reason: str
    hints: tuple[str, ...]
    warnings: tuple[str, ...]
    advice: str


def say_verdict(verdict: Verdict, speaker: Speaker = ENGLISH) -> VerdictSentences:
    """Return what *verdict* says to a cashier.

    Args:
        verdict: as :func:`check_picture` gave it.
        speaker: of the language; ``Speaker("ru")`` says times of day in UTC, and any other way that it is given.
    """
    return VerdictSentences(
        colour=speaker.say(f"verdict.colour.{verdict.family}"),
        reason=say_reason(verdict, speaker),
        hints=say_hints(verdict, speaker),
        warnings=say_warnings(verdict, speaker),
        advice=say_advice(verdict, speaker),
    )


def say_reason(verdict: Verdict, speaker: Speaker) -> str:
    """Return the reason in a sentence; where there is none for the code, what the error itself says."""
    if verdict.missing_category is not None:
        key = "verdict.reason.category_not_counting"
    elif verdict.closed_place is not None:
        key = "verdict.reason.nothing_at_place"
    elif verdict.other_code is not None:
        key = f"verdict.other.{verdict.other_code}"
    elif verdict.code in ADVICE or verdict.error is None:
        key = f"verdict.reason.{verdict.code}"
    else:
        return verdict.error.said_by(speaker)
    return speaker.say(key, **verdict.facts)


def say_hints(verdict: Verdict, speaker: Speaker) -> tuple[str, ...]:
    """Return what would help a picture in which no code could be read."""
    hints = verdict.facts.get("hints", ())
    keys = [f"verdict.hint.{hint}" for hint in hints] if isinstance(hints, tuple) else []
    return tuple(speaker.say(key, **verdict.facts) for key in keys if has_sentence(key))


def say_warnings(verdict: Verdict, speaker: Speaker) -> tuple[str, ...]:
    """Return what is too old, of what an accepted pass was accepted on."""
    warnings = () if verdict.verified is None else verdict.verified.warnings
    return tuple(speaker.say(f"verdict.warning.{warning}") for warning in warnings)


def say_advice(verdict: Verdict, speaker: Speaker) -> str:
    """Return what to do next."""
    return speaker.say(f"verdict.advice.{advice_on(verdict)}", why=verdict.error)


def advice_on(verdict: Verdict) -> str:
    """Return the slug of what to do next."""
    return ADVICE.get(verdict.code, _OTHERWISE)
