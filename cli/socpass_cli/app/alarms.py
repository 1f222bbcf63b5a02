"""An alarm in words: which two things contradict each other, where each came from, and what to do."""

from __future__ import annotations

from typing import cast

from socpass_cli.app.language import show_moment, tr
from socpass_vc.errors import Contradicted
from socpass_vc.verifier.store.rollback_state import SeenFile

_WHAT = {
    "root": ("roots", "разных корня"),
    "trust list": ("trust lists", "разных списка доверия"),
    "status list": ("status lists", "разных списка статусов"),
    "catalogue": ("catalogues", "разных справочника"),
}


def say_alarm(alarm: Contradicted) -> str:
    """Return what happened, both sides, and what to do, a line each."""
    have, offered = cast("SeenFile", alarm.facts["have"]), cast("SeenFile", alarm.facts["offered"])
    kept_in = f" ({alarm.facts['kept_in']})" if "kept_in" in alarm.facts else ""
    lines = [
        say_what(str(alarm.facts["what"]), str(alarm.facts["name"])),
        f"  {tr('taken', 'принят')}: {_side(have)}",
        f"  {tr('offered', 'предложен')}: {_side(offered)}",
        tr(
            "This till goes on with the one it has taken. Somebody else signs with the issuer's key, or the issuer signed twice.",
            "Касса продолжает работать с принятым. Ключом ведомства подписывает кто-то ещё, либо ведомство подписало дважды.",
        ),
        tr(
            f"Keep both files{kept_in} and call the issuer, by a number that you know already.",
            f"Сохраните оба файла{kept_in} и позвоните в ведомство по номеру, который вам уже известен.",
        ),
    ]
    return "\n".join(lines)


def say_what(what: str, name: str) -> str:
    """Return which two things contradict each other."""
    en, ru = _WHAT.get(what, ("files", "разных файла"))
    return tr(f"two different {en} call themselves {name}", f"два {ru} выдают себя за одно и то же: {name}")


def _side(seen: SeenFile) -> str:
    said = [
        tr(f"signed {show_moment(seen.issued_at)}", f"подписан {show_moment(seen.issued_at)}"),
        f"SHA-256 {seen.digest.hex()}",
    ]
    if seen.source:
        said.append(tr(f"from {seen.source}", f"источник: {seen.source}"))
    if seen.taken_at is not None:
        said.append(show_moment(seen.taken_at))
    return "; ".join(said)
