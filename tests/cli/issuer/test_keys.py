"""``socpass issuer rotate-key``, ``compromise-key`` and keys in SoftHSM tokens, as an operator types it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import town
from command import Shell
from said import before_facts, text
from socpass_vc.format.keys import SecretKey
from softhsm import PIN, Tokens

PASS, STATUS = "pkcs11:token=agency;object=pass", "pkcs11:token=agency;object=status"


@pytest.fixture
def office(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Give the shell of an operator who has set the environment once, beside residents to import."""
    (tmp_path / "passphrase.txt").write_text(f"{town.PASSPHRASE}\n", encoding="utf-8")
    (tmp_path / "residents.csv").write_text(f"{town.HEADER}\n{town.ANNA}\n{town.RUSTEM}", encoding="utf-8")
    monkeypatch.setenv("SOCPASS_AGENCY", "agency")
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", "passphrase.txt")
    monkeypatch.setenv("SOCPASS_STORE", "till")
    return shell


@pytest.fixture
def tokens(office: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    """Give a folder with one empty token, 'agency', whose PIN the environment names."""
    assert office is not None
    made = Tokens(tmp_path / "softhsm", monkeypatch)
    made.make("agency")
    monkeypatch.setenv("SOCPASS_PIN_FILE", str(made.pin_file))
    yield made
    made.forget()


def init(office: Shell, *further: str) -> None:
    said = office("issuer", "init", "agency", "--id", "RU-BA", "--name", "en=Town", *further)
    assert said.code == 0, said.err


@pytest.mark.usefixtures("tokens")
def test_an_agency_whose_keys_lie_in_a_token_issues_publishes_and_is_accepted(office: Shell, tmp_path: Path) -> None:
    # given
    made = [office("key", "make", uri) for uri in (PASS, STATUS)]
    assert [said.code for said in made] == [0, 0]
    assert office("key", "show", PASS).out == made[0].out

    # when
    init(office, "--signer", PASS, "--status-signer", STATUS)
    ran = [
        office("issuer", "import", "residents.csv"),
        office("issuer", "issue", "--qr", "passes"),
        office("issuer", "publish", "site"),
        office("sync", "site", "--root", "agency/roots/1.root"),
        office("verify", "passes"),
    ]

    # then
    assert [said.code for said in ran] == [0] * 5, ran
    assert sorted(path.name for path in (tmp_path / "agency" / "keys").iterdir()) == ["root.json"]
    assert PIN not in (tmp_path / "agency" / "agency.toml").read_text(encoding="utf-8")


def test_an_agency_is_described_while_its_token_is_unplugged_and_does_not_sign(office: Shell, tokens: Tokens) -> None:
    office("key", "make", PASS)
    init(office, "--signer", PASS)
    (tokens.folder / "tokens").rename(tokens.folder / "away")
    (tokens.folder / "tokens").mkdir()
    tokens.forget()
    assert office("issuer", "describe", "town.issuer").code == 0
    assert office("issuer", "publish", "site").code == 0
    said = office("issuer", "issue", "--lang", "ru")
    gone = text("token_not_there", "ru", token=text("token.label", "ru", label="agency"), there=text("none", "ru"))
    assert (said.code, "[bad_token]" in said.err, gone in said.err) == (1, True, True)


def test_a_wrong_pin_a_missing_one_and_one_in_the_uri(
    office: Shell, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    office("key", "make", PASS)
    tokens.forget()
    (tmp_path / "wrong").write_text("000000\n", encoding="utf-8")
    said = office("key", "make", STATUS, "--pin-file", "wrong", "--lang", "ru")
    refusal = text("pin_refused", "ru", answer="PinIncorrect")
    assert (said.code, "[wrong_pin]" in said.err, refusal in said.err) == (1, True, True)
    said = office("key", "make", f"{STATUS}?pin-source={tokens.pin_file}", "--pin-file", "wrong")
    assert said.code == 0
    said = office("key", "show", f"{PASS};pin-value={PIN}")
    refusal = f"{text('pin_in_token_uri')}; {text('cli.next.pin_in_token_uri')}"
    assert (said.code, f"[bad_token]: {refusal}" in said.err, PIN in said.err) == (1, True, False)
    (tmp_path / "empty").write_text("\n", encoding="utf-8")
    assert f"empty: {text('cli.error.pin_empty')}" in office("key", "make", PASS, "--pin-file", "empty").err
    monkeypatch.delenv("SOCPASS_PIN_FILE")
    said = office("key", "make", "pkcs11:token=agency;object=third")
    assert (said.code, text("cli.usage.pin_needed", token="'agency'") in said.err) == (2, True)
    assert office("key", "show", PASS).code == 0  # public keys need none


def test_a_pin_is_asked_for_at_a_terminal_and_not_shown(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.delenv("SOCPASS_PIN_FILE")
    tokens.forget()
    terminal, theirs = pty.openpty()

    # when
    program = [sys.executable, "-m", "socpass_cli", "key", "make", PASS]
    with subprocess.Popen(program, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True) as ran:
        os.close(theirs)
        asked = b""
        while b":" not in asked:
            asked += os.read(terminal, 1024)
        os.write(terminal, f"{PIN}\n".encode())
        said = ran.communicate()[0]
    shown = asked + os.read(terminal, 1024)
    os.close(terminal)

    # then
    assert (ran.returncode, said.startswith(b"Public key: ")) == (0, True), shown
    prompt = text("cli.prompt.pin", token="'agency'") + ": "
    assert (prompt.encode() in shown, PIN.encode() in shown) == (True, False)


def test_a_public_key_leaves_its_token_and_a_secret_one_does_not(office: Shell, tokens: Tokens) -> None:
    secret = SecretKey(bytes(range(32)))
    tokens.put("agency", "pass", "01", secret)
    (tokens.folder / "file.pem").write_bytes((tokens.folder / "secret.pem").read_bytes())
    assert office("key", "import", tokens.folder / "file.pem", "pass.json").code == 0
    assert office("key", "export", PASS, "-").out == office("key", "export", "pass.json", "-").out
    said = office("key", "export", PASS, "-", "--secret")
    assert (said.code, text("cli.key.secret_stays_in_token") in said.err) == (2, True)


@pytest.mark.usefixtures("tokens")
def test_keys_move_from_files_into_a_token(office: Shell) -> None:
    # given
    init(office)
    office("issuer", "import", "residents.csv")
    office("key", "make", PASS)

    # when
    said = office("issuer", "rotate-key", "--use", "pass", "--signer", PASS, "--from", "now", "--overlap", "3")

    # then
    assert (said.code, f" {PASS}:\n" in said.out) == (0, True)
    steps = [step[5:] for step in said.out.partition(text("cli.rotation.what_to_do") + "\n")[2].splitlines()]
    expected = ("publish_own", "new_signs", "fall_back", "old_ends")
    assert len(steps) == len(expected)
    for step, key in zip(steps, expected, strict=True):
        assert step.startswith(before_facts(f"cli.rotation.{key}"))
    assert "--signer 'keys/pass.json'" in steps[2]
    ran = [
        office("issuer", "issue", "--ref", "1001", "--qr", "passes"),
        office("issuer", "issue", "--ref", "1002", "--qr", "passes", "--signer", "agency/keys/pass.json"),
        office("issuer", "publish", "site"),
        office("sync", "site", "--root", "agency/roots/1.root"),
        office("verify", "passes", "--json"),
    ]
    assert [done.code for done in ran] == [0] * 5, ran
    assert len({line.partition('"key_id": ')[2][:18] for line in ran[-1].out.splitlines()}) == 2


def test_a_signer_that_is_none_of_the_agencys_is_refused(office: Shell, tokens: Tokens) -> None:
    init(office)
    tokens.put("agency", "other", "07", SecretKey(bytes(range(32))))
    office("key", "make", "other.json")
    for key in ("pkcs11:token=agency;object=other", "other.json"):
        for command in (("issue",), ("publish", "site")):
            said = office("issuer", *command, "--signer", key, "--lang", "ru")
            key_id = office("key", "show", key).out.splitlines()[1].rpartition(" ")[2]
            wrong = f"{text('key_not_of_agency', 'ru', key_id=key_id)}; {text('cli.next.key_not_of_agency', 'ru')}\n"
            assert (said.code, wrong in said.err) == (1, True), said.err
    said = office("issuer", "issue", "--signer", "agency/keys/status.json")
    key_id = office("key", "show", "agency/keys/status.json").out.splitlines()[1].rpartition(" ")[2]
    assert (said.code, before_facts("key_not_for_use", key_id=key_id, use="pass") in said.err) == (1, True)


def test_a_token_that_holds_another_key_than_agency_toml_says_is_refused(office: Shell, tokens: Tokens, tmp_path: Path) -> None:
    office("key", "make", PASS)
    init(office, "--signer", PASS)
    tokens.put("agency", "other", "07", SecretKey(bytes(range(32))))
    path = tmp_path / "agency" / "agency.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("object=pass", "object=other"), encoding="utf-8")
    wanted = office("key", "show", PASS).out.split()[-1]
    said = office("issuer", "issue")
    refusal = text("token_holds_other_key", wanted=wanted)
    assert (said.code, "[bad_token]" in said.err, refusal in said.err) == (1, True, True), said.err


def test_what_to_publish_when_is_said_in_plain_words_in_both_languages(office: Shell) -> None:
    init(office)
    said = office("issuer", "rotate-key", "--use", "status")
    publish = before_facts("cli.rotation.publish_own")
    assert (said.code, "keys/status-2.json" in said.out, publish in said.out) == (0, True, True)
    said = office("issuer", "rotate-key", "--use", "pass", "--overlap", "0", "--from", "2027-03-01T00:00Z", "--lang", "ru")
    assert (said.code, said.out.startswith(before_facts("cli.rotation.new_key", "ru"))) == (0, True)
    for key in ("what_to_do", "new_signs_passes"):
        assert text(f"cli.rotation.{key}", "ru") in said.out
    assert office("issuer", "rotate-key", "--retire").out == ""
    said = office("issuer", "rotate-key", "--use", "pass", "--lang", "ru")
    planned = office("key", "show", "agency/keys/pass-2.json").out.splitlines()[1].rpartition(" ")[2]
    assert (said.code, before_facts("key_planned_already", "ru", key_id=planned) in said.err) == (1, True), said.err
    assert "01.03.2027" in said.err


def test_under_a_federation_the_root_is_named(office: Shell, tmp_path: Path) -> None:
    # given
    init(office)
    office("issuer", "describe", "town.issuer")
    office("root", "init", "federation", "--keys", "1")
    office("root", "sign", "federation", "--issuer", "town.issuer")
    path = tmp_path / "agency" / "agency.toml"
    own = 'root_keys = ["keys/root.json"]\nroots = ["roots/1.root"]'
    path.write_text(path.read_text(encoding="utf-8").replace(own, 'bundle = "../federation/trust.spt"'), encoding="utf-8")

    # when
    rotated = office("issuer", "rotate-key", "--use", "pass")
    published = office("issuer", "publish", "site")

    # then
    assert (rotated.code, text("cli.rotation.describe") in rotated.out) == (0, True)
    assert (published.code, text("cli.publish.awaits_root") in published.err) == (0, True)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_under_a_federation_a_retired_key_is_the_roots_to_tell(office: Shell, tmp_path: Path, lang: str) -> None:
    # given
    init(office)
    path = tmp_path / "agency" / "agency.toml"
    own = 'root_keys = ["keys/root.json"]\nroots = ["roots/1.root"]'
    path.write_text(path.read_text(encoding="utf-8").replace(own, 'bundle = "../federation/trust.spt"'), encoding="utf-8")
    time.sleep(1)  # windows are told in whole seconds, and each holds one at least
    assert office("issuer", "rotate-key", "--use", "pass", "--from", "now", "--overlap", "0").code == 0
    time.sleep(1)

    # when
    said = office("issuer", "rotate-key", "--retire", "--lang", lang)

    # then
    told = {whose: text(f"cli.rotation.retired_told_{whose}", lang) in said.out for whose in ("federated", "own")}
    assert (said.code, told) == (0, {"federated": True, "own": False}), said


def test_a_compromised_key_signs_no_more_and_the_next_steps_are_said(office: Shell) -> None:
    # given
    init(office)
    kid = office("key", "show", "agency/keys/pass.json").out.splitlines()[1].rpartition(" ")[2]

    # when
    said = office("issuer", "compromise-key", kid)

    # then
    assert (
        said.code,
        text("cli.rotation.compromised", key_id=kid, uses="pass") in said.out,
        text("cli.rotation.compromised_passes") in said.out,
    ) == (
        0,
        True,
        True,
    )
    assert before_facts("no_key_for_use", use="pass") in office("issuer", "issue").err
    assert office("issuer", "rotate-key", "--use", "pass", "--from", "now").code == 0
    assert office("issuer", "issue").code == 0
    assert office("issuer", "compromise-key", kid, "--lang", "ru").code == 1
    assert office("issuer", "compromise-key", "nonsense").code == 2


def test_a_planned_key_begins_now_when_the_old_one_was_stolen(office: Shell) -> None:
    # given
    init(office)
    assert office("issuer", "rotate-key", "--use", "pass").code == 0
    kid = office("key", "show", "agency/keys/pass.json").out.splitlines()[1].rpartition(" ")[2]
    planned = office("key", "show", "agency/keys/pass-2.json").out.splitlines()[1].rpartition(" ")[2]
    office("issuer", "compromise-key", kid)
    assert office("issuer", "issue").code == 1
    planned_already = before_facts("key_planned_already", key_id=planned)
    assert planned_already in office("issuer", "rotate-key", "--use", "pass", "--from", "now").err

    # when
    said = office("issuer", "rotate-key", "--planned-now")

    # then
    assert (said.code, text("cli.rotation.begun", key_id=planned, uses="pass") in said.out) == (0, True)
    assert office("issuer", "issue").code == 0
    none_planned = f"{text('no_key_planned')}; {text('cli.next.no_key_planned')}"
    assert none_planned in office("issuer", "rotate-key", "--planned-now").err
    assert office("issuer", "rotate-key", "--planned-now", "--retire").code == 2
    assert office("issuer", "audit").code == 0


def test_beside_a_planned_key_that_begins_now_the_old_one_signs_no_longer_than_after_any_rotation(office: Shell) -> None:
    # given
    init(office)
    office("issuer", "rotate-key", "--use", "pass")

    # when
    assert office("issuer", "rotate-key", "--planned-now").code == 0
    office("issuer", "describe", "town.issuer")

    # then a root finds nothing to question
    assert office("root", "init", "federation", "--keys", "1").code == 0
    assert office("root", "sign", "federation", "--issuer", "town.issuer").code == 0


def test_a_lost_key_is_said_to_be_lost_and_another_goes_on(office: Shell, tmp_path: Path) -> None:
    # given
    init(office)
    assert office("issuer", "publish", "site").code == 0
    kid = office("key", "show", "agency/keys/pass.json").out.splitlines()[1].rpartition(" ")[2]
    (tmp_path / "agency" / "keys" / "pass.json").unlink()
    assert office("issuer", "issue").code == 1

    # when
    said = office("issuer", "lost-key", "keys/pass.json")

    # then
    assert (said.code, text("cli.rotation.lost", key_id=kid, uses="pass") in said.out) == (0, True)
    assert text("cli.rotation.then_own") in said.out
    assert office("issuer", "rotate-key", "--use", "pass", "--from", "now").code == 0
    assert office("issuer", "issue").code == 0
    assert office("issuer", "publish", "site").code == 0
    assert f"{text('cli.root.key', key_id=kid)} (pass), retired" in office("root", "show", "site/trust.spt").out
    again = office("issuer", "lost-key", "keys/pass-2.json", "--lang", "ru")
    not_lost = f"{text('key_file_not_lost', 'ru')}; {text('cli.next.key_file_not_lost', 'ru')}"
    assert (again.code, not_lost in again.err) == (1, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("rotate-key",),
        ("rotate-key", "--use", "pass", "--retire"),
        ("rotate-key", "--use", "pass", "--signer", "keys/pass.json"),
        ("rotate-key", "--use", "root"),
        ("rotate-key", "--use", "pass", "--from", "soon"),
        ("init", "agency", "--id", "A", "--name", "n", "--signer", "pass.json"),
    ],
)
def test_wrong_usage_exits_with_2(office: Shell, arguments: tuple[str, ...]) -> None:
    assert office("issuer", *arguments).code == 2
