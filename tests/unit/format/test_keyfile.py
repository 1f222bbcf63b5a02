"""Secret keys at rest, and PEM in and out, held against openssl."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from nacl import bindings as sodium

import world
from said import refused
from socpass_vc.errors import BadKey, KeyFileError, WrongPassphrase
from socpass_vc.format import keyfile
from socpass_vc.format.keyfile import SealingCost

SECRET = world.key("pass")
PASSPHRASE = "три весёлых кита"
SALT, NONCE = bytes(range(16)), bytes(range(24))
MEMORY_BYTES = 8192


def sealed_cheaply(**changes: Any) -> dict[str, Any]:
    """Return what a key file says, made with libsodium alone and the smallest cost there is."""
    wrapping = sodium.crypto_pwhash_alg(32, PASSPHRASE.encode(), SALT, 1, MEMORY_BYTES, sodium.crypto_pwhash_ALG_ARGON2ID13)
    return {
        "format": "socpass-secret-key",
        "version": 1,
        "public_key": SECRET.public_key.raw.hex(),
        "key_id": SECRET.public_key.key_id.hex(),
        "kdf": {"name": "argon2id13", "passes": 1, "memory_bytes": MEMORY_BYTES, "salt": SALT.hex()},
        "cipher": {
            "name": "xsalsa20-poly1305",
            "nonce": NONCE.hex(),
            "box": sodium.crypto_secretbox(SECRET.seed, NONCE, wrapping).hex(),
        },
        **changes,
    }


def content(**changes: Any) -> bytes:
    """Return the bytes of that key file."""
    return json.dumps(sealed_cheaply(**changes)).encode()


def kdf(**changes: Any) -> bytes:
    """Return the bytes of that key file with another kdf."""
    return content(kdf=sealed_cheaply()["kdf"] | changes)


def cipher(**changes: Any) -> bytes:
    """Return the bytes of that key file with another cipher."""
    return content(cipher=sealed_cheaply()["cipher"] | changes)


# --- Under a passphrase -------------------------------------------------------------------------------------


def test_a_sealed_key_opens_with_its_passphrase_and_with_no_other() -> None:
    # given
    written = keyfile.seal(SECRET, PASSPHRASE, cost=SealingCost.INTERACTIVE)

    # when
    sealed = keyfile.read_sealed(written)

    # then
    assert sealed.public_key == SECRET.public_key
    assert (sealed.passes, sealed.memory_bytes) == SealingCost.INTERACTIVE.value
    assert sealed.open(PASSPHRASE) == SECRET
    with pytest.raises(WrongPassphrase):
        sealed.open(PASSPHRASE + " ")


def test_a_key_is_sealed_anew_each_time_and_never_stands_in_the_file() -> None:
    # when
    first, second = (keyfile.seal(SECRET, PASSPHRASE, cost=SealingCost.INTERACTIVE) for _ in range(2))

    # then
    said = [json.loads(written) for written in (first, second)]
    assert len({made["kdf"]["salt"] for made in said}) == len({made["cipher"]["nonce"] for made in said}) == 2
    assert SECRET.seed.hex() not in first.decode()
    assert len(first) < keyfile.MAX_FILE_BYTES


def test_a_file_that_libsodium_alone_made_opens() -> None:
    assert keyfile.read_sealed(content()).open(PASSPHRASE) == SECRET


@pytest.mark.parametrize(
    ("passphrase", "reason"),
    [("", "passphrase_length"), ("ы" * 513, "passphrase_length"), ("\ud800", "passphrase_not_text")],
    ids=["empty", "1,026 bytes", "a surrogate"],
)
def test_a_passphrase_that_is_empty_too_long_or_no_text_is_refused(passphrase: str, reason: str) -> None:
    with refused(KeyFileError, reason):
        keyfile.seal(SECRET, passphrase, cost=SealingCost.INTERACTIVE)
    with refused(KeyFileError, reason):
        keyfile.read_sealed(content()).open(passphrase)


def test_a_passphrase_of_bytes_that_are_no_utf_8_is_taken_as_the_terminal_gave_it() -> None:
    # given what Python makes of the byte 0xff in an argument
    sealed = keyfile.read_sealed(content())

    # then
    with pytest.raises(WrongPassphrase):
        sealed.open("\udcff")


def _values(of: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], str | int]]:
    found: list[tuple[tuple[str, ...], str | int]] = []
    for name, value in of.items():
        found += _values(value, (*path, name)) if isinstance(value, dict) else [((*path, name), value)]
    return found


def _with(path: tuple[str, ...], value: str | int) -> dict[str, Any]:
    changed = sealed_cheaply()
    inner = changed
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return changed


@pytest.mark.parametrize(
    ("path", "value"), _values(sealed_cheaply()), ids=lambda part: ".".join(part) if isinstance(part, tuple) else ""
)
def test_a_change_at_any_place_of_any_value_is_noticed(path: tuple[str, ...], value: str | int) -> None:
    # given
    shown = str(value)
    for at, character in enumerate(shown):
        other = "1" if character != "1" else "2"
        changed = shown[:at] + other + shown[at + 1 :]
        tampered = _with(path, int(changed) if isinstance(value, int) else changed)
        if tampered["kdf"]["memory_bytes"] // 1024 == MEMORY_BYTES // 1024 and path[-1] == "memory_bytes":
            continue  # Argon2 counts whole KiB: this is the same request

        # then
        with pytest.raises((KeyFileError, WrongPassphrase)):
            keyfile.read_sealed(json.dumps(tampered).encode()).open(PASSPHRASE)


def test_a_file_that_names_another_key_than_it_holds_is_refused_after_the_passphrase_has_opened_it() -> None:
    # given
    other = world.key("status").public_key
    sealed = keyfile.read_sealed(content(public_key=other.raw.hex(), key_id=other.key_id.hex()))

    # then
    with refused(KeyFileError, "key_file_names_other_key"):
        sealed.open(PASSPHRASE)


HOSTILE = {
    "more than 1 GiB": kdf(memory_bytes=2**30 + 1),
    "a terabyte": kdf(memory_bytes=2**40),
    "no memory": kdf(memory_bytes=0),
    "negative memory": kdf(memory_bytes=-8192),
    "11 passes": kdf(passes=11),
    "2^31 passes": kdf(passes=2**31),
    "no passes": kdf(passes=0),
    "a fraction of a pass": kdf(passes=1.5),
    "true passes": kdf(passes=True),
    "passes as text": kdf(passes="1"),
    "infinite memory": content().replace(b"8192", b"1e999"),
    "memory that is no number": content().replace(b"8192", b"NaN"),
    "memory of 4,000 digits": content().replace(b"8192", b"9" * 3300),
    "memory of an array of arrays": content().replace(b"8192", b"[" * 900 + b"]" * 900),
    "a deep nesting": b"[" * 4000,
    "too many bytes": content() + b" " * keyfile.MAX_FILE_BYTES,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_asks_for_too_much_is_refused_at_once(hostile: bytes) -> None:
    # given
    before = time.process_time()

    # when
    with pytest.raises(KeyFileError):
        keyfile.read_sealed(hostile)

    # then
    assert time.process_time() - before < 0.5  # of processor time; 1 GiB of Argon2id took 5 s


DAMAGED = {
    "nothing": b"",
    "no JSON": b"-----BEGIN PRIVATE KEY-----",
    "bytes that are no text": b"\xff\xfe\xfd",
    "a number": b"1",
    "null": b"null",
    "an array": b"[]",
    "text": b'"format"',
    "an empty object": b"{}",
    "cut off": content()[:-1],
    "another format": content(format="age"),
    "another version": content(version=2),
    "another kdf": kdf(name="scrypt"),
    "another cipher": cipher(name="aes-256-gcm"),
    "kdf as text": content(kdf="argon2id13"),
    "no cipher": content(cipher=None),
    "a salt of 15 bytes": kdf(salt="00" * 15),
    "a nonce of 25 bytes": cipher(nonce="00" * 25),
    "a box of 47 bytes": cipher(box="00" * 47),
    "a box that is no hexadecimal": cipher(box="zz" * 48),
    "a salt that is a number": kdf(salt=1),
    "a public key of small order": content(public_key="00" * 32),
    "a public key of 31 bytes": content(public_key="00" * 31),
}


@pytest.mark.parametrize("damaged", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_no_key_file_is_refused(damaged: bytes) -> None:
    with pytest.raises(KeyFileError):
        keyfile.read_sealed(damaged)


def test_a_machine_without_the_memory_that_a_file_asks_for_says_so() -> None:
    # given a process that may have no more than 512 MiB, and a file that asks for 1 GiB
    sealed = keyfile.read_sealed(kdf(memory_bytes=2**30))
    program = (
        "import resource\n"
        "from socpass_vc.errors import KeyFileError\n"
        "from socpass_vc.format.keyfile import read_sealed\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**29, 2**29))\n"
        f"try: read_sealed(bytes.fromhex({kdf(memory_bytes=2**30).hex()!r})).open('a')\n"
        "except KeyFileError as error: print('refused:', error)\n"
    )

    # when
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    # then
    assert sealed.memory_bytes == 2**30
    assert ran.stdout.startswith("refused:"), ran.stderr


# --- PEM ----------------------------------------------------------------------------------------------------


def openssl(*arguments: str, standard_input: bytes = b"") -> bytes:
    """Return what openssl writes; a missing openssl fails the test."""
    return subprocess.run(["openssl", *arguments], input=standard_input, capture_output=True, check=True).stdout


def test_pem_is_read_back() -> None:
    assert keyfile.read_secret_pem(keyfile.write_secret_pem(SECRET)) == SECRET
    assert keyfile.read_public_pem(keyfile.write_public_pem(SECRET.public_key)) == SECRET.public_key


def test_openssl_reads_our_pem_to_the_same_key() -> None:
    # when
    public = openssl("pkey", "-pubout", standard_input=keyfile.write_secret_pem(SECRET))

    # then
    assert public == keyfile.write_public_pem(SECRET.public_key)
    assert openssl("pkey", "-pubin", "-pubout", standard_input=public) == public
    assert openssl("pkey", standard_input=keyfile.write_secret_pem(SECRET)) == keyfile.write_secret_pem(SECRET)


def test_we_read_the_pem_of_openssl() -> None:
    # given
    private = openssl("genpkey", "-algorithm", "ed25519")
    public = openssl("pkey", "-pubout", standard_input=private)

    # then
    assert keyfile.read_secret_pem(private).public_key == keyfile.read_public_pem(public)


def test_what_openssl_signs_verifies_here_and_what_is_signed_here_verifies_there(tmp_path: Path) -> None:
    # given
    message, signature, private, public = (tmp_path / name for name in ("message", "signature", "private.pem", "public.pem"))
    message.write_bytes(b"a message")
    private.write_bytes(openssl("genpkey", "-algorithm", "ed25519"))
    secret = keyfile.read_secret_pem(private.read_bytes())
    public.write_bytes(keyfile.write_public_pem(secret.public_key))

    # when
    theirs = openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(private), "-in", str(message))
    signature.write_bytes(secret.sign(b"a message"))
    verdict = openssl(
        *("pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(public), "-in", str(message), "-sigfile", str(signature))
    )

    # then
    secret.public_key.check(theirs, b"a message")
    assert theirs == signature.read_bytes()
    assert b"Verified Successfully" in verdict


def test_pem_with_windows_line_ends_and_without_the_last_one_is_read() -> None:
    # given
    pem = keyfile.write_secret_pem(SECRET)

    # then
    assert keyfile.read_secret_pem(pem.replace(b"\n", b"\r\n")) == SECRET
    assert keyfile.read_secret_pem(pem.rstrip()) == SECRET


SECRET_PEM, PUBLIC_PEM = keyfile.write_secret_pem(SECRET), keyfile.write_public_pem(SECRET.public_key)
NOT_PEM = {
    "nothing": b"",
    "a label alone": b"-----BEGIN {} KEY-----",
    "no end": SECRET_PEM.splitlines()[0] + SECRET_PEM.splitlines()[1],
    "no base64": b"-----BEGIN {} KEY-----\n*\n-----END {} KEY-----\n",
    "an empty body": b"-----BEGIN {} KEY-----\n-----END {} KEY-----\n",
    "another kind of bytes": b"-----BEGIN {} KEY-----\nAAAA\n-----END {} KEY-----\n",
    "something in front": b"key:\n" + SECRET_PEM,
    "too long": SECRET_PEM.replace(b"\n", b"\n" * 2048),
}


@pytest.mark.parametrize("pem", NOT_PEM.values(), ids=NOT_PEM.keys())
def test_what_is_no_pem_is_no_key(pem: bytes) -> None:
    with pytest.raises(BadKey):
        keyfile.read_secret_pem(pem.replace(b"{}", b"PRIVATE"))
    with pytest.raises(BadKey):
        keyfile.read_public_pem(pem.replace(b"{}", b"PUBLIC").replace(b"PRIVATE", b"PUBLIC"))


def test_a_public_key_is_no_secret_key_and_the_other_way_round() -> None:
    with pytest.raises(BadKey):
        keyfile.read_secret_pem(PUBLIC_PEM)
    with pytest.raises(BadKey):
        keyfile.read_public_pem(SECRET_PEM)
    with refused(BadKey, "not_a_secret_key_pem"):
        keyfile.read_secret_pem(PUBLIC_PEM.replace(b"PUBLIC", b"PRIVATE"))


@pytest.mark.parametrize(
    "algorithm", [("x25519",), ("ed448",), ("EC", "-pkeyopt", "ec_paramgen_curve:P-256")], ids=lambda name: name[0]
)
def test_keys_of_another_kind_are_refused(algorithm: tuple[str, ...]) -> None:
    # given
    private = openssl("genpkey", "-algorithm", *algorithm)
    public = openssl("pkey", "-pubout", standard_input=private)

    # then
    with refused(BadKey, "not_a_secret_key_pem"):
        keyfile.read_secret_pem(private)
    with refused(BadKey, "not_a_public_key_pem"):
        keyfile.read_public_pem(public)


def test_an_encrypted_pem_is_refused() -> None:
    # given
    encrypted = openssl("pkey", "-aes256", "-passout", "pass:secret", standard_input=SECRET_PEM)

    # then
    with pytest.raises(BadKey):
        keyfile.read_secret_pem(encrypted)


def test_a_public_pem_of_a_point_of_small_order_is_refused() -> None:
    # given
    der = bytes.fromhex("302a300506032b6570032100") + bytes(32)
    pem = openssl("enc", "-base64", standard_input=der)

    # then
    with refused(BadKey, "weak_public_key"):
        keyfile.read_public_pem(b"-----BEGIN PUBLIC KEY-----\n" + pem + b"-----END PUBLIC KEY-----\n")
