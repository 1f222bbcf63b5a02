"""The fields that claims, status lists and trust lists share: times, days, text, bounded integers; and unknown keys.

It knows nothing of any one map. Readers refuse with :class:`Malformed`; the checks that writers share refuse with ValueError,
which each kind of record words as its own error.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from unicodedata import is_normalized

from socpass_vc.errors import Malformed, Unsupported
from socpass_vc.format.cbor import Value

MAX_SECONDS = 253_402_300_799
"""9999-12-31T23:59:59Z, the last second that a time may name (specs/credential.md, section 1)."""
MIN_DAY = -62_091
"""1800-01-01, in days since 1970-01-01."""
MAX_DAY = 2_932_896
"""9999-12-31."""
FIRST_IGNORED_KEY = 64
"""Unknown keys from here on are ignored; below, they mean a newer format (specs/credential.md, section 1)."""

MAX_STATUS_ENTRIES = 2**25
"""Entries of a status list, and so one more than the highest index (specs/status-list.md, section 1)."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
# Control characters, surrogates, line and paragraph separators, and what reorders text on a screen.
_FORBIDDEN_RANGES = (
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0x61C, 0x61C),
    (0x200E, 0x200F),
    (0x2028, 0x202E),
    (0x2066, 0x2069),
    (0xD800, 0xDFFF),
)


def to_seconds(moment: datetime) -> int:
    """Return an aware, whole-second *moment* as seconds since 1970-01-01T00:00:00Z.

    Raises:
        ValueError: it is naive, has a fraction of a second, or lies outside 1970 to 9999.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    since = moment - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    if since.microseconds or not 0 <= seconds <= MAX_SECONDS:
        raise ValueError(f"{moment} is not a whole second from 1970 to 9999")
    return seconds


def write_instant(moment: datetime) -> str:
    """Return an aware *moment* as text for machines: RFC 3339, in UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def to_day(day: date) -> int:
    """Return *day* in days since 1970-01-01.

    Raises:
        ValueError: it lies before 1800-01-01.
    """
    number = day.toordinal() - _EPOCH_ORDINAL
    if number < MIN_DAY:
        raise ValueError(f"{day} lies before 1800-01-01")
    return number


def check_text(text: str, longest: int) -> None:
    """Return if *text* may stand in a pass (specs/credential.md, section 1).

    Args:
        text: any string.
        longest: in code points.

    Raises:
        ValueError: it is empty, too long, not NFC, has a space at an end or a character that no name has.
    """
    if not 1 <= len(text) <= longest:
        raise ValueError(f"has {len(text)} characters; 1 to {longest} are possible")
    if not text.isprintable():  # whatever is forbidden is not printable, and hardly any name holds what is not
        _check_characters(text)
    if not is_normalized("NFC", text):
        raise ValueError("is not in Unicode's composed form (NFC)")
    if text != text.strip():
        raise ValueError("begins or ends with a space")


def _check_characters(text: str) -> None:
    for position, character in enumerate(text, start=1):
        if any(first <= ord(character) <= last for first, last in _FORBIDDEN_RANGES):
            raise ValueError(f"holds the character U+{ord(character):04X} at position {position}, which no name has")


# --- Readers: from a decoded value to a typed field, or Malformed -------------------------------------------------------


def read_seconds(value: Value, what: str) -> datetime:
    """Return a time field as an aware datetime in UTC."""
    if value.__class__ is not int or not 0 <= value <= MAX_SECONDS:
        raise _not_an_integer(value, what, 0, MAX_SECONDS)
    return datetime.fromtimestamp(value, UTC)


def read_day(value: Value, what: str) -> date:
    """Return a day field as a date."""
    if value.__class__ is not int or not MIN_DAY <= value <= MAX_DAY:
        raise _not_an_integer(value, what, MIN_DAY, MAX_DAY)
    return date.fromordinal(value + _EPOCH_ORDINAL)


def read_uint(value: Value, what: str, lowest: int, highest: int) -> int:
    """Return an integer field within its bounds, both included."""
    if value.__class__ is not int or not lowest <= value <= highest:
        raise _not_an_integer(value, what, lowest, highest)
    return value


def read_bytes(value: Value, what: str, shortest: int, longest: int) -> bytes:
    """Return a byte string field within its bounds, both included."""
    if not isinstance(value, bytes) or not shortest <= len(value) <= longest:
        raise Malformed(f"{what} is {_shown(value)}, not {shortest} to {longest} bytes")
    return value


def read_list(value: Value, what: str, shortest: int, longest: int) -> list[Value]:
    """Return an array field within its bounds, both included."""
    if not isinstance(value, list) or not shortest <= len(value) <= longest:
        raise Malformed(f"{what} is {_shown(value)}, not an array of {shortest} to {longest}")
    return value


def read_map(value: Value, what: str) -> dict[int | str, Value]:
    """Return a map field."""
    if not isinstance(value, dict):
        raise Malformed(f"{what} is {_shown(value)}, not a map")
    return value


def read_numbered_map(value: Value, what: str, known: frozenset[int]) -> dict[int | str, Value]:
    """Return a map whose keys this format numbers.

    Raises:
        Malformed: it is no map, or has a key that is no unsigned integer.
        Unsupported: it has a key below 64 that is not *known*: it was written for a later version.
    """
    fields = read_map(value, what)
    if not known.issuperset(fields):
        strange = [key for key in fields if key not in known]
        if any(not isinstance(key, int) or key < 0 for key in strange):
            raise Malformed(f"{what} has a key that is no unsigned integer")
        newer = [key for key in strange if isinstance(key, int) and key < FIRST_IGNORED_KEY]
        if newer:
            raise Unsupported(f"{what} has the field {newer[0]}, which is newer than this program", field=newer[0])
    return fields


def required(fields: dict[int | str, Value], key: int, what: str) -> Value:
    """Return the field *key*, which must be there and not null.

    Raises:
        Malformed: it is not there.
    """
    value = fields.get(key)
    if value is None:
        raise Malformed(f"{what} is missing")
    return value


def _not_an_integer(value: Value, what: str, lowest: int, highest: int) -> Malformed:
    return Malformed(f"{what} is {_shown(value)}, not an integer from {lowest} to {highest}")


def _shown(value: Value) -> str:
    if isinstance(value, list):
        return f"an array of {len(value)}"
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    return "null" if value is None else str(value)
