"""Secret keys at rest: sealed under a passphrase, and PEM in and out (RFC 8410). Bytes only; files are the caller's.

The seal is libsodium's Argon2id (RFC 9106) and XSalsa20-Poly1305, in a JSON file that names its own parameters.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from enum import Enum

from nacl import bindings as sodium
from nacl.exceptions import CryptoError
from nacl.exceptions import RuntimeError as SodiumRuntimeError

from socpass_vc.errors import BadKey, KeyFileError, WrongPassphrase
from socpass_vc.format.keys import PUBLIC_KEY_BYTES, SEED_BYTES, PublicKey, SecretKey

FORMAT = "socpass-secret-key"
VERSION = 1
MAX_FILE_BYTES = 4_096
"""Largest key file or PEM that is read."""
MAX_PASSPHRASE_BYTES = 1_024

# How much a file may ask for, so that a hostile one cannot use up the machine's memory or minutes.
MAX_MEMORY_BYTES = 2**30
MAX_PASSES = 10

_KDF, _CIPHER = "argon2id13", "xsalsa20-poly1305"
_SALT_BYTES = 16  # crypto_pwhash_argon2id_SALTBYTES, which PyNaCl does not name for type checkers
_NONCE_BYTES: int = sodium.crypto_secretbox_NONCEBYTES
_TAG_BYTES: int = sodium.crypto_secretbox_MACBYTES
# RFC 8410, sections 4 and 7: the DER around an Ed25519 key has one spelling, so it is compared.
_SPKI_HEAD = bytes.fromhex("302a300506032b6570032100")
_PKCS8_HEAD = bytes.fromhex("302e020100300506032b657004220420")


class SealingCost(Enum):
    """What opening a key file costs: passes over the memory, and bytes of memory (libsodium's named limits)."""

    INTERACTIVE = (2, 64 * 2**20)
    MODERATE = (3, 256 * 2**20)
    SENSITIVE = (4, 2**30)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedKey:
    """A secret key under a passphrase.

    Attributes:
        public_key: of the key inside, readable without the passphrase.
        passes: Argon2id's passes over the memory.
        memory_bytes: Argon2id's memory.
        salt: 16 bytes.
        nonce: 24 bytes.
        box: the 32-byte seed, encrypted and authenticated; 48 bytes.
    """

    public_key: PublicKey
    passes: int
    memory_bytes: int
    salt: bytes
    nonce: bytes
    box: bytes

    def open(self, passphrase: str) -> SecretKey:
        """Return the secret key.

        Raises:
            WrongPassphrase: the passphrase is another, or the file was changed.
            KeyFileError: the key inside is not the one that the file names.
        """
        wrapping = _derive(passphrase, self.salt, self.passes, self.memory_bytes)
        try:
            seed = sodium.crypto_secretbox_open(self.box, self.nonce, wrapping)
        except CryptoError as error:
            raise WrongPassphrase("wrong_passphrase") from error
        secret = SecretKey(seed)
        if secret.public_key != self.public_key:
            raise KeyFileError("key_file_names_other_key")
        return secret


def seal(secret: SecretKey, passphrase: str, *, cost: SealingCost = SealingCost.MODERATE) -> bytes:
    """Return the key file for *secret*.

    Args:
        secret: the key.
        passphrase: 1 to 1,024 bytes of UTF-8.
        cost: of opening it.

    Raises:
        KeyFileError: the passphrase is empty or too long.
    """
    passes, memory_bytes = cost.value
    salt, nonce = sodium.randombytes(_SALT_BYTES), sodium.randombytes(_NONCE_BYTES)
    box = sodium.crypto_secretbox(secret.seed, nonce, _derive(passphrase, salt, passes, memory_bytes))
    written = {
        "format": FORMAT,
        "version": VERSION,
        "public_key": secret.public_key.raw.hex(),
        "key_id": secret.public_key.key_id.hex(),
        "kdf": {"name": _KDF, "passes": passes, "memory_bytes": memory_bytes, "salt": salt.hex()},
        "cipher": {"name": _CIPHER, "nonce": nonce.hex(), "box": box.hex()},
    }
    return json.dumps(written, indent=2).encode() + b"\n"


def read_sealed(content: bytes) -> SealedKey:
    """Return the sealed key in a key file's content.

    Raises:
        KeyFileError: it is not a key file, or asks for more memory or time than 1 GiB and 10 passes.
    """
    if len(content) > MAX_FILE_BYTES:
        raise KeyFileError("key_file_too_large", longest=MAX_FILE_BYTES)
    try:
        written = json.loads(content)
        if (written["format"], written["version"]) != (FORMAT, VERSION) or written["version"].__class__ is not int:
            raise KeyFileError("key_file_version", version=VERSION)
        kdf, cipher = written["kdf"], written["cipher"]
        if (kdf["name"], cipher["name"]) != (_KDF, _CIPHER):
            raise KeyFileError("key_file_seal", kdf=_KDF, cipher=_CIPHER)
        sealed = SealedKey(
            public_key=PublicKey(bytes.fromhex(written["public_key"])),
            passes=kdf["passes"],
            memory_bytes=kdf["memory_bytes"],
            salt=bytes.fromhex(kdf["salt"]),
            nonce=bytes.fromhex(cipher["nonce"]),
            box=bytes.fromhex(cipher["box"]),
        )
        if written["key_id"] != sealed.public_key.key_id.hex():
            raise KeyFileError("key_file_key_id")
    except (ValueError, KeyError, TypeError, RecursionError, BadKey) as error:
        raise KeyFileError("not_a_key_file") from error
    _check_sizes(sealed)
    return sealed


def write_secret_pem(secret: SecretKey) -> bytes:
    """Return *secret* as unencrypted PKCS#8 PEM (RFC 8410, section 7), for another program's use."""
    return _to_pem("PRIVATE KEY", _PKCS8_HEAD + secret.seed)


def read_secret_pem(pem: bytes) -> SecretKey:
    """Return the Ed25519 key in unencrypted PKCS#8 PEM.

    Raises:
        BadKey: it is not PEM, or not such a key.
    """
    der = _from_pem("PRIVATE KEY", pem)
    if len(der) != len(_PKCS8_HEAD) + SEED_BYTES or not der.startswith(_PKCS8_HEAD):
        raise BadKey("not_a_secret_key_pem")
    return SecretKey(der[len(_PKCS8_HEAD) :])


def write_public_pem(public: PublicKey) -> bytes:
    """Return *public* as SubjectPublicKeyInfo PEM (RFC 8410, section 4)."""
    return _to_pem("PUBLIC KEY", _SPKI_HEAD + public.raw)


def read_public_pem(pem: bytes) -> PublicKey:
    """Return the Ed25519 key in SubjectPublicKeyInfo PEM.

    Raises:
        BadKey: it is not PEM, or not such a key.
    """
    der = _from_pem("PUBLIC KEY", pem)
    if len(der) != len(_SPKI_HEAD) + PUBLIC_KEY_BYTES or not der.startswith(_SPKI_HEAD):
        raise BadKey("not_a_public_key_pem")
    return PublicKey(der[len(_SPKI_HEAD) :])


def _derive(passphrase: str, salt: bytes, passes: int, memory_bytes: int) -> bytes:
    try:
        encoded = passphrase.encode("utf-8", "surrogateescape")  # a terminal passes on bytes that are not UTF-8 in this form
    except UnicodeEncodeError as error:
        raise KeyFileError("passphrase_not_text") from error
    if not 1 <= len(encoded) <= MAX_PASSPHRASE_BYTES:
        raise KeyFileError("passphrase_length", given=len(encoded), longest=MAX_PASSPHRASE_BYTES)
    size, algorithm = sodium.crypto_secretbox_KEYBYTES, sodium.crypto_pwhash_ALG_ARGON2ID13
    try:
        key: bytes = sodium.crypto_pwhash_alg(size, encoded, salt, passes, memory_bytes, algorithm)
    except SodiumRuntimeError as error:
        raise KeyFileError("key_file_memory", mebibytes=memory_bytes // 2**20) from error
    return key


def _check_sizes(sealed: SealedKey) -> None:
    sizes = (len(sealed.salt), len(sealed.nonce), len(sealed.box))
    if sizes != (_SALT_BYTES, _NONCE_BYTES, SEED_BYTES + _TAG_BYTES):
        raise KeyFileError("key_file_lengths")
    for value, lowest, highest in (
        (sealed.passes, sodium.crypto_pwhash_argon2id_OPSLIMIT_MIN, MAX_PASSES),
        (sealed.memory_bytes, sodium.crypto_pwhash_argon2id_MEMLIMIT_MIN, MAX_MEMORY_BYTES),
    ):
        if value.__class__ is not int or not lowest <= value <= highest:
            raise KeyFileError("key_file_cost", cost=json.dumps(value), lowest=lowest, highest=highest)


def _to_pem(label: str, der: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n{base64.b64encode(der).decode()}\n-----END {label}-----\n".encode()


def _from_pem(label: str, pem: bytes) -> bytes:
    lines = pem[: MAX_FILE_BYTES + 1].split()
    begin, end = f"-----BEGIN {label}-----".encode().split(), f"-----END {label}-----".encode().split()
    if len(pem) > MAX_FILE_BYTES or lines[: len(begin)] != begin or lines[-len(end) :] != end:
        raise BadKey("not_pem", label=label)
    try:
        return base64.b64decode(b"".join(lines[len(begin) : -len(end)]), validate=True)
    except binascii.Error as error:
        raise BadKey("pem_not_base64", label=label) from error
