"""The kinds of files that a till takes, told apart by what each calls itself. Whether it is one, its reader then checks."""

from __future__ import annotations

from enum import StrEnum

from socpass_vc.errors import Malformed
from socpass_vc.format.catalogue import signed_catalogue
from socpass_vc.format.status import status_delta, status_list
from socpass_vc.format.trust.bundle import is_bundle

_LONGEST_HEADER = 64
"""Of a COSE_Sign1 of ours, up to its typ."""


class FileKind(StrEnum):
    """What a till takes."""

    BUNDLE = "trust bundle"
    STATUS_LIST = "status list"
    STATUS_DELTA = "status delta"
    CATALOGUE = "catalogue"


_TYPES = {
    status_list.TYP: FileKind.STATUS_LIST,
    status_delta.TYP: FileKind.STATUS_DELTA,
    signed_catalogue.TYP: FileKind.CATALOGUE,
}


def kind_of(content: bytes) -> FileKind:
    """Return what *content* calls itself.

    Raises:
        Malformed: it is nothing that a till takes.
    """
    if is_bundle(content):
        return FileKind.BUNDLE
    header = content[:_LONGEST_HEADER]
    kind = next((kind for typ, kind in _TYPES.items() if typ.encode() in header), None)
    if kind is None:
        raise Malformed("nothing_that_a_till_takes")
    return kind
