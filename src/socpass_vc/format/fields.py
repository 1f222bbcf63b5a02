"""The fields that claims, status lists and trust lists share: times, days, bounded integers; and unknown keys.

It knows nothing of any one map. Readers refuse with :class:`Malformed`; the checks that writers share refuse with
:class:`FieldError`, which each kind of record turns into its own error. A reader is told the name of its field as a key of the
message catalogues, such as ``field.public_key``.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import UTC, date, datetime

from socpass_vc.errors import Kind, Malformed, Unsupported
from socpass_vc.format.cbor import Value
from socpass_vc.messages import ENGLISH, Message, Speaker

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


class FieldError(ValueError):
    """A value that no field can hold.

    Args:
        reason: a slug, the key of the sentence in the message catalogues; the sentence is said of the field.
        facts: the named values behind the sentence.
    """

    def __init__(self, reason: str, /, **facts: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.facts = facts

    def as_kind(self, kind: type[Kind]) -> Kind:
        """Return the same refusal as an error of the library."""
        return kind(self.reason, **self.facts)

    def said_by(self, speaker: Speaker, /) -> str:
        """Return the sentence in the speaker's language."""
        return speaker.say(self.reason, **self.facts)

    def __str__(self) -> str:
        return self.said_by(ENGLISH)


def to_seconds(moment: datetime) -> int:
    """Return an aware, whole-second *moment* as seconds since 1970-01-01T00:00:00Z.

    Raises:
        FieldError: it is naive, has a fraction of a second, or lies outside 1970 to 9999.
    """
    if moment.tzinfo is None:
        raise FieldError("no_time_zone", moment=moment.isoformat(" "))
    since = moment - _EPOCH
    seconds = since.days * 86_400 + since.seconds
    if since.microseconds or not 0 <= seconds <= MAX_SECONDS:
        raise FieldError("no_whole_second", moment=moment.isoformat(" "))
    return seconds


def write_instant(moment: datetime) -> str:
    """Return an aware *moment* as text for machines: RFC 3339, in UTC, whole seconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def to_day(day: date) -> int:
    """Return *day* in days since 1970-01-01.

    Raises:
        FieldError: it lies before 1800-01-01.
    """
    number = day.toordinal() - _EPOCH_ORDINAL
    if number < MIN_DAY:
        raise FieldError("day_before_1800", day=day)
    return number


# --- Readers: from a decoded value to a typed field, or Malformed -------------------------------------------------------
# Each takes the value, then the name of its field.


def read_seconds(value: Value, field: str) -> datetime:
    """Return a time field as an aware datetime in UTC."""
    if value.__class__ is not int or not 0 <= value <= MAX_SECONDS:
        raise _not_an_integer(value, field, 0, MAX_SECONDS)
    return datetime.fromtimestamp(value, UTC)


def read_day(value: Value, field: str) -> date:
    """Return a day field as a date."""
    if value.__class__ is not int or not MIN_DAY <= value <= MAX_DAY:
        raise _not_an_integer(value, field, MIN_DAY, MAX_DAY)
    return date.fromordinal(value + _EPOCH_ORDINAL)


def read_uint(value: Value, field: str, lowest: int, highest: int) -> int:
    """Return an integer field within its bounds, both included."""
    if value.__class__ is not int or not lowest <= value <= highest:
        raise _not_an_integer(value, field, lowest, highest)
    return value


def read_bytes(value: Value, field: str, shortest: int, longest: int) -> bytes:
    """Return a byte string field within its bounds, both included."""
    if not isinstance(value, bytes) or not shortest <= len(value) <= longest:
        raise Malformed("not_bytes", given=_shown(value), shortest=shortest, longest=longest).at(Message(field))
    return value


def read_list(value: Value, field: str, shortest: int, longest: int) -> list[Value]:
    """Return an array field within its bounds, both included."""
    if not isinstance(value, list) or not shortest <= len(value) <= longest:
        raise Malformed("not_an_array", given=_shown(value), shortest=shortest, longest=longest).at(Message(field))
    return value


def read_map(value: Value, field: str) -> dict[int | str, Value]:
    """Return a map field."""
    if not isinstance(value, dict):
        raise Malformed("not_a_map", given=_shown(value)).at(Message(field))
    return value


def read_numbered_map(value: Value, field: str, known: frozenset[int]) -> dict[int | str, Value]:
    """Return a map whose keys this format numbers.

    Raises:
        Malformed: it is not a map, or has a key that is not an unsigned integer.
        Unsupported: it has a key below 64 that is not *known*: it was written for a later version.
    """
    fields = read_map(value, field)
    if not known.issuperset(fields):
        strange = [key for key in fields if key not in known]
        if any(not isinstance(key, int) or key < 0 for key in strange):
            raise Malformed("key_not_unsigned").at(Message(field))
        newer = [key for key in strange if isinstance(key, int) and key < FIRST_IGNORED_KEY]
        if newer:
            raise Unsupported("newer_field", field=newer[0]).at(Message(field))
    return fields


def required(fields: dict[int | str, Value], key: int, field: str) -> Value:
    """Return the field *key*, which must be there and not null.

    Raises:
        Malformed: it is not there.
    """
    value = fields.get(key)
    if value is None:
        raise Malformed("field_missing").at(Message(field))
    return value


def read_text(value: Value, field: str) -> str:
    """Return a text field; what it may say is for the record to check."""
    if not isinstance(value, str):
        raise Malformed("not_text", given=_shown(value)).at(Message(field))
    return value


def refuse_unknown(found: dict[int | str, Value], known: Container[int | str], field: str) -> None:
    """Return if *found* has no key but those *known*: any other was written for a later version.

    Raises:
        Unsupported: it has another.
    """
    unknown = [key for key in found if key not in known]
    if unknown:
        raise Unsupported("newer_field", field=unknown[0]).at(Message(field))


def _not_an_integer(value: Value, field: str, lowest: int, highest: int) -> Malformed:
    return Malformed("number_out_of_range", given=_shown(value), lowest=lowest, highest=highest).at(Message(field))


def _shown(value: Value) -> object:
    """Return a wrong value as a fact: a number as it is, of anything else only the type and the size."""
    if isinstance(value, list):
        return Message("value.array", count=len(value))
    if isinstance(value, dict):
        return Message("value.map")
    if isinstance(value, bytes):
        return Message("value.bytes", count=len(value))
    if isinstance(value, str):
        return Message("value.text", count=len(value))
    if isinstance(value, bool):
        return Message("value.boolean")
    return Message("value.null") if value is None else value
