"""An alarm in words: which two files contradict each other, where each came from, and what to do."""

from __future__ import annotations

from typing import cast

from socpass_cli.app.language import show_moment, tr
from socpass_vc.errors import Contradicted
from socpass_vc.verifier.store.rollback_state import SeenFile

_WHAT = {"root": "roots", "trust list": "trust_lists", "status list": "status_lists", "catalogue": "catalogues"}


def say_alarm(alarm: Contradicted) -> str:
    """Return what happened, both sides, and what to do, each on a line."""
    have, offered = cast("SeenFile", alarm.facts["have"]), cast("SeenFile", alarm.facts["offered"])
    folder = alarm.facts.get("kept_in")
    lines = [
        say_what(str(alarm.facts["what"]), alarm.facts["name"]),
        f"  {tr('cli.alarm.taken')}: {_side(have)}",
        f"  {tr('cli.alarm.offered')}: {_side(offered)}",
        tr("cli.alarm.meaning"),
        tr("cli.alarm.keep") if folder is None else tr("cli.alarm.keep_in", folder=folder),
    ]
    return "\n".join(lines)


def say_what(what: str, name: object) -> str:
    """Return which two files contradict each other.

    Args:
        what: the kind of the files, as ``alarm.json`` has it.
        name: what both call themselves.
    """
    return tr(f"cli.alarm.two.{_WHAT.get(what, 'files')}", name=name)


def _side(seen: SeenFile) -> str:
    said = [tr("cli.alarm.signed", at=seen.issued_at), f"SHA-256 {seen.digest.hex()}"]
    if seen.source:
        said.append(tr("cli.alarm.source", source=seen.source))
    if seen.taken_at is not None:
        said.append(show_moment(seen.taken_at))
    return "; ".join(said)
