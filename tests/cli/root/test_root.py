"""``socpass root``: a ceremony with keys on several machines, as people type it; and what it refuses."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import world
from command import Said, Shell
from said import before_facts, text
from socpass_vc.authority.issuer_description import write_description
from socpass_vc.format.cbor import encode
from socpass_vc.format.keyfile import SealingCost, seal, write_public_pem
from socpass_vc.format.trust.bundle import read_bundle, sign_trust_list, write_bundle
from socpass_vc.format.trust.issuers import Issuer, Use, encode_issuer
from softhsm import Tokens

CUSTODIANS = ("anna", "boris", "vera")
FAR = world.END_OF_TIME - 400 * world.DAY


@pytest.fixture
def room(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell in a folder with three custodians' keys and a passphrase."""
    (tmp_path / "passphrase.txt").write_text("correct horse\n")
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", "passphrase.txt")
    for name in CUSTODIANS:
        (tmp_path / f"{name}.json").write_bytes(seal(world.key(name), "correct horse", cost=SealingCost.INTERACTIVE))
        (tmp_path / f"{name}.pem").write_bytes(write_public_pem(world.key(name).public_key))
    return shell


@pytest.fixture
def federation(room: Shell) -> Shell:
    """Return that room with a first root, two of three, and an issuer in the next list."""
    keys = [part for name in CUSTODIANS for part in ("--key", f"{name}.pem")]
    assert room("root", "init", "federation", "--threshold", "2", *keys).code == 0
    pass_round(room, "root-1", "anna", "boris")
    describe(agency())
    assert room("root", "add-issuer", "federation", "RU-BA.toml").code == 0
    return room


def agency(**changes: object) -> Issuer:
    """Return the agency, whose keys sign for long."""
    keys = [world.issuer_key(name, use, sign_until=FAR) for name, use in (("pass", Use.PASS), ("status", Use.STATUS))]
    return world.issuer(*keys, **{"scopes": ((1, 999), (2001, 2999)), **changes})


def describe(issuer: Issuer) -> None:
    """Write the description of an issuer into the folder."""
    Path(f"{issuer.id}.toml").write_text(write_description(issuer), encoding="utf-8")


def pass_round(shell: Shell, request: str, *names: str) -> Said:
    """Give a copy of the open request to each custodian, let it be signed, and collect the copies in one go."""
    copies = []
    for name in names:
        copy = Path(f"{name}.request")
        copy.write_bytes(Path(f"federation/requests/{request}.request").read_bytes())
        said = shell("root", "sign", copy, "--key", f"{name}.json")
        assert (said.code, text("cli.root.sign.done", path=copy) in said.out) == (0, True), said.err
        copies.append(copy)
    collected = shell("root", "collect", "federation", *copies)
    assert (collected.code, before_facts("cli.written") in collected.out) == (0, True), collected
    return collected


def key_of(custodian: str) -> str:
    """Return how a custodian's key is shown."""
    return text("cli.root.key", key_id=world.key(custodian).public_key.key_id.hex())


def root_line(version: int, threshold: int, keys: int) -> str:
    """Return how a root is shown, up to its expiry."""
    return before_facts("cli.root.root", version=version, threshold=threshold, keys=keys)


def list_line(version: int) -> str:
    """Return how a trust list is shown, up to its times."""
    return before_facts("cli.root.list", version=version)


def test_a_key_of_another_algorithm_of_another_agency_goes_round_unchanged_and_is_shown(federation: Shell) -> None:
    # given an agency whose program is newer, described in both forms
    later = world.issuer_key(world.later_key("tatar"), Use.PASS, 7, sign_until=FAR)
    own = [world.issuer_key(f"tatar {use}", use, sign_until=FAR) for use in (Use.PASS, Use.STATUS)]
    tatar = world.issuer(*own, later, id="RU-TA", scopes=((16001, 16999),), status_base="https://tatar.example.ru/status/")
    shown = text("cli.key_id.unknown", key_id=later.public_key.key_id.hex(), algorithm=-48)
    describe(tatar)
    Path("short.issuer").write_bytes(encode(encode_issuer(tatar)))
    for file in ("RU-TA.toml", "short.issuer"):
        assert federation("root", "add-issuer", "federation", file).code == 0

    # when
    drafted = federation("root", "draft", "federation")
    pass_round(federation, "list-1", "anna", "vera")

    # then
    assert shown in drafted.out
    assert read_bundle(Path("federation/trust.spt").read_bytes()).check_itself().list.issuers == (agency(), tatar)
    assert shown in federation("root", "show", "federation").out

    # when the next list says no more than that it is a later one
    assert federation("root", "draft", "federation").code == 0
    pass_round(federation, "list-2", "boris", "vera")

    # then
    assert read_bundle(Path("federation/trust.spt").read_bytes()).check_itself().list.issuers == (agency(), tatar)


# --- The ceremony -------------------------------------------------------------------------------------------


def test_a_list_goes_round_and_comes_into_force(federation: Shell) -> None:
    # when
    drafted = federation("root", "draft", "federation")

    # then all of it is shown before anybody signs
    scopes = text("cli.root.scopes", scopes=["1-999", "2001-2999"])
    for words in (text("cli.root.request.all_new"), "RU-BA", "Министерство труда", scopes, "Asia/Yekaterinburg"):
        assert words in drafted.out
    assert f"- {key_of('anna')} — anna" in drafted.out

    # when the first has signed
    Path("one.request").write_bytes(Path("federation/requests/list-1.request").read_bytes())
    signed = federation("root", "sign", "one.request", "--key", "vera.json", "--out", "signed.request")
    partial = federation("root", "collect", "federation", "signed.request", "signed.request")

    # then one is missing, and is named
    assert (signed.code, partial.code) == (0, 0)
    assert text("cli.root.tally.missing", have=1, needed=2) + "\n" in partial.out
    assert text("cli.root.collect.more_needed") in partial.out
    assert "— boris" in federation("root", "show", "federation").out
    assert not Path("federation/trust.spt").exists()
    path = "federation/requests/list-1.request"
    assert text("cli.root.show.open_request", path=path) in federation("root", "show", "federation").out

    # when the second has
    done = pass_round(federation, "list-1", "boris")

    # then
    assert text("cli.written", path="federation/trust.spt") in done.out
    assert federation("root", "check", "federation/trust.spt", "federation/roots/1.root").code == 0
    assert text("cli.root.diff.issuers_unchanged", number=1) in federation("root", "show", "federation").out


def test_a_bundle_whose_list_its_root_did_not_sign_is_not_shown_as_one(federation: Shell) -> None:
    # given the root whose fingerprint people know, and a list by somebody else
    forged = write_bundle(
        [Path("federation/roots/1.root").read_bytes()], sign_trust_list(world.trust_list(agency()), [world.key("stranger")])
    )
    Path("trust.spt").write_bytes(forged)

    # when
    said = federation("root", "show", "trust.spt")

    # then
    assert (said.code, said.out) == (1, "")
    assert "[forged]: trust.spt" in said.err


def test_what_differs_is_shown_key_by_key(federation: Shell) -> None:
    # given a list in force, and a description in which all has changed
    federation("root", "draft", "federation")
    pass_round(federation, "list-1", "anna", "vera")
    former = agency()
    new = world.issuer_key("next", Use.PASS, sign_from=FAR - world.DAY, sign_until=FAR + world.DAY)
    describe(
        agency(
            names={"en": "Ministry of Family"},
            time_zone="Europe/Moscow",
            documents_url="https://pass.example.ru/documents/",
            scopes=((1, 999), (2001, 2500)),
            keys=tuple(sorted((*former.keys, new), key=lambda key: key.public_key.raw)),
        )
    )

    # when
    said = federation("root", "add-issuer", "federation", "RU-BA.toml")
    stolen = world.key("pass").public_key.key_id.hex()
    marked = federation("root", "mark-key", "federation", stolen, "compromised")
    drafted = federation("root", "draft", "federation")

    # then
    scopes_before = text("cli.root.scopes", scopes=["1-999", "2001-2999"])
    scopes_after = text("cli.root.scopes", scopes=["1-999", "2001-2500"])
    for line in (
        "~ en: Ministry of Labour of Bashkortostan -> Ministry of Family",
        "~ ru: Министерство труда Республики Башкортостан -> —",
        f"~ {text('cli.root.diff.time_zone')}: Asia/Yekaterinburg -> Europe/Moscow",
        f"~ {text('cli.root.diff.scope')}: {scopes_before} -> {scopes_after}",
        text("cli.root.addresses", status_base=former.status_base, documents_url="https://pass.example.ru/documents/"),
        f"+ {text('cli.root.key', key_id=new.public_key.key_id.hex())} (pass), active",
    ):
        assert line in said.out
        assert line in drafted.out
    assert f"~ {text('cli.root.key', key_id=stolen)}: active -> compromised" in marked.out
    assert f"~ {text('cli.root.key', key_id=stolen)}: active -> compromised" in drafted.out
    assert text("cli.root.request.differences", version=1) in drafted.out


def test_issuers_that_come_and_go_are_shown_by_name_and_those_that_stay_are_counted(federation: Shell) -> None:
    # given
    federation("root", "draft", "federation")
    pass_round(federation, "list-1", "anna", "vera")
    key = world.issuer_key("ko", Use.PASS, sign_until=FAR)
    describe(world.issuer(key, id="RU-KO", scopes=((11_001, 11_999),), status_base="https://k.example.ru/"))
    assert text("cli.root.issuer.unchanged") in federation("root", "add-issuer", "federation", "RU-BA.toml").out

    # when
    assert text("cli.root.issuer.new") in federation("root", "add-issuer", "federation", "RU-KO.toml").out
    came = federation("root", "draft", "federation").out
    federation("root", "drop-issuer", "federation", "RU-BA")
    went = federation("root", "draft", "federation", "--again").out

    # then
    new = text("cli.root.diff.issuer_new", issuer_id="RU-KO")
    gone = text("cli.root.diff.issuer_gone", issuer_id="RU-BA")
    none, one = (text("cli.root.diff.issuers_unchanged", number=number) for number in (0, 1))
    assert f"    + {new}\n    = {one}\n" in came
    assert f"    - {gone}\n    + {new}\n    = {none}\n" in went


def test_a_bundle_is_shown_and_checked_and_one_that_has_expired_is_named(
    federation: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    federation("root", "draft", "federation")
    pass_round(federation, "list-1", "anna", "vera")

    # then
    shown = federation("root", "show", "federation/trust.spt").out
    assert (root_line(1, 2, 3) in shown, list_line(1) in shown) == (True, True)
    monkeypatch.setattr("socpass_cli.app.clock.now", lambda: world.END_OF_TIME)
    said = federation("root", "check", "federation/trust.spt", "federation/roots/1.root")
    assert (said.code, text("cli.error.bundle_expired") in said.err) == (1, True)


def test_the_root_goes_on_to_other_keys(federation: Shell, tmp_path: Path) -> None:
    # given
    federation("root", "draft", "federation")
    pass_round(federation, "list-1", "anna", "vera")
    (tmp_path / "dina.pem").write_bytes(write_public_pem(world.key("dina").public_key))
    added = federation("root", "add-key", "federation", "dina.pem")
    dropped = federation("root", "drop-key", "federation", "anna")
    assert (added.code, text("cli.fingerprint.aloud") in added.out, dropped.code) == (0, True, 0)
    shown = federation("root", "show", "federation").out
    assert f"+ {key_of('dina')} — {text('cli.root.show.in_next_root', custodian='dina')}" in shown
    assert f"- {key_of('anna')} — {text('cli.root.show.not_in_next_root')}" in shown

    # when
    rotated = federation("root", "rotate", "federation", "--years", "5")

    # then
    assert text("cli.root.diff.follows_root", version=1) in rotated.out
    assert f"- {key_of('anna')}" in rotated.out
    assert f"+ {key_of('dina')} — dina" in rotated.out
    assert f"~ {text('cli.root.diff.expires')}: " in rotated.out
    assert federation("root", "check", "federation/requests/root-2.request", "federation/roots/1.root").code == 0
    done = pass_round(federation, "root-2", "boris", "vera")
    assert text("cli.written", path="federation/roots/2.root") in done.out
    good = text("cli.root.check.good", file="federation/trust.spt", root=2, list=2)
    assert federation("root", "check", "federation/trust.spt", "federation/roots/1.root").out.startswith(good)


def test_a_key_in_a_token_signs_a_request(federation: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    tokens = Tokens(tmp_path / "softhsm", monkeypatch)
    tokens.make("safe")
    tokens.put("safe", "root", "01", world.key("vera"))
    tokens.forget()
    federation("root", "draft", "federation")
    copy = tmp_path / "vera.request"
    copy.write_bytes((tmp_path / "federation/requests/list-1.request").read_bytes())

    # when
    said = federation("root", "sign", copy, "--key", "pkcs11:token=safe;object=root", "--pin-file", tokens.pin_file)

    # then
    assert (said.code, text("cli.root.tally.missing", have=1, needed=2) in said.out) == (0, True), said.err
    assert federation("root", "collect", "federation", copy).code == 0


def test_one_machine_may_hold_all_keys(room: Shell) -> None:
    # given
    made = room("root", "init", "own", "--keys", "3", "--threshold", "2")
    describe(agency())

    # then
    assert (made.code, root_line(1, 2, 3) in made.out) == (0, True)
    assert Path("own/secret/1.json").stat().st_mode & 0o777 == 0o600
    for version in (1, 2):
        said = room("root", "sign", "own", "--issuer", "RU-BA.toml")
        assert (said.code, list_line(version) in said.out) == (0, True)
    assert list_line(3) in room("root", "sign", "own").out
    assert room("root", "rotate", "own").code == 0
    assert text("cli.written", path="own/roots/2.root") in room("root", "sign", "own").out


def test_a_root_on_one_machine_is_shown_an_open_request_and_does_not_sign_what_must_not_be(
    room: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a request that somebody laid there, or that lay in a drawer
    room("root", "init", "own", "--keys", "1")
    describe(agency())
    room("root", "add-issuer", "own", "RU-BA.toml")
    room("root", "draft", "own", "--valid", "1", "--next-update", "1")
    request = Path("own/requests/list-1.request")
    before = request.read_bytes()

    # when its list has expired
    with monkeypatch.context() as clock:
        clock.setattr("socpass_cli.app.clock.now", lambda: world.END_OF_TIME - 500 * world.DAY)
        said = room("root", "sign", "own")

    # then
    assert (said.code, "[window_past]" in said.err) == (1, True)
    assert f"{text('cli.root.request.do_not_sign')} [window_past]" in said.out
    assert request.read_bytes() == before
    assert not Path("own/trust.spt").exists()

    # when it has not
    said = room("root", "sign", "own")

    # then
    assert (said.code, said.out.startswith(f"{text('cli.root.request.list')}\n")) == (0, True)
    assert Path("own/trust.spt").exists()


def test_a_root_may_begin_with_nothing_and_be_given_keys_one_by_one(room: Shell) -> None:
    # when
    assert text("cli.root.init.next", folder="new") in room("root", "init", "new").out
    nothing = f"{text('cli.root.show.no_root')}\n{text('cli.root.show.no_list')}\n"
    assert room("root", "show", "new").out.startswith(nothing)
    for name in CUSTODIANS:
        assert room("root", "add-key", "new", f"{name}.json", "--name", f"{name.title()} 1").code == 0
    said = room("root", "rotate", "new")

    # then
    assert (said.code, root_line(1, 2, 3) in said.out, "— Anna 1" in said.out) == (0, True, True)
    assert text("cli.root.diff.first_root") in said.out


@pytest.mark.parametrize(
    ("threshold", "risk"), [(1, "cli.root.risk.one_stolen_key"), (2, None), (3, "cli.root.risk.one_lost_key")]
)
def test_what_one_accident_would_do_to_a_root_is_said(room: Shell, threshold: int, risk: str | None) -> None:
    # given
    room("root", "init", "new")
    for name in CUSTODIANS:
        room("root", "add-key", "new", f"{name}.pem")

    # when
    said = room("root", "rotate", "new", "--threshold", threshold).out

    # then
    assert re.findall("^  ! (.*)$", said, re.MULTILINE) == ([] if risk is None else [text(risk)])


# --- Fingerprints -------------------------------------------------------------------------------------------


def test_a_fingerprint_is_read_aloud_as_it_is_written(room: Shell) -> None:
    # given
    for lang in ("en", "ru"):
        letters = {text(f"cli.fingerprint.letter.{letter}", lang): letter for letter in "abcdef"}

        # when
        said = room("root", "show", "anna.pem", "--lang", lang).out
        written = re.search("^    ((?:[0-9a-f]{4} ){15}[0-9a-f]{4})$", said, re.MULTILINE)
        spoken = re.findall("^      [1-4]\\. (.*)$", said, re.MULTILINE)

        # then
        assert written
        assert written[1].replace(" ", "") == world.key("anna").public_key.thumbprint.hex()
        words = " ".join(spoken).replace(",", "").split(" ")
        assert "".join(letters.get(word, word) for word in words) == written[1].replace(" ", "")


def test_everything_that_a_root_deals_with_can_be_shown(federation: Shell, tmp_path: Path) -> None:
    # given
    (tmp_path / "ba.issuer").write_bytes(encode(encode_issuer(agency())))
    federation("root", "draft", "federation")

    # then
    short, readable = federation("root", "show", "ba.issuer").out, federation("root", "show", "RU-BA.toml").out
    assert short == readable
    assert "RU-BA" in short
    assert federation("root", "show", "anna.pem").out == federation("root", "show", "anna.json").out
    for file in ("federation/requests/list-1.request", "federation/roots/1.root", "federation"):
        for lang in ("en", "ru"):
            assert federation("root", "show", file, "--lang", lang).code == 0


def test_a_description_has_the_same_fingerprint_for_the_agency_and_for_the_root(room: Shell) -> None:
    # given
    init = ("--id", "RU-BA", "--name", "en=Town", "--scope", "1-999", "--status-base", "https://p.example.ru/")
    assert room("issuer", "init", "ba", "--bundle", "federation/trust.spt", *init).code == 0
    room("root", "init", "federation", "--keys", "1")

    # when
    said = room("issuer", "describe", "ba.issuer", "--agency", "ba").out
    added = room("root", "add-issuer", "federation", "ba.issuer").out

    # then
    heading = text("cli.root.add_issuer.fingerprint") + "\n"
    assert said[said.index("    ") :] == added[added.index(heading) + len(heading) :]
    settings = Path("ba/agency.toml").read_text(encoding="utf-8")
    assert 'bundle = "../federation/trust.spt"' in settings
    assert not Path("ba/roots").exists()
    assert sorted(path.name for path in Path("ba/keys").iterdir()) == ["checkpoints.json", "pass.json", "status.json"]


def test_a_name_is_shown_with_its_language_and_with_what_a_terminal_does_not_show(federation: Shell) -> None:
    # given names that look alike on a terminal: a wide space, and a dash in a language that had none
    federation("root", "draft", "federation")
    pass_round(federation, "list-1", "anna", "vera")
    names = {"en": "Ministry of Labour of\u2003Bashkortostan", "kk": "\u2014 X", "ru": "Министерство; en: X"}
    describe(agency(names=names))

    # when
    federation("root", "add-issuer", "federation", "RU-BA.toml")
    drafted = federation("root", "draft", "federation")

    # then
    for line in (
        "        ~ en: Ministry of Labour of Bashkortostan -> Ministry of Labour of\ufffdBashkortostan\n",
        "        ~ kk: \u2014 -> \u2014 X\n",
        "  RU-BA\n    en: Ministry of Labour of\ufffdBashkortostan\n    kk: \u2014 X\n    ru: Министерство; en: X\n",
    ):
        assert line in drafted.out


def test_a_custodian_is_told_of_what_is_usually_a_mistake_though_the_secretary_allowed_it(federation: Shell) -> None:
    # given a request for a list in which one region reaches into another's categories
    scopes = ((2500, 2600),)
    neighbour = world.issuer(
        world.issuer_key("ko", Use.PASS, sign_until=FAR), id="RU-KO", scopes=scopes, status_base="https://k.ru/"
    )
    describe(neighbour)
    federation("root", "add-issuer", "federation", "RU-KO.toml")
    federation("root", "draft", "federation", "--allow-overlap")
    request = Path("federation/requests/list-1.request")

    # then
    for lang in ("en", "ru"):
        overlap = text("scopes_overlap", lang, one="RU-BA", other="RU-KO", first=2500, last=2600)
        words = f"{text('cli.root.request.usually_a_mistake', lang)} [scope_overlap]: {overlap}"
        said = federation("root", "sign", request, "--key", "anna.json", "--out", "signed.request", "--lang", lang)
        assert said.code == 0, said.err
        assert words in said.out
        shown = federation("root", "show", request, "--lang", lang)
        assert words in shown.out


def test_a_custodian_is_told_of_issuers_that_look_alike(federation: Shell) -> None:
    # given an agency that is called as another, but for one Latin letter
    name = "Министерство труда Республики Башкортостан"
    double = f"M{name[1:]}"
    key = world.issuer_key("ko", Use.PASS, sign_until=FAR)
    describe(world.issuer(key, id="RU-KO", names={"ru": double}, scopes=((3000, 3999),), status_base="https://k.ru/"))
    federation("root", "add-issuer", "federation", "RU-KO.toml")
    request = "federation/requests/list-1.request"

    # then whoever drafts is asked, and whoever signs is told
    for lang in ("en", "ru"):
        alike = text("issuers_look_alike", lang, one="RU-BA", other="RU-KO", of_one=name, of_other=double)
        said = federation("root", "draft", "federation", "--lang", lang)
        advice = text("cli.next.issuers_look_alike", lang)
        assert (said.code, f"[issuers_look_alike]: {alike}; {advice}\n" in said.err) == (1, True)
    assert federation("root", "draft", "federation", "--allow-look-alikes").code == 0
    told = f"{text('cli.root.request.usually_a_mistake', 'ru')} [issuers_look_alike]: {alike}"
    root = "federation/roots/1.root"
    for command in (
        ("sign", request, "--key", "anna.json", "--out", "signed.request"),
        ("show", request),
        ("check", request, root),
    ):
        said = federation("root", *command, "--lang", "ru")
        assert said.code == 0, said.err
        assert told in said.out
    pass_round(federation, "list-1", "anna", "vera")
    assert told in federation("root", "check", "federation/trust.spt", root, "--lang", "ru").out


# --- Refusals -----------------------------------------------------------------------------------------------


def test_a_list_that_must_not_be_signed_is_refused_by_name_in_both_languages(federation: Shell) -> None:
    # given
    neighbour = world.issuer(
        world.issuer_key("ko", Use.PASS, sign_until=FAR), id="RU-KO", scopes=((2500, 2600),), status_base="https://k.example.ru/"
    )
    describe(neighbour)
    federation("root", "add-issuer", "federation", "RU-KO.toml")

    # then
    for lang in ("en", "ru"):
        said = federation("root", "draft", "federation", "--lang", lang)
        overlap = text("scopes_overlap", lang, one="RU-BA", other="RU-KO", first=2500, last=2600)
        assert (said.code, f"[scope_overlap]: {overlap}; {text('cli.next.scopes_overlap', lang)}\n" in said.err) == (1, True)
    assert federation("root", "draft", "federation", "--allow-overlap").code == 0
    assert "[outlives_root]" in federation("root", "draft", "federation", "--again", "--allow-overlap", "--valid", "3660").err


def test_a_custodian_is_told_what_must_not_be_signed_and_signs_nothing(
    federation: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a request that lay in a drawer until its list had expired
    federation("root", "draft", "federation", "--valid", "1", "--next-update", "1")
    request = Path("federation/requests/list-1.request")
    before = request.read_bytes()
    later = world.END_OF_TIME - 500 * world.DAY
    monkeypatch.setattr("socpass_cli.app.clock.now", lambda: later)

    # then
    assert f"{text('cli.root.request.do_not_sign')} [window_past]" in federation("root", "show", request).out
    said = federation("root", "sign", request, "--key", "anna.json")
    assert (said.code, "[window_past]" in said.err) == (1, True)
    assert federation("root", "check", request, "federation/roots/1.root").code == 1
    assert request.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "code", "said_part"),
    [
        (("root", "init", "x", "--key", "anna.pem", "--keys", "2"), 2, text("cli.root.init.key_or_keys")),
        (("root", "init", "x", "--keys", "1", "--threshold", "2"), 2, text("cli.root.init.threshold_too_high", threshold=2)),
        (("root", "init", "x", "--threshold", "1"), 2, text("cli.root.init.threshold_too_high", threshold=1)),
        (("root", "init", "x", "--key", "anna.pem", "--key", "anna.json"), 1, "[key_twice]"),
        (("root", "init", "x", "--key", "passphrase.txt"), 1, "[bad_key_file]: passphrase.txt"),
        (("root", "init", "federation"), 1, text("root_folder_not_empty")),
        (("root", "add-key", "federation", "anna.pem", "--name", "other"), 1, "[key_twice]"),
        (("root", "add-key", "federation", "missing.pem"), 1, "missing.pem"),
        (("root", "drop-key", "federation", "zoya"), 1, text("no_such_root_key", named="zoya", known=CUSTODIANS)),
        (("root", "drop-issuer", "federation", "RU-X"), 1, text("no_such_issuer", issuer_id="RU-X", known=["RU-BA"])),
        (("root", "mark-key", "federation", "00", "retired"), 2, text("cli.usage.not_a_key_id")),
        (("root", "mark-key", "federation", "0" * 16, "retired"), 1, text("no_issuer_has_key", key_id="0" * 16)),
        (("root", "mark-key", "federation", "0" * 16, "active"), 2, "'active' is not one of"),
        (("root", "collect", "federation"), 1, f"{text('no_request_open')}; {text('cli.next.no_request_open')}"),
        (("root", "collect", "federation", "anna.pem"), 1, "[malformed]: anna.pem: "),
        (("root", "sign", "federation"), 1, text("cli.error.no_root_keys_here")),
        (("root", "sign", "federation", "--key", "anna.json"), 2, text("cli.root.sign.key_with_request")),
        (("root", "sign", "anna.pem"), 2, text("cli.root.sign.key_needed")),
        (("root", "sign", "anna.pem", "--key", "anna.json", "--again"), 2, text("cli.root.sign.issuer_with_folder")),
        (("root", "sign", "anna.pem", "--key", "anna.json"), 1, "[malformed]: anna.pem: "),
        (("root", "add-issuer", "federation", "anna.pem"), 1, f"[bad_authority]: anna.pem: {before_facts('toml.unreadable')}"),
        (("root", "rotate", "federation", "--threshold", "4"), 1, text("root_threshold", threshold=4, keys=3)),
        (("root", "draft", "."), 1, f"{text('no_root_here')}; {text('cli.next.no_root_here', folder='.')}"),
        (("root", "show", "."), 1, text("no_root_here")),
        (("root", "show", "passphrase.txt"), 1, "[malformed]: passphrase.txt: "),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, tuple) else "",
)
def test_a_mistake_is_named(federation: Shell, arguments: tuple[str, ...], code: int, said_part: str) -> None:
    for lang in ("en", "ru"):
        said = federation(*arguments, "--lang", lang)
        assert said.code == code
        if lang == "en":
            assert said_part in said.err


def test_a_key_that_is_not_asked_is_refused_before_its_passphrase_is(federation: Shell, tmp_path: Path) -> None:
    # given
    (tmp_path / "dina.json").write_bytes(seal(world.key("dina"), "another", cost=SealingCost.INTERACTIVE))
    federation("root", "draft", "federation")

    # then
    not_asked = text("key_not_asked", key_id=world.key("dina").public_key.key_id.hex())
    said = federation("root", "sign", "federation/requests/list-1.request", "--key", "dina.json")
    assert (said.code, f"[bad_request]: dina.json: {not_asked}" in said.err) == (1, True)


def test_a_wrong_passphrase_leaves_the_request_as_it_was(federation: Shell, tmp_path: Path) -> None:
    # given
    (tmp_path / "wrong.txt").write_text("wrong\n")
    federation("root", "draft", "federation")
    request = Path("federation/requests/list-1.request")
    before = request.read_bytes()

    # then
    said = federation("root", "sign", request, "--key", "anna.json", "--passphrase-file", "wrong.txt")
    assert (said.code, "[wrong_passphrase]" in said.err) == (1, True)
    assert request.read_bytes() == before


def test_a_request_that_was_withdrawn_is_not_collected(federation: Shell) -> None:
    # given
    federation("root", "draft", "federation")
    Path("old.request").write_bytes(Path("federation/requests/list-1.request").read_bytes())
    federation("root", "sign", "old.request", "--key", "anna.json")
    assert f"{text('request_open')}; {text('cli.next.request_open')}" in federation("root", "draft", "federation").err
    assert federation("root", "draft", "federation", "--again").code == 0

    # then
    said = federation("root", "collect", "federation", "old.request")
    assert (said.code, f"[bad_request]: old.request: {text('another_request')}" in said.err) == (1, True)


def test_a_custodian_who_is_late_gives_back_what_is_needed_no_more(federation: Shell) -> None:
    # given
    first = Path("anna.request").read_bytes()
    federation("root", "draft", "federation")
    Path("late.request").write_bytes(Path("federation/requests/list-1.request").read_bytes())
    pass_round(federation, "list-1", "anna", "boris")
    before = Path("federation/trust.spt").read_bytes()

    # when
    federation("root", "sign", "late.request", "--key", "vera.json")
    Path("first.request").write_bytes(first)
    said = federation("root", "collect", "federation", "late.request", "first.request")

    # then
    done = [text("cli.root.collect.carried_out", file=file) for file in ("late.request", "first.request")]
    assert (said.code, said.out.splitlines()) == (0, done)
    assert Path("federation/trust.spt").read_bytes() == before


def test_a_request_under_another_root_is_not_checked_good(federation: Shell, room: Shell) -> None:
    # given
    federation("root", "draft", "federation")
    room("root", "init", "other", "--keys", "1")

    # then
    said = federation("root", "check", "federation/requests/list-1.request", "other/roots/1.root")
    assert (said.code, "[untrusted_root]" in said.err) == (1, True)


def test_a_custodian_who_kept_the_last_list_notices_a_request_that_goes_on_from_an_older_one(
    federation: Shell, tmp_path: Path
) -> None:
    # given two lists, each of which a custodian keeps; and a secretary who goes on from the first
    for version in (1, 2):
        federation("root", "draft", "federation")
        pass_round(federation, f"list-{version}", "anna", "boris")
        (tmp_path / f"kept-{version}.spt").write_bytes((tmp_path / "federation/trust.spt").read_bytes())
    (tmp_path / "federation/trust.spt").write_bytes((tmp_path / "kept-1.spt").read_bytes())
    federation("root", "draft", "federation")
    request = "federation/requests/list-2.request"

    # then
    assert federation("root", "check", request, "federation/roots/1.root").code == 0
    assert federation("root", "check", request, "kept-1.spt").code == 0
    said = federation("root", "check", request, "kept-2.spt")
    older = f"[rolled_back]: {request}: {text('request_shows_older_list', shown=1, have=2)}"
    assert (said.code, older in said.err) == (1, True), said.err


def test_an_issuer_that_leaves_is_gone_from_the_next_list_but_for_its_stolen_keys(federation: Shell) -> None:
    # given
    other = world.issuer(
        world.issuer_key("ko", Use.PASS, sign_until=FAR),
        id="RU-KO",
        scopes=((11_001, 11_999),),
        status_base="https://k.example.ru/",
    )
    describe(other)
    federation("root", "add-issuer", "federation", "RU-KO.toml")
    federation("root", "mark-key", "federation", world.key("pass").public_key.key_id.hex(), "compromised")

    # then
    out = text("cli.root.issuer.out", issuer_id="RU-KO")
    stays = text("cli.root.issuer.compromised_key_stays", key_id=world.key("pass").public_key.key_id.hex())
    assert out in federation("root", "drop-issuer", "federation", "RU-KO").out
    assert stays in federation("root", "drop-issuer", "federation", "RU-BA").out
    describe(agency())
    assert "[key_revived]" in federation("root", "add-issuer", "federation", "RU-BA.toml").err


def test_ctrl_c_at_the_passphrase_leaves_the_request_as_it_was(federation: Shell, tmp_path: Path) -> None:
    # given a custodian who reads what is asked, and breaks off
    federation("root", "draft", "federation")
    request = tmp_path / "federation/requests/list-1.request"
    before = request.read_bytes()
    program = (
        "import os, signal\n"
        "from socpass_cli import main\nfrom socpass_cli.app import passphrases\n"
        "passphrases.obtain = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\n"
        "main.run()\n"
    )

    # when
    ran = subprocess.run(
        [sys.executable, "-c", program, "root", "sign", str(request), "--key", "anna.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    # then
    assert (ran.returncode, text("cli.interrupted") in ran.stderr) == (128 + signal.SIGINT, True)
    assert request.read_bytes() == before
    assert sorted(path.name for path in request.parent.iterdir()) == ["list-1.request"]
