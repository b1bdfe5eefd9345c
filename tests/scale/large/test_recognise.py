"""An image is recognised by pixels from all over it, however large it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.image.planes import arrange
from napari_unet.scale.large import recognise
from napari_unet.scale.large.recognise import digest_of


class Terabyte:
    """An image that is made where it is read, and one plane of which is bright."""

    dtype = np.dtype(np.uint8)

    def __init__(self, *shape: int, bright: int = -1) -> None:
        self.shape, self.bright, self.read = shape, bright, 0

    def __getitem__(self, where):
        cuts = [slice(cut, cut + 1) if isinstance(cut, int) else cut for cut in where]
        whole = [range(*cut.indices(size)) for cut, size in zip(cuts, self.shape, strict=True)]
        part = np.full([len(each) for each in whole], self.bright in whole[0], np.uint8)
        self.read += part.size
        return part[tuple(0 if isinstance(cut, int) else slice(None) for cut in where)]


@settings(max_examples=20, deadline=None)
@given(st.data())
@pytest.mark.parametrize(("axes", "ndim"), [("TYX", 2), ("ZYX", 3), ("TZYX", 3), ("CYX", 2)])
def test_one_pixel_tells_images_in_memory_apart(axes, ndim, data):
    image, channels = np.zeros((2, 3, 4, 5)[-len(axes) :], np.uint8), 3 if "C" in axes else 1
    before = digest_of(arrange(image, axes, ndim, channels))
    image.flat[data.draw(st.integers(0, image.size - 1))] = 1
    assert digest_of(arrange(image, axes, ndim, channels)) != before


@pytest.mark.parametrize(("axes", "ndim"), [("TYX", 2), ("ZYX", 3)])
def test_of_a_terabyte_little_is_read_but_of_many_planes(axes, ndim):
    shape = 1000, 30_000, 30_000
    images = [Terabyte(*shape), *(Terabyte(*shape, bright=each) for each in (0, 466, 999))]
    assert len({digest_of(arrange(image, axes, ndim, 1)) for image in images}) == len(images)
    assert all(0 < image.read <= 2**24 for image in images)


@pytest.mark.parametrize("place", [(0, 0), (0, 63), (63, 0), (41, 21)])
def test_windows_of_a_large_plane_reach_from_edge_to_edge(place, monkeypatch):
    monkeypatch.setattr(recognise, "_WINDOW_PIXELS", 4)  # of 2 x 2, 4 apart
    monkeypatch.setattr(recognise, "_WINDOWS", 16 * 16)
    image = np.zeros((64, 64), np.uint8)
    before = digest_of(arrange(image, "YX", 2, 1))
    image[place] = 1
    assert digest_of(arrange(image, "YX", 2, 1)) != before
