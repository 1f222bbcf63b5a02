"""The language of a run: chosen once at the start, asked wherever something is said.

It knows where the choice comes from: ``--lang``, ``SOCPASS_LANG``, the locale. The catalogues tell which languages there are.
"""

from __future__ import annotations

import gettext
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from socpass_vc.messages import DEFAULT_LANGUAGE, Speaker, languages

CLICK_DOMAIN = "click"
"""Name of the file with what click says by itself (locale/LANGUAGE/LC_MESSAGES); without one, it says it in English."""
LOCALE = Path(__file__).parents[1] / "locale"

_chosen = DEFAULT_LANGUAGE


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Choose and return the language of this run.

    Args:
        arguments: of the command line; ``--lang ru`` and ``--lang=ru`` count wherever they stand.
        environment: with ``SOCPASS_LANG``, ``LC_ALL``, ``LC_MESSAGES``, ``LANG``: the first that is set.
    """
    global _chosen  # noqa: PLW0603 -- one process speaks one language
    asked = ""
    for at, argument in enumerate(arguments):
        if argument == "--lang":
            asked = "".join(arguments[at + 1 : at + 2])
        elif argument.startswith("--lang="):
            asked = argument.removeprefix("--lang=")
    candidates = (asked, environment.get("SOCPASS_LANG", ""), _of_locale(environment))
    _chosen = next((language for name in candidates if (language := _known(name)) is not None), DEFAULT_LANGUAGE)
    return _chosen


def _known(name: str) -> str | None:
    """Return the language with a catalogue that a locale such as ``ru_RU.UTF-8`` names, or None."""
    codes = {code.lower(): code for code in languages()}
    whole = re.split(r"[.@]", name.lower().replace("-", "_"))[0]
    return codes.get(whole) or codes.get(whole.partition("_")[0])


def _of_locale(environment: Mapping[str, str]) -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return environment[name]
    if sys.platform == "win32":  # Windows sets none of these
        import ctypes  # noqa: PLC0415 -- on this one system, and only if nobody chose
        from locale import windows_locale  # noqa: PLC0415 -- likewise

        return windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")
    return ""


def teach_click() -> None:
    """Let click speak the language of this run too: it asks gettext, which asks the variable LANGUAGE."""
    os.environ["LANGUAGE"] = _chosen
    gettext.bindtextdomain(CLICK_DOMAIN, str(LOCALE))
    gettext.textdomain(CLICK_DOMAIN)


def chosen() -> str:
    """Return the language of this run."""
    return _chosen


def tr(key: str, /, **facts: object) -> str:
    """Return the sentence of *key* in the language of this run (socpass_vc.messages)."""
    return speaker().say(key, **facts)


def speaker() -> Speaker:
    """Return what puts messages into the language of this run; times are shown in the machine's time zone."""
    return Speaker(_chosen, show_moment)


def show_day(day: date | datetime) -> str:
    """Return a day as people of the language write it."""
    return speaker().show(day.date() if isinstance(day, datetime) else day)


def show_moment(moment: datetime) -> str:
    """Return a time in the machine's time zone, with its offset."""
    try:
        local = moment.astimezone()
    except (OverflowError, ValueError, OSError):  # the last day of the year 9999, east of Greenwich
        local = moment.astimezone(UTC)
    return f"{show_day(local)} {local:%H:%M} (UTC{local:%z})".replace("00)", ")")


def show_age(age: timedelta) -> str:
    """Return how long ago something was, in days, hours or minutes."""
    minutes = max(int(age.total_seconds()), 0) // 60
    hours, days = minutes // 60, minutes // (24 * 60)
    if days >= 2:  # noqa: PLR2004 -- up to two days people count hours
        return tr("cli.age.days", count=days)
    if hours >= 2:  # noqa: PLR2004 -- up to two hours people count minutes
        return tr("cli.age.hours", hours=hours)
    if not minutes:
        return tr("cli.age.just_now")
    return tr("cli.age.minutes", minutes=minutes)
