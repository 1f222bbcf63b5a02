"""What the owner of a till wants of it: ``store.toml`` in the till's folder (specs/cli.md, section 5).

It knows the file's few keys. People write it; no command of ours does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from socpass_vc.errors import StoreError
from socpass_vc.files import read_file
from socpass_vc.messages import Message
from socpass_vc.verifier.decide import OnStale

NAME = "store.toml"
MAX_SETTINGS_BYTES = 16_384
MAX_WARN_DAYS = 3_660

_KEYS = ("on_stale", "warn_days")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreSettings:
    """What a till does where nobody says otherwise.

    Attributes:
        on_stale: what expired lists do to a verdict.
        warn_days: how long before something expires people are warned; None for what :mod:`freshness` finds sensible.
    """

    on_stale: OnStale = OnStale.REFUSE
    warn_days: int | None = None


def read_settings(folder: Path) -> StoreSettings:
    """Return the settings of the till in *folder*; without a file, the usual ones.

    Raises:
        StoreError: the file is not TOML, or holds a key or a value that is none of ours; a misspelt key would be a till that
            does not do what its owner thinks.
    """
    path = folder / NAME
    if not path.exists():
        return StoreSettings()
    if not path.is_file():  # a pipe would be waited for
        raise StoreError("not_a_regular_file").at(path)
    import tomllib  # noqa: PLC0415 -- most tills have no such file, and start sooner

    try:
        found = tomllib.loads(read_file(path, MAX_SETTINGS_BYTES, error=StoreError).decode("utf-8-sig"))
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are
        raise StoreError("toml.unreadable", why=Message("system.other", said=str(error))).at(path) from error
    unknown = [key for key in found if key not in _KEYS]
    if unknown:
        raise StoreError("settings.unknown", name=unknown[0], known=_KEYS).at(path)
    on_stale, warn_days = found.get("on_stale", OnStale.REFUSE.value), found.get("warn_days")
    if on_stale not in [choice.value for choice in OnStale]:
        raise StoreError("settings.on_stale", value=on_stale).at(path)
    if warn_days is not None and (warn_days.__class__ is not int or not 0 <= warn_days <= MAX_WARN_DAYS):
        raise StoreError("settings.warn_days", value=warn_days, most=MAX_WARN_DAYS).at(path)
    return StoreSettings(on_stale=OnStale(on_stale), warn_days=warn_days)
