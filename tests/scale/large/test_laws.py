"""The chunk law: labels depend neither on blocks nor on where the work was interrupted."""

from contextlib import suppress
from itertools import count
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_unet.core.config import DecodeConfig, LinkConfig
from napari_unet.core.progress import Stop, drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.ome_zarr import read_zarr
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.segment import segment
from napari_unet.scale.large.segment import segment_large_steps
from pictures import brightness, make_model, make_picture

STRIDE, MOST_BLOCKS = 4, 8
MODELS = {ndim: make_model(ndim) for ndim in (2, 3)}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A new folder, each time it is called."""
    top, number = tmp_path_factory.mktemp("laws"), count()
    return lambda: top / str(next(number))


@st.composite
def jobs(draw):
    """An image's axes and shape, a network's axes, blocks, and what else is asked for."""
    axes, ndim = draw(st.sampled_from([("YX", 2), ("TYX", 2), ("ZYX", 2), ("ZYX", 3), ("TZYX", 3)]))
    lead = tuple(draw(st.integers(2, 3)) for _ in axes[:-ndim])
    block = tuple(draw(st.integers(3, 40)) for _ in range(ndim))
    fitting = [-(-edge // STRIDE) * STRIDE for edge in block]
    spatial, room = [], MOST_BLOCKS // prod(lead)
    for edge in fitting:
        spatial.append(draw(st.integers(STRIDE, min(edge * max(1, min(room, 3)), 60))))
        room //= -(-spatial[-1] // edge)
    decode = DecodeConfig(
        threshold=draw(st.sampled_from([0.3, 0.5, 0.7])),
        split=draw(st.sampled_from([0.0, 0.01, 0.1])),
        min_size=draw(st.sampled_from([0, 3, 20])),
    )
    planes = draw(st.sampled_from([None, False, "Z" in axes]))
    frames = "T" in axes and draw(st.booleans())
    link = LinkConfig(planes, frames, draw(st.sampled_from([0.1, 0.5])))
    request = SegmentRequest(axes=axes, decode=decode, link=link)
    return (*lead, *spatial), MODELS[ndim], request, block


@settings(max_examples=6)
@given(jobs(), st.lists(st.integers(1, 40), max_size=2))
def test_chunk_law(place, job, stops):
    shape, model, request, block = job
    picture, out = make_picture(request.axes, shape), place()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Predictor, "__call__", brightness)
        expected = segment(picture.data, model, request)
        for stop in stops:
            looks = iter(range(stop))
            with suppress(Stop):  # it may have ended before
                steps = segment_large_steps(picture, model, out, request, block)
                drive(steps, stop_requested=lambda looks=looks: next(looks, None) is None)
        result = drive(segment_large_steps(picture, model, out, request, block))
    for found, wanted in (
        (result.instances, expected.instances),
        (result.semantic, expected.semantic),
    ):
        np.testing.assert_array_equal(read_zarr(found).data[:], wanted)
    assert result.objects == expected.instances.max()
