"""Values of our TOML files: times and public keys, read; times, texts and lists, written.

It knows one value at a time. Which option holds it is its caller's.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from socpass_vc.config.strict_table import Table
from socpass_vc.errors import BadKey
from socpass_vc.format.keys import PUBLIC_KEY_BYTES, PublicKey

_HEXADECIMAL = re.compile(f"[0-9A-Fa-f]{{{2 * PUBLIC_KEY_BYTES}}}")


def read_public_key(table: Table, text: str) -> PublicKey:
    """Return the key that the option ``public_key`` of *table* gives in 64 hexadecimal digits."""
    if not _HEXADECIMAL.fullmatch(text):
        raise table.error("toml.public_key_not_hexadecimal", "public_key")
    try:
        return PublicKey(bytes.fromhex(text))
    except BadKey as error:
        raise table.error("toml.public_key_refused", "public_key", why=error) from error


def read_moment(table: Table, option: str) -> datetime:
    """Return the time that an option gives, without a fraction of a second."""
    moment = table.take(option, datetime)
    if moment.tzinfo is None:
        raise table.error("toml.time_without_zone", option, found=str(moment))
    if moment < datetime(1970, 1, 1, tzinfo=UTC):
        raise table.error("toml.time_before_1970", option, found=str(moment))
    return moment.replace(microsecond=0)


def quoted(text: str) -> str:
    """Return *text* as a string of TOML."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's escapes are those of TOML, but for this one


def quoted_list(texts: tuple[str, ...]) -> str:
    """Return *texts* as a list of TOML."""
    return "[" + ", ".join(map(quoted, texts)) + "]"
