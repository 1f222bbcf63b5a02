"""Why the system could not do something: a reason that has a sentence in every language, where it is a known one."""

import errno
import tomllib
from pathlib import Path

import pytest

from socpass_vc.errors import system_reason
from socpass_vc.messages import Message


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "whatever the system says"), Message("system.disk_full")),
        (OSError(errno.ENOLCK, "No locks available"), Message("system.other", said="No locks available")),
        (OSError("no number"), Message("system.other", said="no number")),
        (tomllib.TOMLDecodeError("bad line"), Message("system.other", said="bad line")),
    ],
)
def test_the_number_tells_the_reason_and_not_the_words(error: OSError | ValueError, reason: Message) -> None:
    assert system_reason(error) == reason


@pytest.mark.parametrize("name", ["nul\0byte", "half \ud800 a character"])
def test_a_name_that_no_file_can_have_is_said_so(name: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 -- what it says is the system's
        Path(name).read_bytes()
    assert system_reason(refusal.value) == Message("system.impossible_name")
