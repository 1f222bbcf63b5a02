"""Look at a picture of a code that was just written, as a till would, and compare; knows nothing of what the text says.

It comes from no stranger, so it is decoded in this process.
"""

from __future__ import annotations

from socpass_vc.errors import NoCodeFound, NotReadBack
from socpass_vc.qr.container import identify
from socpass_vc.qr.search import find_codes

BUDGET_SECONDS = 2.0  # a picture of ours is read at the first look


def check(picture: bytes, text: str) -> None:
    """Return if the only code in *picture* says *text*.

    Args:
        picture: the content of a file.
        text: what was to be written.

    Raises:
        NotReadBack: it says something else, or cannot be read.
    """
    try:
        found = find_codes(picture, identify(picture), enough=lambda said: said == text, budget_seconds=BUDGET_SECONDS)
    except NoCodeFound as error:
        raise NotReadBack("written_code_cannot_be_read", why=error) from error
    if found != (text,):
        raise NotReadBack("written_code_says_something_else", found=len(found))
