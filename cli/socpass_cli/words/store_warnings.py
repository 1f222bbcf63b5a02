"""What ``socpass store`` warns of, in words: what comes about, when, and what to do."""

from __future__ import annotations

from datetime import datetime

from socpass_cli.app.language import tr
from socpass_vc.verifier.freshness import StoreWarning

# What to do, by the warning's code.
_ADVICE = {
    "root_expired": "ask",
    "root_expiring": "ask",
    "trust_expired": "sync",
    "trust_expiring": "sync",
    "trust_ageing": "sync",
    "status_expired": "sync",
    "status_expiring": "sync",
    "status_ageing": "sync",
    "status_missing": "sync",
    "catalogue_expired": "sync",
    "catalogue_expiring": "sync",
    "key_ending": "wait",
    "clock_wrong": "set_clock",
}
CODES = frozenset(_ADVICE)


def say_notice(notice: StoreWarning, now: datetime) -> str:
    """Return a notice in a sentence, with the time that is left."""
    what = tr(f"cli.store_warning.{notice.code}", subject=notice.subject, at=notice.at)
    return f"{what}{_time_left(notice, now)}: {tr(f'cli.store_advice.{_ADVICE[notice.code]}')}"


def _time_left(notice: StoreWarning, now: datetime) -> str:
    if notice.is_past or notice.at <= now:
        return ""
    hours = int((notice.at - now).total_seconds()) // 3600
    days = hours // 24
    if days > 1:  # up to two days people count hours
        return f" ({tr('cli.store_warning.in_days', count=days)})"
    return f" ({tr('cli.store_warning.in_hours', count=hours)})"
