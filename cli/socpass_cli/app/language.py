"""Russian or English: chosen once at the start, asked wherever something is said.

It knows two languages and where the choice comes from: ``--lang``, ``SOCPASS_LANG``, the locale.
"""

from __future__ import annotations

import gettext
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from socpass_vc.messages import Speaker

LANGUAGES = ("ru", "en")
CLICK_DOMAIN = "click"
"""Name of the file with what click says by itself, in Russian (locale/ru/LC_MESSAGES)."""
LOCALE = Path(__file__).parents[1] / "locale"

_RUSSIAN_WINDOWS = 0x19  # primary language id of Windows
_chosen = "en"


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Choose and return the language of this run.

    Args:
        arguments: of the command line; ``--lang ru`` and ``--lang=ru`` count wherever they stand.
        environment: with ``SOCPASS_LANG``, ``LC_ALL``, ``LC_MESSAGES``, ``LANG``.
    """
    global _chosen  # noqa: PLW0603 -- one process speaks one language
    asked = ""
    for at, argument in enumerate(arguments):
        if argument == "--lang":
            asked = "".join(arguments[at + 1 : at + 2])
        elif argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
    candidates = (asked, environment.get("SOCPASS_LANG", "")[:2].lower(), _of_locale(environment))
    _chosen = next((language for language in candidates if language in LANGUAGES), "en")
    return _chosen


def _of_locale(environment: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name][:2].lower()
    if sys.platform == "win32":  # Windows sets none of these
        import ctypes  # noqa: PLC0415 -- on this one system, and only if nobody chose

        return "ru" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _RUSSIAN_WINDOWS else "en"
    return "en"


def teach_click() -> None:
    """Let click speak the language of this run too: it asks gettext, and that asks the variable LANGUAGE."""
    os.environ["LANGUAGE"] = _chosen
    gettext.bindtextdomain(CLICK_DOMAIN, str(LOCALE))
    gettext.textdomain(CLICK_DOMAIN)


def chosen() -> str:
    """Return the language of this run."""
    return _chosen


def tr(key: str, russian: str | None = None, /, **facts: object) -> str:
    """Return the sentence of *key* in the language of this run (socpass_vc.messages)."""
    if russian is not None:
        return russian if _chosen == "ru" else key
    return speaker().say(key, **facts)


def speaker() -> Speaker:
    """Return who says things in the language of this run; times of day are the machine's."""
    return Speaker(_chosen, show_moment)


def show_day(day: date | datetime) -> str:
    """Return a day as people write it."""
    return day.strftime("%d.%m.%Y") if _chosen == "ru" else f"{day:%Y-%m-%d}"


def show_moment(moment: datetime) -> str:
    """Return a time of day in the machine's time zone, its offset beside it."""
    try:
        local = moment.astimezone()
    except (OverflowError, ValueError, OSError):  # the last day of the year 9999, east of Greenwich
        local = moment.astimezone(UTC)
    return f"{show_day(local)} {local:%H:%M} (UTC{local:%z})".replace("00)", ")")


def show_age(age: timedelta) -> str:
    """Return how long ago something was, in words that need no plural forms."""
    minutes = max(int(age.total_seconds()), 0) // 60
    hours, days = minutes // 60, minutes // (24 * 60)
    if days >= 2:  # noqa: PLR2004 -- up to two days people count hours
        return tr(f"{days} days ago", f"{days} дн. назад")
    if hours >= 2:  # noqa: PLR2004 -- up to two hours people count minutes
        return tr(f"{hours} h ago", f"{hours} ч назад")
    if not minutes:
        return tr("just now", "только что")
    return tr(f"{minutes} min ago", f"{minutes} мин назад")
