"""The kinds of files that a till takes, each told by what it calls itself."""

import pytest

import world
from said import refused
from socpass_vc.errors import Malformed
from socpass_vc.format.credential.token import sign_pass
from socpass_vc.format.status.status_delta import sign_delta
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.verifier.store.file_kind import FileKind, kind_of

DELTA = sign_delta(compare(world.STATUS_BASE, {}, {0: world.status_list()}), world.key("status"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (world.bundle(), FileKind.BUNDLE),
        (world.status_token(), FileKind.STATUS_LIST),
        (world.catalogue_token(), FileKind.CATALOGUE),
        (DELTA, FileKind.STATUS_DELTA),
    ],
    ids=list(FileKind),
)
def test_a_file_is_told_by_what_it_calls_itself(content: bytes, kind: FileKind) -> None:
    assert kind_of(content) is kind


@pytest.mark.parametrize(
    "content",
    [b"", b"rubbish", world.root_token(), sign_pass(world.claims(), world.key("pass"))],
    ids=["nothing", "rubbish", "a root", "a pass"],
)
def test_what_a_till_does_not_take_is_refused(content: bytes) -> None:
    with refused(Malformed, "nothing_that_a_till_takes"):
        kind_of(content)
