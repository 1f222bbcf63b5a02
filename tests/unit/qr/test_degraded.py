"""Pictures spoiled as tills meet them, by the ladder's degrees (benchmarks/degrade.py): read as what they are, or not at all."""

from __future__ import annotations

import pytest
from benchmarks.degrade import AXES, Axis, phone_photo, spoiled
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from socpass_vc.errors import NoCodeFound
from socpass_vc.format.armor import write_armor
from socpass_vc.qr.read import read_codes
from unit.qr.pictures import TEXT, drawn, saved

MARGIN_MODULES = 4
READ_SURELY = {
    "tilt": 65, "blur": 0.45, "motion": 1.4, "noise": 110, "jpeg": 8, "contrast": 12, "light": 0.02, "glare": 0.05, "moire": 50,
    "occlusion": 0.06, "cylinder": 45, "quiet zone": 1, "inversion": 20, "pixels": 1.8,
}  # fmt: skip
"""A degree of each axis at which the ladder found (nearly) every pass read."""


def bare(text: str = TEXT) -> Image.Image:
    """Return a code of a pixel a module, without its margin."""
    return ImageOps.crop(drawn(text, scale=1), MARGIN_MODULES)


@pytest.mark.parametrize("axis", AXES, ids=[axis.name for axis in AXES])
@pytest.mark.parametrize("seed", range(3))
def test_a_pass_is_read_from_a_picture_that_is_spoiled_as_far_as_the_ladder_says(axis: Axis, seed: int) -> None:
    assert read_codes(saved(spoiled(bare(), axis, READ_SURELY[axis.name], seed), "PNG")) == (TEXT,)


@settings(max_examples=40, deadline=None)
@given(axis=st.sampled_from(AXES), part=st.floats(0, 1), seed=st.integers(0, 10**6), token=st.binary(min_size=80, max_size=300))
def test_however_a_picture_is_spoiled_it_is_read_as_what_it_is_or_not_at_all(
    axis: Axis, part: float, seed: int, token: bytes
) -> None:
    # given
    text = write_armor(b"\x01" + token)
    degree = axis.degrees[0] + part * (axis.degrees[-1] - axis.degrees[0])
    picture = saved(spoiled(bare(text), axis, degree, seed), "PNG")
    # when
    try:
        found = read_codes(picture)
    except NoCodeFound:
        return
    # then
    assert found == (text,)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_photograph_by_a_telephone_is_read(seed: int) -> None:
    assert read_codes(saved(phone_photo(bare(), seed), "JPEG", quality=80)) == (TEXT,)
