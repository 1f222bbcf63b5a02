"""``socpass store`` as a monitor asks it, store.toml, alarms at a sync, and the age that each verdict shows."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import world
from command import Shell
from said import before_facts, pattern, text
from socpass_cli.app.language import show_moment
from socpass_cli.words.store_warnings import CODES
from socpass_vc.format import cbor
from socpass_vc.format.status.status_list import Status
from socpass_vc.format.trust.bundle import sign_trust_list, write_bundle
from socpass_vc.format.trust.issuers import IssuerKey, Use
from socpass_vc.verifier.store.till_store import Store

DAY = world.DAY
NOW = datetime.now(UTC).replace(microsecond=0)


def key(name: str, *uses: int, until: datetime = NOW + 400 * DAY) -> IssuerKey:
    """Return a key that signs today."""
    return world.issuer_key(name, *uses, sign_from=NOW - 400 * DAY, sign_until=until)


def bundle(version: int = 1, **changes: Any) -> bytes:
    """Return a bundle of a list that was signed an hour ago, and is to be renewed in two months."""
    until = changes.pop("until", NOW + 400 * DAY)
    root = changes.pop("root", NOW + 3000 * DAY)
    agency = world.issuer(key("pass", Use.PASS, until=until), key("status", Use.STATUS), key("catalogue", Use.CATALOGUE))
    times = {"issued_at": NOW - timedelta(hours=1), "next_update_at": NOW + 60 * DAY, "expires_at": NOW + 365 * DAY}
    listed = world.trust_list(agency, version=version, **(times | changes))
    top = world.root(expires_at=root)
    return write_bundle([world.root_token(top)], sign_trust_list(listed, [world.key("root")]))


def status(age: timedelta, *, valid: timedelta = 14 * DAY, values: dict[int, Status] | None = None, **changes: Any) -> bytes:
    """Return a status list that was signed so long ago, with a ttl of a day."""
    at = NOW - age
    return world.status_token(world.status_list(values, issued_at=at, expires_at=at + valid, **changes))


def till(folder: Path, bundle_of: bytes, *lists: bytes, root: datetime = NOW + 3000 * DAY) -> Path:
    """Make a till that holds these files."""
    store = Store.create(folder, world.root(expires_at=root).encode())
    store.offer(bundle_of)
    for token in lists:
        store.offer(token)
    return folder


def a_pass(folder: Path, index: int = world.INDEX, **changes: Any) -> Path:
    """Write the text of a pass that counts today."""
    claims = world.claims(issued_at=NOW - 30 * DAY, expires_at=NOW + 300 * DAY, **changes)
    path = folder / f"{index}.txt"
    path.write_text(world.text(claims))
    return path


HOUR = timedelta(hours=1)


def test_a_till_with_fresh_files_has_nothing_to_say(shell: Shell, tmp_path: Path) -> None:
    till(tmp_path / "till", bundle(), status(HOUR))
    said = shell("store", "--store", "till")
    assert (said.code, "!" in said.out, text("cli.alarm.label") in said.out) == (0, False, False)
    assert text("cli.store.on_stale.refuse") in said.out
    assert text("cli.store.clock_floor", moment=show_moment(NOW - HOUR)) in said.out


@pytest.mark.parametrize(
    ("made", "code", "exit_code"),
    [
        ((bundle(next_update_at=NOW - HOUR), status(HOUR)), "trust_ageing", 5),
        ((bundle(expires_at=NOW + 60 * DAY), status(HOUR)), "", 0),
        ((bundle(next_update_at=NOW + DAY, expires_at=NOW + 20 * DAY), status(HOUR)), "trust_expiring", 5),
        ((bundle(next_update_at=NOW - DAY, expires_at=NOW - HOUR, issued_at=NOW - 9 * DAY), status(HOUR)), "trust_expired", 4),
        ((bundle(), status(2 * DAY)), "status_ageing", 5),
        ((bundle(), status(12 * DAY)), "status_expiring", 5),
        ((bundle(), status(15 * DAY)), "status_expired", 4),
        ((bundle(),), "status_missing", 4),
        ((bundle(until=NOW + 29 * DAY), status(HOUR)), "key_ending", 5),
        ((bundle(), status(-2 * HOUR)), "clock_wrong", 4),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_or_will_be_too_old_is_said_and_the_exit_code_says_so(
    shell: Shell, tmp_path: Path, made: tuple[bytes, ...], code: str, exit_code: int
) -> None:
    # given
    till(tmp_path / "till", *made)

    # when
    found = json.loads(shell("store", "--store", "till", "--json").out)
    said = [shell("store", "--store", "till", "--lang", lang) for lang in ("en", "ru")]

    # then
    assert code in [warning["code"] for warning in found["warnings"]] if code else found["warnings"] == []
    assert found["state"] == {0: "fresh", 4: "expired", 5: "due"}[exit_code]
    assert [each.code for each in said] == [exit_code] * 2
    for each in said:
        assert each.out.count("\n! ") == len(found["warnings"])
        assert "?" not in each.out


@pytest.mark.parametrize(("ahead", "code"), [(29, "root_expiring"), (-1, "root_expired")])
def test_the_end_of_the_root_is_said(shell: Shell, tmp_path: Path, ahead: int, code: str) -> None:
    until = NOW + ahead * DAY
    till(tmp_path / "till", bundle(root=until), status(HOUR), root=until)
    said = shell("store", "--store", "till", "--json")
    found = json.loads(said.out)
    assert ([warning["code"] for warning in found["warnings"]], said.code) == ([code], 5 if ahead > 0 else 4)
    assert found["warnings"][0]["days_left"] in (ahead - 1, ahead)


def test_catalogues_have_their_time_too(shell: Shell, tmp_path: Path) -> None:
    folder = till(tmp_path / "till", bundle(), status(HOUR))
    ends = (2 * DAY, -2 * HOUR)
    for hours, (end, code) in enumerate(zip(ends, ("catalogue_expiring", "catalogue_expired"), strict=True)):
        issued = NOW - 4 * HOUR + hours * HOUR
        Store.open(folder).offer(world.catalogue_token(world.catalogue(issued_at=issued, expires_at=NOW + end)))
        found = json.loads(shell("store", "--store", "till", "--json").out)
        assert [warning["code"] for warning in found["warnings"]] == [code]


def test_every_warning_has_words_and_is_in_the_specification() -> None:
    spec = (Path(__file__).parents[3] / "specs" / "cli.md").read_text(encoding="utf-8")
    assert [code for code in sorted(CODES) if f"`{code}`" not in spec] == []


@pytest.mark.parametrize(
    ("age", "left", "count"), [(11 * DAY + HOUR, "in_days", 2), (13 * DAY, "in_hours", 23)], ids=["days", "hours"]
)
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_time_that_is_left_is_said_in_days_and_then_in_hours(
    shell: Shell, tmp_path: Path, lang: str, age: timedelta, left: str, count: int
) -> None:
    till(tmp_path / "till", bundle(), status(age))
    words = text(f"cli.store_warning.{left}", lang, count=count)
    assert f"({words})" in shell("store", "--store", "till", "--lang", lang).out


def test_how_long_ahead_is_for_the_owner_to_say(shell: Shell, tmp_path: Path) -> None:
    # given a list that expires in 13 days
    till(tmp_path / "till", bundle(), status(HOUR))

    # then
    assert shell("store", "--store", "till").code == 0
    assert shell("store", "--store", "till", "--warn-days", 14).code == 5
    (tmp_path / "till" / "store.toml").write_text("warn_days = 14\n")
    assert shell("store", "--store", "till").code == 5
    assert shell("store", "--store", "till", "--warn-days", 2).code == 0
    assert shell("store", "--store", "till", "--warn-days", -1).code == 2


def test_what_was_seen_is_looked_at_too(shell: Shell, tmp_path: Path) -> None:
    till(tmp_path / "till", bundle(), status(HOUR))
    (tmp_path / "till" / "floors.cbor").write_bytes(b"damaged")
    said = shell("store", "--store", "till")
    floors = str(Path("till", "floors.cbor"))
    assert (said.code, before_facts("damaged_file") in said.err, floors in said.err) == (1, True, True)
    assert shell("verify", a_pass(tmp_path), "--store", "till").code == 0


# --- store.toml ---------------------------------------------------------------------------------------------


def test_a_till_s_owner_says_what_expired_lists_do(shell: Shell, tmp_path: Path) -> None:
    # given
    till(tmp_path / "till", bundle(), status(15 * DAY))
    code = a_pass(tmp_path)
    assert shell("verify", code, "--store", "till").code == 4

    # when
    (tmp_path / "till" / "store.toml").write_text('on_stale = "warn"\n')

    # then
    for command in ("verify", "measures"):
        said = shell(command, code, "--store", "till", "--json", *(["--place", "museum"] if command == "measures" else []))
        assert json.loads(said.out)["code"] == ("accepted" if command == "verify" else "catalogue_unknown")
    said = shell("verify", code, "--store", "till")
    assert (said.code, text("verdict.warning.status_expired") in said.out) == (0, True)
    assert shell("verify", code, "--store", "till", "--on-stale", "refuse").code == 4
    scan = [sys.executable, "-m", "socpass_cli", "scan", "--store", str(tmp_path / "till"), "--json-lines"]
    scanned = subprocess.run(scan, input=code.read_bytes() + b"\n", capture_output=True, check=True)
    assert json.loads(scanned.stdout)["warnings"] == ["status_expired"]
    assert text("cli.store.on_stale.warn") in shell("store", "--store", "till").out


@pytest.mark.parametrize(
    ("content", "key", "facts"),
    [
        ("on_stael = 'warn'", "settings.unknown", {"name": "on_stael", "known": ["on_stale", "warn_days"]}),
        ("on_stale = 'perhaps'", "settings.on_stale", {"value": "perhaps"}),
        ("on_stale = true", "settings.on_stale", {"value": True}),
        ("warn_days = -1", "settings.warn_days", {"value": -1, "most": 3660}),
        ("warn_days = true", "settings.warn_days", {"value": True, "most": 3660}),
        ("warn_days = 1.5", "settings.warn_days", {"value": 1.5, "most": 3660}),
        ("on_stale", "toml.unreadable", None),
        ("\udcff", "toml.unreadable", None),
        ("#" * 20_000, "file_too_large", {"longest": 16_384}),
    ],
)
def test_a_wrong_setting_is_named_and_decides_nothing(
    shell: Shell, tmp_path: Path, content: str, key: str, facts: dict[str, object] | None
) -> None:
    # given
    said_part = before_facts(key) if facts is None else text(key, **facts)
    till(tmp_path / "till", bundle(), status(HOUR))
    (tmp_path / "till" / "store.toml").write_bytes(content.encode(errors="surrogateescape"))
    code = a_pass(tmp_path)

    # then
    said = shell("verify", code, "--store", "till")
    assert (said.code, said_part in said.out, "store.toml" in said.out) == (4, True, True)
    for command in (("store",), ("scan",)):
        said = shell(*command, "--store", "till")
        assert (said.code, said_part in said.err) == (1, True)
    assert "store.toml" in shell("store", "--store", "till", "--lang", "ru").err
    assert shell("verify", code, "--store", "till", "--on-stale", "warn").code == 0


# --- Alarms -------------------------------------------------------------------------------------------------


def test_an_alarm_names_both_and_stays_until_somebody_settles_it(shell: Shell, tmp_path: Path) -> None:
    # given a till that took a bundle from one place, and is offered another of that version
    site, mirror = tmp_path / "site", tmp_path / "mirror"
    for folder, content in ((site, bundle()), (mirror, bundle(next_update_at=NOW + 61 * DAY))):
        folder.mkdir()
        (folder / "trust.spt").write_bytes(content)
    root = tmp_path / "1.root"
    root.write_bytes(world.root_token(world.root(expires_at=NOW + 3000 * DAY)))
    assert shell("sync", site, "--root", root, "--store", "till").code == 0

    for lang in ("en", "ru"):
        # when
        said = shell("sync", mirror, "--store", "till", "--lang", lang)

        # then
        assert (said.code, "[contradicted]" in said.err) == (1, True)
        words = [text(f"cli.alarm.{key}", lang) for key in ("label", "taken", "offered", "meaning")]
        words.append(before_facts("cli.alarm.keep_in", lang))
        assert [word for word in words if word not in said.err] == []
        assert said.err.count("SHA-256 ") == 2
        assert str(site / "trust.spt") in said.err
        assert said.err.count(str(mirror / "trust.spt")) == 2

    # and
    for lang in ("en", "ru"):
        said = shell("store", "--store", "till", "--lang", lang)
        name = text("name_of.trust_list", lang, version=1, root_version=1)
        alarm_line = f"{text('cli.alarm.label', lang)} {text('cli.alarm.two.trust_lists', lang, name=name)}: "
        assert (said.code, alarm_line in said.out, text("cli.alarm.settle", lang) in said.out) == (1, True, True)
    (alarm,) = json.loads(shell("store", "--store", "till", "--json").out)["alarms"]
    assert (alarm["what"], alarm["name"]) == ("trust list", "version 1 under root 1")
    assert (alarm["version"], alarm["root_version"], alarm["at_hand"]["source"]) == (1, 1, str(site / "trust.spt"))
    folder = Path(alarm["folder"])
    assert ((folder / "at-hand.spt").read_bytes(), (folder / "offered.spt").read_bytes()) == (
        bundle(),
        (mirror / "trust.spt").read_bytes(),
    )
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    assert shell("store", "--store", "till").code == 4  # no status list yet


def test_an_older_file_is_refused_in_both_languages(shell: Shell, tmp_path: Path) -> None:
    till(tmp_path / "till", bundle(2), status(HOUR))
    (tmp_path / "0.cwt").write_bytes(status(2 * HOUR))
    for lang in ("en", "ru"):
        said = shell("sync", "0.cwt", "--store", "till", "--lang", lang)
        issued_at, newest_at = show_moment(NOW - 2 * HOUR), show_moment(NOW - HOUR)
        assert text("file_older_than_seen", lang, issued_at=issued_at, newest_at=newest_at) in said.err


# --- The age of the list, in every verdict that looked at one ------------------------------------------------


def test_every_verdict_that_looked_at_a_list_says_how_old_it_is(shell: Shell, tmp_path: Path) -> None:
    # given
    values = {1: Status.INVALID, 2: Status.SUSPENDED}
    till(tmp_path / "till", bundle(), status(5 * HOUR, values=values))
    passes = {
        "accepted": a_pass(tmp_path),
        **{
            code: a_pass(tmp_path, index, status=world.claims().status.__class__(list_number=0, index=index))
            for code, index in (("revoked", 1), ("suspended", 2), ("status_unknown", world.ENTRIES))
        },
        "no_entitlement": a_pass(
            tmp_path, 3, entitlements=(world.claims().entitlements[0].__class__(category=2545, last=NOW.date() - 2 * DAY),)
        ),
    }

    for code, path in passes.items():
        # when
        said = shell("verify", path, "--store", "till")
        found = json.loads(shell("verify", path, "--store", "till", "--json").out)

        # then
        assert found["code"] == code
        assert text("cli.verdict.status_list", age=text("cli.age.hours", hours=5)) in said.out
        assert found["status_list"]["age_seconds"] // 3600 == 5
        signed = text("cli.verdict.status_list", "ru", age=text("cli.age.hours", "ru", hours=5))
        assert signed in shell("verify", path, "--store", "till", "--lang", "ru").out
    lines = shell("verify", tmp_path, "--store", "till").out.splitlines()
    colours = tuple(text(f"verdict.colour.{family}") for family in ("accepted", "rejected", "undecided"))
    verdicts = [line for line in lines if line.startswith(colours)]
    assert verdicts
    in_short = text("cli.verdict.status_list_in_short", age=text("cli.age.hours", hours=5))
    assert all(line.endswith(f"[{in_short}]") for line in verdicts)


def test_a_stale_list_says_its_age_too(shell: Shell, tmp_path: Path) -> None:
    till(tmp_path / "till", bundle(), status(15 * DAY))
    said = shell("verify", a_pass(tmp_path), "--store", "till")
    assert (said.code, text("cli.verdict.status_list", age=text("cli.age.days", count=15)) in said.out) == (4, True)


def test_a_clock_that_is_behind_is_told_what_it_shows_what_is_past_and_what_to_do(shell: Shell, tmp_path: Path) -> None:
    till(tmp_path / "till", bundle(), status(HOUR))
    code = a_pass(tmp_path)
    back = (NOW - 3 * DAY).isoformat()
    found = json.loads(shell("verify", code, "--store", "till", "--at", back, "--json").out)
    assert (found["code"], found["checked_at"] < found["clock_floor"]) == ("clock_wrong", True)
    for lang in ("en", "ru"):
        said = shell("verify", code, "--store", "till", "--at", back, "--lang", lang)
        assert said.code == 4
        assert pattern("verdict.reason.clock_wrong", lang).search(said.out)
        assert text("verdict.advice.set_clock", lang) in said.out


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_store_of_an_earlier_version_is_told_to_be_made_anew(shell: Shell, tmp_path: Path, lang: str) -> None:
    # given a root whose keys have no types
    folder = till(tmp_path / "till", bundle())
    root = world.root(expires_at=NOW + 3000 * DAY)
    said = cbor.decode(root.encode())
    assert isinstance(said, dict)
    (folder / "root.cbor").write_bytes(cbor.encode({**said, 4: [key.raw for key in root.keys]}))

    # when
    told = shell("verify", a_pass(tmp_path), "--store", folder, "--lang", lang)

    # then
    assert told.code != 0
    for slug in ("store_before_typed_keys", "cli.next.store_before_typed_keys"):
        assert text(slug, lang) in told.err + told.out


def test_a_key_of_another_algorithm_is_shown_with_its_number(shell: Shell, tmp_path: Path) -> None:
    # given
    agency = world.issuer(key("pass", Use.PASS), key("status", Use.STATUS), world.issuer_key(world.later_key("pass"), Use.PASS))
    listed = world.trust_list(agency, issued_at=NOW, next_update_at=NOW + 60 * DAY, expires_at=NOW + 365 * DAY)
    top = world.root(expires_at=NOW + 3000 * DAY)
    folder = till(tmp_path / "till", write_bundle([world.root_token(top)], sign_trust_list(listed, [world.key("root")])))

    # then
    shown = text("cli.key_id.unknown", key_id=world.later_key("pass").key_id.hex(), algorithm=-48)
    assert shown in shell("store", "--store", folder).out


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_till_without_a_trust_list_is_told_to_sync(shell: Shell, demo_folder: Path, tmp_path: Path, lang: str) -> None:
    words = f"{text('no_trust_list_here', lang)}; {text('cli.next.no_trust_list_here', lang)}"
    till = Path(shutil.copytree(demo_folder / "till", tmp_path / "till"))
    (till / "trust.spt").unlink()
    said = shell("store", "--store", till, "--lang", lang)
    assert (said.code, words in said.err) == (1, True)
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", till, "--lang", lang)
    assert (said.code, words in said.out) == (4, True)
