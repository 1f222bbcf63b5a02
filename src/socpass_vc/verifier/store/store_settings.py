"""What the owner of a till wants of it: ``store.toml`` in the till's folder (specs/cli.md, section 5).

It knows the file's few keys. People write it; no command of ours does.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from socpass_vc.errors import StoreError
from socpass_vc.files import read_file
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
    import tomllib  # noqa: PLC0415 -- most tills have no such file, and start sooner

    try:
        found = tomllib.loads(read_file(path, MAX_SETTINGS_BYTES, error=StoreError).decode("utf-8-sig"))
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are
        raise StoreError(f"{path}: not TOML in UTF-8: {error}", path=str(path)) from error
    unknown = [key for key in found if key not in _KEYS]
    if unknown:
        raise _wrong(path, f"there is no setting {unknown[0]!r}; there are {', '.join(_KEYS)}")
    on_stale, warn_days = found.get("on_stale", OnStale.REFUSE.value), found.get("warn_days")
    if on_stale not in [choice.value for choice in OnStale]:
        raise _wrong(path, f"on_stale is {on_stale!r}, not 'refuse' or 'warn'")
    if warn_days is not None and (warn_days.__class__ is not int or not 0 <= warn_days <= MAX_WARN_DAYS):
        raise _wrong(path, f"warn_days is {warn_days!r}, not a number of days from 0 to {MAX_WARN_DAYS}")
    return StoreSettings(on_stale=OnStale(on_stale), warn_days=warn_days)


def _wrong(path: Path, why: str) -> StoreError:
    return StoreError(f"{path}: {why}", path=str(path))
