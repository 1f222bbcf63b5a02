"""Look at a picture of a code that was just written, as a till would, and compare; knows nothing of what the text says."""

from __future__ import annotations

from socpass_vc.errors import NoCodeFound, NotReadBack
from socpass_vc.qr.read import read_codes


def check(picture: bytes, text: str) -> None:
    """Return if the only code in *picture* says *text*.

    Args:
        picture: the content of a file.
        text: what was to be written.

    Raises:
        NotReadBack: it says something else, or cannot be read.
    """
    try:
        found = read_codes(picture, enough=lambda said: said == text)
    except NoCodeFound as error:
        raise NotReadBack("written_code_cannot_be_read", why=error) from error
    if found != (text,):
        raise NotReadBack("written_code_says_something_else", found=len(found))
