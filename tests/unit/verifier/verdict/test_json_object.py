"""The object of ``--json``, specs/cli.md section 4: what was seen of a picture is said of pictures alone."""

from socpass_vc.errors import Malformed, NoCodeFound, NotAPass
from socpass_vc.verifier.verdict.json_object import seen_as_dict


def test_what_was_seen_of_a_picture_is_said_of_pictures_alone() -> None:
    assert seen_as_dict(NoCodeFound("picture_shows_nothing", hints=("flat",))) == {"hints": ["flat"]}
    assert seen_as_dict(NotAPass("no_digits", found="link")) == {"found": "link"}
    assert seen_as_dict(Malformed("not_a_map", found=5)) == {}
