"""Pictures and models for jobs, and a zarr folder of a picture."""

import pytest
import zarr

from napari_unet.io.picture import Picture
from napari_unet.nn.prediction.predictor import Predictor
from pictures import brightness, make_model, make_picture


@pytest.fixture
def exact(monkeypatch):
    """A network that says how bright a pixel is: no order of additions, tile by tile, shows."""
    monkeypatch.setattr(Predictor, "__call__", brightness)


@pytest.fixture(
    params=[("YX", (60, 46), 2), ("TYX", (2, 33, 40), 2), ("ZYX", (22, 30, 37), 3)],
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
