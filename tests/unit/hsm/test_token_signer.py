"""Keys in SoftHSM tokens: made, found and used, and every way in which a token lets one down."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from said import refused
from socpass_vc.errors import TokenError, WrongPin
from socpass_vc.format import keys
from socpass_vc.hsm.token_signer import make_key, open_key, read_public_key
from socpass_vc.hsm.uri import read_uri
from socpass_vc.messages import Message
from softhsm import PIN, Tokens

PASS = read_uri("pkcs11:token=agency;object=pass")
NAME = Message("token.label", label="pass")
SECRET = keys.SecretKey(bytes(range(32)))


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tokens]:
    """Give a folder with one empty token, 'agency'."""
    made = Tokens(tmp_path / "softhsm", monkeypatch)
    made.make("agency")
    yield made
    made.forget()


def test_a_key_made_in_a_token_signs_what_its_public_half_verifies(tokens: Tokens) -> None:
    # when
    public_key = make_key(PASS, PIN)
    key = open_key(PASS, PIN, public_key=public_key)

    # then
    public_key.check(key.sign(b"message"), b"message")
    assert (key.public_key, read_public_key(PASS)) == (public_key, public_key)
    private = next(iter(tokens.session("agency").get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})))
    assert (private[Attribute.SENSITIVE], private[Attribute.EXTRACTABLE]) == (True, False)


def test_an_imported_key_signs_the_very_bytes_that_the_key_file_would(tokens: Tokens) -> None:
    tokens.put("agency", "pass", "0102", SECRET)
    key = open_key(PASS, PIN)
    assert (key.public_key, key.sign(b"message")) == (SECRET.public_key, SECRET.sign(b"message"))


def test_the_public_object_may_be_missing_where_the_public_key_is_known(tokens: Tokens) -> None:
    tokens.put("agency", "pass", "01", SECRET, public=False)
    assert open_key(PASS, PIN, public_key=SECRET.public_key).sign(b"x") == SECRET.sign(b"x")
    for pin in (None, PIN):
        with refused(TokenError, "token_public_key_missing", key=NAME):
            read_public_key(PASS, pin)


def test_halves_with_different_labels_are_paired_by_their_id(tokens: Tokens) -> None:
    tokens.put("agency", "pass", "01", SECRET)
    tokens.put("agency", "other", "02", keys.generate())
    session = tokens.session("agency")
    public = next(iter(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: b"\x01"})))
    public[Attribute.LABEL] = "renamed"
    assert open_key(PASS, PIN).public_key == SECRET.public_key


def test_a_token_that_holds_another_key_is_refused_before_anything_is_signed(tokens: Tokens) -> None:
    tokens.put("agency", "pass", "01", SECRET)
    wanted = keys.generate().public_key
    with refused(TokenError, "token_holds_other_key", wanted=wanted.key_id.hex()):
        open_key(PASS, PIN, public_key=wanted)


def test_two_keys_of_one_label_are_told_apart_by_id(tokens: Tokens) -> None:
    tokens.put("agency", "pass", "01", SECRET)
    tokens.put("agency", "pass", "02aa", keys.generate())
    with refused(TokenError, "token_keys_alike", count=2, key=NAME, ids=["id=%01", "id=%02%aa"]):
        open_key(PASS, PIN)
    assert open_key(read_uri("pkcs11:token=agency;object=pass;id=%01"), PIN).public_key == SECRET.public_key


def test_a_key_is_never_written_over_and_needs_a_label(tokens: Tokens) -> None:
    tokens.put("agency", "pass", "01", SECRET)
    with refused(TokenError, "token_key_exists", key=NAME):
        make_key(PASS, PIN)
    with refused(TokenError, "new_key_needs_label"):
        make_key(read_uri("pkcs11:token=agency;id=%05"), PIN)


def test_a_wrong_pin_is_tried_once_and_said(tokens: Tokens) -> None:
    tokens.put("agency", "pass", "01", SECRET)
    with refused(WrongPin, "pin_refused", uri=PASS.text) as refusal:
        open_key(PASS, "000000")
    assert "000000" not in f"{refusal.value} {refusal.value.facts}"


def test_what_is_missing_is_named_with_what_is_there(tokens: Tokens) -> None:
    tokens.make("second")
    there = [Message("token.label", label="agency"), Message("token.label", label="second")]
    with refused(TokenError, "token_not_there", token=Message("token.label", label="third"), there=there):
        open_key(read_uri("pkcs11:token=third;object=pass"), PIN)
    with refused(TokenError, "token_private_key_missing", key=Message("token.label", label="nothing")):
        open_key(read_uri("pkcs11:token=agency;object=nothing"), PIN)
    with refused(TokenError, "token_not_there", token=Message("token.label", label="agency")):
        open_key(read_uri("pkcs11:token=agency;model=Other;object=pass"), PIN)


def test_two_tokens_of_one_label_are_told_apart_by_serial_number(tokens: Tokens) -> None:
    make_key(PASS, PIN)
    serial = tokens.session("agency").token.serial.decode()
    tokens.make("agency")
    with refused(TokenError, "tokens_alike", count=2):
        open_key(PASS, PIN)
    assert open_key(read_uri(f"pkcs11:serial={serial};object=pass"), PIN).sign(b"x")


def test_a_key_of_another_curve_is_refused(tokens: Tokens) -> None:
    parameters = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    curve = tokens.session("agency").create_domain_parameters(KeyType.EC, parameters, local=True)
    curve.generate_keypair(store=True, label="pass", id=b"\x01")
    for opening in (lambda: open_key(PASS, PIN, public_key=SECRET.public_key), lambda: read_public_key(PASS)):
        with refused(TokenError, "token_key_not_ed25519", key=NAME):
            opening()


def test_a_token_that_is_taken_out_while_it_signs_is_said(tokens: Tokens) -> None:
    make_key(PASS, PIN)
    key = open_key(PASS, PIN)
    shutil.rmtree(tokens.folder / "tokens")
    with refused(TokenError, "token_gone"):
        key.sign(b"message")


def test_a_session_that_was_ended_is_said(tokens: Tokens) -> None:
    make_key(PASS, PIN)
    key = open_key(PASS, PIN)
    tokens.forget()
    with refused(TokenError, "token_failed") as refusal:
        key.sign(b"message")
    assert str(refusal.value.facts["answer"]).startswith("PKCS11Error")


@pytest.mark.parametrize("library", ["/nowhere/libhsm.so", sys.executable])
def test_a_library_that_cannot_be_loaded_is_named(library: str) -> None:
    with refused(TokenError, "token_library_fails", path=library):
        open_key(read_uri(f"pkcs11:token=a;object=b?module-path={library}"), PIN)


@pytest.mark.usefixtures("tokens")
def test_the_library_may_be_named_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    make_key(PASS, PIN)
    monkeypatch.setenv("SOCPASS_PKCS11_MODULE", "/nowhere/libhsm.so")
    with refused(TokenError, "token_library_fails", path="/nowhere/libhsm.so"):
        open_key(PASS, PIN)


def test_without_a_library_the_way_to_name_one_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOCPASS_PKCS11_MODULE", raising=False)
    monkeypatch.setattr("socpass_vc.hsm.session.USUAL_MODULES", ())
    with refused(TokenError, "token_library_not_named", variable="SOCPASS_PKCS11_MODULE"):
        open_key(PASS, PIN)


def test_without_python_pkcs11_the_extra_to_install_is_said() -> None:
    program = (
        "import sys; sys.modules['pkcs11'] = None\n"
        "from socpass_vc.errors import TokenError\n"
        "try: import socpass_vc.hsm.token_signer\n"
        "except TokenError as error: print(error.reason)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said == "token_needs_package\n"


WORKERS = """
import multiprocessing, sys
from socpass_vc.format.keys import PublicKey
from socpass_vc.hsm.token_signer import open_key
from socpass_vc.hsm.uri import read_uri

def sign(number):
    return key.sign(b"%d" % number)

def take(given):
    global key
    key = given

if __name__ == "__main__":
    key = open_key(read_uri("pkcs11:token=agency;object=pass"), sys.argv[2])
    key.sign(b"before")
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(3, take, (key,)) as pool:
        for number, signature in enumerate(pool.map(sign, range(60), chunksize=5)):
            key.public_key.check(signature, b"%d" % number)
    key.public_key.check(key.sign(b"after"), b"after")
    print("good")
"""


@pytest.mark.usefixtures("tokens")
@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_workers_open_sessions_of_their_own(tmp_path: Path, method: str) -> None:
    make_key(PASS, PIN)
    (tmp_path / "workers.py").write_text(WORKERS, encoding="utf-8")
    ran = subprocess.run([sys.executable, tmp_path / "workers.py", method, PIN], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.returncode) == ("good\n", 0), ran.stderr


def test_a_pickled_key_shows_no_pin_when_it_is_printed_and_opens_when_it_signs(tokens: Tokens) -> None:
    public_key = make_key(PASS, PIN)
    key = pickle.loads(pickle.dumps(open_key(PASS, PIN)))  # noqa: S301 -- our own bytes
    assert PIN not in repr(key)
    public_key.check(key.sign(b"message"), b"message")
    tokens.make("other")
    shutil.rmtree(tokens.folder / "tokens")
    (tokens.folder / "tokens").mkdir()
    gone = pickle.loads(pickle.dumps(key))  # noqa: S301 -- our own bytes
    with refused(TokenError, "token_not_there", token=Message("token.label", label="agency"), there=[Message("none")]):
        gone.sign(b"message")
