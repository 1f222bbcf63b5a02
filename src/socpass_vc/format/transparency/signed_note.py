"""A note: a text with lines of signatures below it, each by a named key (C2SP signed-note).

It knows the two parts and how one Ed25519 key signs a text. What the text says is :mod:`checkpoint`'s.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import NamedTuple

from socpass_vc.errors import Forged, Malformed
from socpass_vc.format.keys import PublicKey, Signer
from socpass_vc.messages import Message

MAX_NOTE_BYTES = 65_536
"""Largest note that is read: sixty signatures by witnesses, or a dozen with keys that resist quantum computers."""
KEY_ID_BYTES = 4

_DASH = "\N{EM DASH} "
_ED25519 = b"\x01"


class NoteSignature(NamedTuple):
    """A line below the text.

    Attributes:
        name: of the key.
        key_id: its first 4 bytes of a digest; a hint.
        signature: what the key gave; of Ed25519, 64 bytes.
    """

    name: str
    key_id: bytes
    signature: bytes


class SignedNote(NamedTuple):
    """A note of the right shape; its signatures are unchecked.

    Attributes:
        text: what is signed, ending with a newline.
        signatures: at least one.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    def names(self, name: str, public_key: PublicKey) -> bool:
        """Tell whether a line bears the key's name and id; whether it verifies is not asked."""
        return bool(self._lines_of(name, public_key))

    def check(self, name: str, public_key: PublicKey) -> None:
        """Return if the key signed the note; signatures of others are passed over.

        Raises:
            Forged: no line bears the key's name and id, or one that does, does not verify.
        """
        found = self._lines_of(name, public_key)
        if not found:
            raise Forged("log.not_signed_by", name=name)
        for line in found:
            public_key.check(line.signature, self.text.encode())

    def _lines_of(self, name: str, public_key: PublicKey) -> list[NoteSignature]:
        key_id = note_key_id(name, public_key)
        return [line for line in self.signatures if (line.name, line.key_id) == (name, key_id)]


def note_key_id(name: str, public_key: PublicKey) -> bytes:
    """Return the 4 bytes that a line of signature begins with: of SHA-256(name || LF || 0x01 || public key)."""
    return sha256(name.encode() + b"\n" + _ED25519 + public_key.raw).digest()[:KEY_ID_BYTES]


def verifier_key(name: str, public_key: PublicKey) -> str:
    """Return the key as a witness is told it, a *vkey*: name, key id and key."""
    return f"{name}+{note_key_id(name, public_key).hex()}+{write_base64(_ED25519 + public_key.raw)}"


def sign_note(text: str, name: str, signer: Signer) -> bytes:
    """Return the note of *text* with one signature.

    Args:
        text: ends with a newline.
        name: of the key.
        signer: the key.
    """
    signature = note_key_id(name, signer.public_key) + signer.sign(text.encode())
    return f"{text}\n{_DASH}{name} {write_base64(signature)}\n".encode()


def read_note(content: bytes) -> SignedNote:
    """Return a note, unchecked.

    Raises:
        Malformed: it is none, or longer than 64 KiB.
    """
    if len(content) > MAX_NOTE_BYTES:
        raise Malformed("too_many_bytes", found=len(content), longest=MAX_NOTE_BYTES).at(Message("field.checkpoint"))
    try:
        whole = content.decode()
    except UnicodeDecodeError as error:
        raise Malformed("log.not_a_note") from error
    text, blank, below = whole.rpartition("\n\n")
    lines = below.split("\n")
    has_controls = any(character < " " and character != "\n" for character in whole)
    if has_controls or not blank or lines.pop() or not lines:
        raise Malformed("log.not_a_note")
    return SignedNote(f"{text}\n", tuple(map(_read_signature, lines)))


def write_base64(content: bytes) -> str:
    """Return *content* in base64 (RFC 4648, section 4)."""
    return b64encode(content).decode()


def read_base64(text: str) -> bytes:
    """Return the bytes of a base64 text (RFC 4648, section 4), which has one spelling alone.

    Raises:
        Malformed: it has another.
    """
    try:
        found = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("log.not_base64") from error
    if write_base64(found) != text:
        raise Malformed("log.not_base64")
    return found


def _read_signature(line: str) -> NoteSignature:
    name, _, signature = line.removeprefix(_DASH).rpartition(" ")
    if not line.startswith(_DASH) or not name or "+" in name or any(map(str.isspace, name)):
        raise Malformed("log.signature_line")
    found = read_base64(signature)
    if len(found) <= KEY_ID_BYTES:
        raise Malformed("log.signature_line")
    return NoteSignature(name, found[:KEY_ID_BYTES], found[KEY_ID_BYTES:])
