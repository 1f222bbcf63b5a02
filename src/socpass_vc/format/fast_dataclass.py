"""Making frozen records by their slots, for records of which every pass that is read has several.

It knows nothing of what a record says. A frozen dataclass's own ``__init__`` is called through ``type.__call__``, which packs
the fields into a dict, and then looks each of them up by name in ``object.__setattr__``: more than half of the time that making
the record takes. Its checks are made here too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import ParamSpec, TypeVar, cast

Fields = ParamSpec("Fields")
Record = TypeVar("Record")


def maker(record: Callable[Fields, Record]) -> Callable[Fields, Record]:
    """Return a function that makes the same record as *record* from the same arguments, in half the time.

    Args:
        record: a frozen, slotted, keyword-only dataclass with a ``__post_init__``, all of whose fields are arguments.
    """
    made_by = cast("type[Record]", record)
    names = [field.name for field in fields(made_by)]  # type: ignore[arg-type]  # a dataclass, as the docstring asks
    # As dataclasses does it: the function is written out for these fields, because a loop would cost as much as the slots save.
    lines = [
        f"def make(*, {', '.join(names)}):",
        " made = new(record)",
        *(f" set_{name}(made, {name})" for name in names),
        " made.__post_init__()",
        " return made",
    ]
    scope: dict[str, object] = {f"set_{name}": getattr(made_by, name).__set__ for name in names}
    scope |= {"new": object.__new__, "record": made_by}
    exec("\n".join(lines), scope)  # noqa: S102 -- made of names of fields only, which our source contains
    make = cast("Callable[Fields, Record]", scope["make"])
    make.__kwdefaults__ = made_by.__init__.__kwdefaults__
    return make
