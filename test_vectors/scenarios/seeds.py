"""The keys and the times of the vectors, published in seeds.json. Whoever trusts one of these keys trusts everybody."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import ClassVar, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from scenarios import mldsa
from scenarios.cbor import Item, encode
from scenarios.scenario import JsonValue

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Key:
    """An Ed25519 key with a name and a published seed of 32 bytes."""

    algorithm: ClassVar = -19  # RFC 9864

    name: str
    seed: bytes
    source: str

    @cached_property
    def public(self) -> bytes:
        """The public key, 32 bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    @property
    def typed(self) -> Item:
        """The key as roots and issuers have it."""
        return self.algorithm, self.public

    @property
    def kid(self) -> bytes:
        """The key id: the first 8 bytes of the thumbprint (RFC 9679)."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of RFC 8032."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


@dataclass(frozen=True)
class LaterKey(Key):
    """An ML-DSA-44 key with a name and a published seed: of an algorithm that today's readers do not know."""

    algorithm: ClassVar = mldsa.ALGORITHM

    @cached_property
    def public(self) -> bytes:
        """The public key, 1,312 bytes."""
        return mldsa.public_key(self.seed)

    @property
    def kid(self) -> bytes:
        """The key id: the first 8 bytes of the thumbprint (RFC 9964)."""
        return mldsa.key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the deterministic signature of FIPS 204, with an empty context."""
        return mldsa.sign(self.seed, message)


def key_id(public_key: bytes) -> bytes:
    """Return the first 8 bytes of SHA-256 of the deterministic COSE_Key {1: 1, -1: 6, -2: x}."""
    return hashlib.sha256(encode({1: 1, -1: 6, -2: public_key})).digest()[:8]


def instant(text: str) -> int:
    """Return an RFC 3339 time in UTC as seconds since 1970."""
    return int((datetime.fromisoformat(text) - _EPOCH).total_seconds())


def rfc3339(seconds: int) -> str:
    """Return seconds since 1970 as an RFC 3339 time in UTC."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(text: str) -> int:
    """Return a date as days since 1970-01-01."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - _EPOCH).days


def _rfc8032(name: str, test: int, seed: str) -> Key:
    return Key(name, bytes.fromhex(seed), f"RFC 8032, section 7.1, TEST {test}")


def _named(name: str) -> Key:
    phrase = f"socpass test vector: {name}"
    return Key(name, hashlib.sha256(phrase.encode()).digest(), f'SHA-256 of "{phrase}"')


def _later(name: str) -> LaterKey:
    named = _named(name)
    return LaterKey(name, named.seed, named.source)


PASS_BA: Final = _rfc8032("pass_ba", 1, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
STATUS_BA: Final = _rfc8032("status_ba", 2, "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
ROOT_A: Final = _rfc8032("root_a", 3, "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
ROOT_B, ROOT_C, ROOT_D, ROOT_E = (_named(f"root_{letter}") for letter in "bcde")
BOTH_RU, OLD_RU = _named("both_ru"), _named("old_ru")
PASS_KAM, STATUS_KAM = _named("pass_kam"), _named("status_kam")
PASS_KGD, STATUS_KGD = _named("pass_kgd"), _named("status_kgd")
RETIRED_BA, NEXT_BA = _named("retired_ba"), _named("next_ba")
COMPROMISED_STATUS_BA = _named("compromised_status_ba")
VOUCHER_BA = _named("voucher_ba")
HOLDER, OTHER_HOLDER = _named("holder"), _named("other_holder")
CATALOGUE_BA, COMPROMISED_CATALOGUE_BA = _named("catalogue_ba"), _named("compromised_catalogue_ba")
CHECKPOINT_BA, NEXT_CHECKPOINT_BA = _named("checkpoint_ba"), _named("next_checkpoint_ba")
COMPROMISED_CHECKPOINT_BA: Final = _named("compromised_checkpoint_ba")
STRANGER: Final = _named("stranger")  # in no trust list
PASS_BA_44, COMPROMISED_BA_44, ROOT_44, OTHER_ROOT_44, STRANGER_44 = (
    _later(f"{name}_ml_dsa_44") for name in ("pass_ba", "compromised_ba", "root", "other_root", "stranger")
)

KEYS: Final = (
    *(PASS_BA, STATUS_BA, ROOT_A, ROOT_B, ROOT_C, ROOT_D, ROOT_E, BOTH_RU, OLD_RU, PASS_KAM, STATUS_KAM, PASS_KGD, STATUS_KGD),
    *(RETIRED_BA, NEXT_BA, COMPROMISED_STATUS_BA, VOUCHER_BA, HOLDER, OTHER_HOLDER, STRANGER),
    *(CATALOGUE_BA, COMPROMISED_CATALOGUE_BA, CHECKPOINT_BA, NEXT_CHECKPOINT_BA, COMPROMISED_CHECKPOINT_BA),
    *(PASS_BA_44, COMPROMISED_BA_44, ROOT_44, OTHER_ROOT_44, STRANGER_44),
)

MINUTE: Final = 60
LEEWAY: Final = 5 * MINUTE  # specs/credential.md, section 6
DAY: Final = 86400

SIGN_FROM: Final = instant("2025-12-01T00:00:00+00:00")
ISSUED_AT: Final = instant("2026-01-01T00:00:00+00:00")  # iat of passes, status lists and trust lists
NOW: Final = instant("2026-01-01T12:00:00+00:00")
STATUS_EXPIRES_AT: Final = instant("2026-01-15T00:00:00+00:00")
NEXT_UPDATE_AT: Final = instant("2026-02-01T00:00:00+00:00")
LIST_EXPIRES_AT: Final = instant("2026-04-01T00:00:00+00:00")
SIGN_UNTIL: Final = instant("2026-12-01T00:00:00+00:00")
PASS_EXPIRES_AT: Final = instant("2028-01-01T00:00:00+00:00")
ROOT_EXPIRES_AT: Final = instant("2036-01-01T00:00:00+00:00")


def published() -> dict[str, JsonValue]:
    """Return what seeds.json holds."""
    times = {
        "sign_from": SIGN_FROM,
        "issued_at": ISSUED_AT,
        "now": NOW,
        "status_list_expires_at": STATUS_EXPIRES_AT,
        "trust_list_next_update_at": NEXT_UPDATE_AT,
        "trust_list_expires_at": LIST_EXPIRES_AT,
        "sign_until": SIGN_UNTIL,
        "pass_expires_at": PASS_EXPIRES_AT,
        "root_expires_at": ROOT_EXPIRES_AT,
    }
    return {
        "warning": "Published on purpose. Never trust these keys outside of tests.",
        "keys": {
            key.name: {
                "algorithm": key.algorithm,
                "seed": key.seed.hex(),
                "public_key": key.public.hex(),
                "key_id": key.kid.hex(),
                "source": key.source,
            }
            for key in KEYS
        },
        "times": {name: rfc3339(seconds) for name, seconds in times.items()},
    }
