"""Words for what a trust list says of a key: what it signs, and in which state it is. Data, and two ways to say it."""

from __future__ import annotations

from collections.abc import Iterable

from socpass_cli.app.language import tr
from socpass_vc.format.trust.issuers import KeyState, Use

USES = {use.value: use.name.lower() for use in Use}
"""In JSON; a use that is missing here is that of a later version and is shown as its number."""

_USES_RU = {
    Use.PASS.value: "пропуска",
    Use.STATUS.value: "списки статусов",
    Use.VOUCHER.value: "ваучеры",
    Use.CATALOGUE.value: "справочники",
}
_STATES = {
    KeyState.ACTIVE: ("active", "действует"),
    KeyState.RETIRED: ("retired", "выведен из работы"),
    KeyState.COMPROMISED: ("compromised", "скомпрометирован"),
}


def say_uses(uses: Iterable[int]) -> str:
    """Return what a key signs."""
    return ", ".join(tr(USES.get(use, str(use)), _USES_RU.get(use, str(use))) for use in uses)


def say_state(state: KeyState) -> str:
    """Return the state of a key."""
    return tr(*_STATES[state])
