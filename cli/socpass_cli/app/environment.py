"""What the machine tells: who runs the command, the default folders, whether a file is there."""

from __future__ import annotations

import os
from pathlib import Path

from socpass_vc.errors import SocpassError, system_reason


def actor() -> str:
    """Return who runs the command, for the register's event log."""
    import getpass  # noqa: PLC0415 -- only for commands that change a register

    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def is_there(path: Path, *, error: type[SocpassError]) -> bool:
    """Tell whether there is a file or folder *path*; *error* is raised if the system does not tell."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as reason:
        why = system_reason(reason)
        raise error(why.key, **why.facts).at(path) from reason
    return True


def is_empty(folder: Path, *, error: type[SocpassError]) -> bool:
    """Tell whether *folder* is missing or empty."""
    if not is_there(folder, error=error):
        return True
    try:
        return not any(folder.iterdir())
    except OSError as reason:
        why = system_reason(reason)
        raise error(why.key, **why.facts).at(folder) from reason


def user_folder(name: str) -> Path:
    """Return the default folder *name* among the user's data."""
    from platformdirs import user_data_path  # noqa: PLC0415 -- only where no folder was named

    return user_data_path("socpass", appauthor=False) / name
