"""What ``socpass store`` warns of, in words: what comes about, when, and what to do. Data, and one way to say it."""

from __future__ import annotations

from datetime import datetime

from socpass_cli.app.language import show_moment, tr
from socpass_vc.verifier.freshness import StoreWarning

_SYNC = ("run 'socpass sync'", "выполните «socpass sync»")
_TELL = ("ask the issuer for a newer one", "запросите у ведомства новый")

# Code, what is so, what to do; {subject} and {at} are the notice's.
_WORDS = {
    "root_expired": (("the root expired {at}", "корень истёк {at}"), _TELL),
    "root_expiring": (("the root expires {at}", "корень истекает {at}"), _TELL),
    "trust_expired": (("the trust list expired {at}", "список доверия истёк {at}"), _SYNC),
    "trust_expiring": (("the trust list expires {at}", "список доверия истекает {at}"), _SYNC),
    "trust_ageing": (("the trust list was to be renewed by {at}", "список доверия следовало обновить до {at}"), _SYNC),
    "status_expired": (("the status list {subject} expired {at}", "список статусов {subject} истёк {at}"), _SYNC),
    "status_expiring": (("the status list {subject} expires {at}", "список статусов {subject} истекает {at}"), _SYNC),
    "status_ageing": (
        ("the status list {subject} was to be renewed by {at}", "список статусов {subject} следовало обновить до {at}"),
        _SYNC,
    ),
    "status_missing": (("there is no status list at all", "нет ни одного списка статусов"), _SYNC),
    "catalogue_expired": (("the catalogue {subject} expired {at}", "справочник {subject} истёк {at}"), _SYNC),
    "catalogue_expiring": (("the catalogue {subject} expires {at}", "справочник {subject} истекает {at}"), _SYNC),
    "key_ending": (
        ("{subject} can sign with none of its keys from {at} on", "с {at} ведомству {subject} нечем подписывать"),
        ("a newer trust list should bring a new key", "новый ключ должен прийти с новым списком доверия"),
    ),
    "clock_wrong": (
        ("the clock of this till is wrong: {at} is past", "часы кассы отстают: {at} уже прошло"),
        ("set it", "установите верное время"),
    ),
}
CODES = frozenset(_WORDS)


def say_notice(notice: StoreWarning, now: datetime) -> str:
    """Return a notice in a sentence, with the time that is left."""
    what, then = (tr(*words) for words in _WORDS[notice.code])
    hours = int((notice.at - now).total_seconds()) // 3600
    days = hours // 24
    in_words = (
        tr(f"{days} days", f"{days} дн.") if days > 1 else tr(f"{hours} h", f"{hours} ч")
    )  # up to two days people count hours
    left = "" if notice.is_past or notice.at <= now else tr(f" (in {in_words})", f" (через {in_words})")
    return f"{what.format(subject=notice.subject, at=show_moment(notice.at))}{left}: {then}"
