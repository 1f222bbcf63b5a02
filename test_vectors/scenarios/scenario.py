"""What every scenario is: an id, the rule it tests, the verdict, and the fields of its folder."""

from dataclasses import dataclass
from typing import Final, TypeAlias

JsonValue: TypeAlias = "bool | int | str | list[JsonValue] | dict[str, JsonValue] | None"

ACCEPTED: Final = "accepted"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One file of a folder; `id` is its path without the ending."""

    id: str
    comment: str
    expect: str
    fields: dict[str, JsonValue]

    def document(self) -> dict[str, JsonValue]:
        """Return what the file holds."""
        return {"id": self.id, "comment": self.comment, "expect": self.expect, **self.fields}


def octets(value: bytes | None) -> str | None:
    """Write bytes in lower-case hexadecimal."""
    return None if value is None else value.hex()
