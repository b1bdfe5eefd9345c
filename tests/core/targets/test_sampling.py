"""Patches are drawn inside the image, around pixels that somebody annotated."""

import numpy as np
import pytest

from napari_unet.core.config import IGNORE
from napari_unet.core.errors import UserError
from napari_unet.core.targets.sampling import Candidates, image_shares


def sparse(ndim):
    """Everything ignored but two corners, one with an object."""
    semantic = np.full((40,) * ndim, IGNORE, np.uint8)
    semantic[(slice(0, 3),) * ndim] = 0
    semantic[(slice(36, 40),) * ndim] = 1
    return semantic


@pytest.mark.parametrize("patch", [9, 16])
@pytest.mark.parametrize("ndim", [2, 3])
def test_patches_lie_inside_and_hold_an_annotated_pixel(ndim, patch):
    semantic = sparse(ndim)
    candidates = Candidates.of(semantic)
    chance = np.random.default_rng(0)
    for _ in range(50):
        centre = candidates.draw((patch,) * ndim, chance)
        low, high = centre - (patch - 1) / 2, centre + (patch - 1) / 2
        assert (low >= 0).all()
        assert (high <= 39).all()
        inside = tuple(
            slice(int(np.floor(a)), int(np.ceil(b)) + 1) for a, b in zip(low, high, strict=True)
        )
        assert (semantic[inside] != IGNORE).any()


@pytest.mark.parametrize("ndim", [2, 3])
def test_a_small_image_is_taken_from_its_middle(ndim):
    candidates = Candidates.of(np.zeros((5, 8, 7)[:ndim], np.uint8))
    centre = candidates.draw((16,) * ndim, np.random.default_rng(0))
    np.testing.assert_array_equal(centre, [2, 3.5, 3][:ndim])


def test_half_of_the_patches_are_drawn_around_objects():
    semantic = np.zeros((1000, 50), np.uint8)
    semantic[900, 25] = 1
    candidates = Candidates.of(semantic)
    chance = np.random.default_rng(0)
    hits = sum(candidates.draw((1, 1), chance)[0] == 900 for _ in range(400))
    assert 150 < hits < 250


@pytest.mark.parametrize("ndim", [2, 3])
def test_without_objects_background_is_drawn(ndim):
    candidates = Candidates.of(np.zeros((8,) * ndim, np.uint8))
    assert candidates.objects.size == 0
    assert candidates.draw((3,) * ndim, np.random.default_rng(0)).shape == (ndim,)


def test_candidates_of_large_images_are_thinned():
    candidates = Candidates.of(np.ones((600, 700), np.uint8))
    assert 30_000 < candidates.annotated.size <= 65_536
    assert candidates.objects.size == candidates.annotated.size


@pytest.mark.parametrize("ndim", [2, 3])
def test_an_image_without_annotation_is_refused(ndim):
    with pytest.raises(UserError, match="every pixel is ignored"):
        Candidates.of(np.full((4,) * ndim, IGNORE, np.uint8))


def test_images_are_drawn_by_their_share_of_annotation_and_of_objects():
    one, other = np.zeros((10, 10), np.uint8), np.full((10, 20), IGNORE, np.uint8)
    one[0, 0] = 1
    other[:5] = 0
    other[0, :3] = 1
    found = image_shares([Candidates.of(one), Candidates.of(other)])
    assert found.tolist() == pytest.approx([0.5 * 0.5 + 0.5 * 0.25, 0.5 * 0.5 + 0.5 * 0.75])


def test_images_without_any_object_are_drawn_too():
    found = image_shares([Candidates.of(np.zeros((2, size), np.uint8)) for size in (3, 9)])
    assert found.tolist() == pytest.approx([0.25, 0.75])
