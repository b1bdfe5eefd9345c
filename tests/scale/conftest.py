"""A small network that finds something, images, and a zarr folder of one."""

import numpy as np
import pytest
import zarr
from scipy import ndimage

from napari_unet.core.config import DecodeConfig, ModelConfig
from napari_unet.io.picture import Picture
from napari_unet.nn.model import Model, seeded_network
from napari_unet.nn.predict import Predictor


def make_picture(axes: str, shape: tuple[int, ...], name: str = "cells") -> Picture:
    """Smooth noise, uint16."""
    noise = np.random.default_rng(1).random(shape)
    smooth = ndimage.gaussian_filter(noise, [2.0 * (letter in "ZYX") for letter in axes])
    grey = (smooth - smooth.min()) / np.ptp(smooth)
    return Picture((4000 * grey).astype(np.uint16), axes, None, "px", name)


def make_model(ndim: int, **config) -> Model:
    """An untrained network, which says about a half everywhere."""
    network = seeded_network(ModelConfig(ndim=ndim, features=2, depth=2, **config), 0).eval()
    return Model("small", network, decode=DecodeConfig(threshold=0.4, split=0.01, min_size=3))


@pytest.fixture
def exact(monkeypatch):
    """A network that says how bright a pixel is: no order of additions, tile by tile, shows."""

    def brightness(self, images, kept):
        bright = np.clip(images.mean(axis=1), 0, 1)
        output = np.stack([1 - bright, bright, bright], axis=1)
        return output[(..., *(slice(*cut) for cut in kept))]

    monkeypatch.setattr(Predictor, "__call__", brightness)


@pytest.fixture(
    params=[("YX", (90, 70), 2), ("TYX", (2, 40, 61), 2), ("ZYX", (22, 30, 37), 3)],
    ids=["2D", "planes", "3D"],
)
def case(request, exact):
    """A picture and a model for it."""
    axes, shape, ndim = request.param
    picture = make_picture(axes, shape)
    return picture, make_model(ndim)


@pytest.fixture
def stored(tmp_path):
    """Put a picture's pixels into a zarr folder."""

    def store(picture: Picture) -> Picture:
        shape = picture.data.shape
        chunks = tuple(max(1, size // 3) for size in shape)
        path = tmp_path / f"{picture.name}.zarr"
        array = zarr.create_array(path, data=picture.data, chunks=chunks)
        return Picture(array, picture.axes, picture.spacing, picture.unit, picture.name)

    return store
