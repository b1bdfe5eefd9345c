"""Empty fields are told from those that hold something, and what is doubtful is not empty."""

import numpy as np
import pytest

from napari_unet.core.image.look.emptiness import looks_empty, note_on
from napari_unet.io.bundled import load_sample

SHAPE = (200, 300)
ACROSS, DOWN = np.meshgrid(np.linspace(0, 1, SHAPE[1]), np.linspace(0, 1, SHAPE[0]))
VIGNETTE = np.cos(np.hypot(ACROSS - 0.4, DOWN - 0.5)) ** 4


def chance():
    return np.random.default_rng(3)


def hot(field, share):
    return np.where(chance().random(SHAPE) < share, 4000, field)


NOISE = chance().normal(100, 5, SHAPE)
EMPTY = {
    "constant": np.full(SHAPE, 7, np.uint8),
    "constant float": np.full(SHAPE, 0.1),
    "read-out noise": NOISE.round().astype(np.uint16),
    "read-out noise of less than a grey value": chance().normal(10, 0.3, SHAPE).round(),
    "read-out noise around 0": NOISE - 100,
    "few photons": chance().poisson(0.02, SHAPE),
    "photons": chance().poisson(5, SHAPE).astype(np.uint8),
    "uniform": chance().random(SHAPE, np.float32),
    "exponential": chance().exponential(1, SHAPE),
    "ramp": 500 * ACROSS + 100 * DOWN,
    "ramp with noise": NOISE + 500 * ACROSS,
    "ramp of 8 bit": (255 * ACROSS).astype(np.uint8),
    "vignette": 10_000 * VIGNETTE,
    "vignette with noise": chance().poisson(10_000 * VIGNETTE),
    "few hot pixels": hot(100, 1e-3),
    "many hot pixels": hot(100, 0.05),
    "hot pixels in noise": hot(NOISE, 0.01),
}


@pytest.mark.parametrize("field", EMPTY.values(), ids=EMPTY)
def test_empty_fields_are_empty(field):
    assert looks_empty([field[np.newaxis]])


def disc(radius, centre=(90, 130)):
    rows, columns = np.indices(SHAPE)
    return np.hypot(rows - centre[0], columns - centre[1]) < radius


@pytest.mark.parametrize("field", ["read-out noise", "ramp with noise", "hot pixels in noise"])
@pytest.mark.parametrize(("radius", "contrast"), [(3, 2.5), (6, 1.5), (12, 1), (40, 1)])
def test_one_dim_object_is_enough(field, radius, contrast):
    for sign in (-1, 1):
        image = EMPTY[field] + sign * contrast * 5 * disc(radius)
        assert not looks_empty([image[np.newaxis]])


def test_one_object_on_black_is_enough():
    assert not looks_empty([(200 * disc(4)).astype(np.uint8)[np.newaxis]])


@pytest.mark.parametrize("name", ["nuclei2d", "tissue_rgb"])
def test_real_images_are_not_empty(name):
    image = load_sample(name)[0]
    planes = image.data if image.axes.startswith("T") else image.data[np.newaxis, ..., 0]
    assert not any(looks_empty([plane[np.newaxis]]) for plane in planes)


def test_volumes_are_told_apart_too():
    noise = chance().normal(100, 5, (12, 40, 60))
    assert looks_empty([noise[np.newaxis]])
    noise[4:9, 10:20, 20:30] += 10
    assert not looks_empty([noise[np.newaxis]])


def test_one_channel_or_window_with_something_is_enough():
    empty, full = NOISE, NOISE + 50 * disc(8)
    assert looks_empty([np.stack([empty, empty])])
    assert not looks_empty([np.stack([empty, full])])
    assert not looks_empty([empty[np.newaxis], full[np.newaxis]])


def test_what_is_too_small_to_tell_is_not_empty():
    assert not looks_empty([NOISE[np.newaxis, :20, :20]])


def test_grey_values_may_have_any_scale():
    for scale in (1e-30, 1e30):
        assert looks_empty([NOISE[np.newaxis] * scale])
        assert not looks_empty([(NOISE + 10 * disc(12))[np.newaxis] * scale])


def test_the_sentence_says_what_is_empty():
    assert note_on(3, 0, 1) == ""
    assert "the image looks empty" in note_on(0, 1, 1)
    assert "all planes look empty" in note_on(0, 5, 5)
    assert note_on(9, 1, 5) == "1 of 5 planes looks empty."
    assert "lower the threshold if there are any" in note_on(0, 0, 1)
    assert note_on(0, 1, 5).startswith("1 of 5 planes looks empty. No objects were found: lower")
    assert note_on(0, 0, 1, explained=True) == "No objects were found."
    assert "as large as the minimum size: lower it" in note_on(0, 1, 5, too_small=True)
