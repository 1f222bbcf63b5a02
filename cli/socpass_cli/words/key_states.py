"""Words for what a trust list says of a key: which it is, what it signs, and in which state it is."""

from __future__ import annotations

from collections.abc import Iterable

from socpass_cli.app.language import tr
from socpass_vc.format.keys import AnyPublicKey, UnknownKey
from socpass_vc.format.trust.issuers import KeyState, Use

USES = {use.value: use.name.lower() for use in Use}
"""In JSON; a use of a later version is not in here and is shown as its number."""


def say_key_id(key: AnyPublicKey) -> str:
    """Return the id of a key; of an algorithm that is not known, with its number."""
    key_id = key.key_id.hex()
    return tr("cli.key_id.unknown", key_id=key_id, algorithm=key.algorithm) if isinstance(key, UnknownKey) else key_id


def say_uses(uses: Iterable[int]) -> str:
    """Return what a key signs."""
    return ", ".join(tr(f"cli.key_use.{USES[use]}") if use in USES else str(use) for use in uses)


def say_state(state: KeyState) -> str:
    """Return the state of a key."""
    return tr(f"cli.key_state.{state.name.lower()}")
