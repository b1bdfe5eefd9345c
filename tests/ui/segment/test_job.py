"""One request has one answer, whoever asks: viewer, Python, a batch, or a job on disk."""

from dataclasses import fields, replace

import numpy as np
import pytest
from napari.layers import Image

from napari_unet import (
    Batch,
    DecodeConfig,
    LinkConfig,
    SegmentRequest,
    SizeConfig,
    TileConfig,
    batch_steps,
    drive,
    find_sources,
    read_image,
    read_zarr,
    save_model,
    segment,
    segment_large,
)
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.io.tiff.write import write_tiff
from napari_unet.ui.layers.source import take
from napari_unet.ui.segment.job import SegmentJob
from napari_unet.ui.segment.large import large_steps
from pictures import make_model, make_picture

REQUEST = SegmentRequest(
    axes="TCYX",
    channels=(1,),
    spacing=(0.5, 0.25),
    tiles=TileConfig(tile=24),
    decode=DecodeConfig(threshold=0.01, split=0.0, min_size=2),
    size=SizeConfig(match="pixel size"),
    link=LinkConfig(frames=True, overlap=0.3),
)


@pytest.fixture
def image():
    return make_picture("TCYX", (2, 2, 40, 44)).data


@pytest.fixture
def model(tmp_path):
    sized = replace(make_model(2), sizes=Sizes(pixel=(0.4, 0.2)))
    save_model(sized, tmp_path / "small.safetensors")
    return tmp_path / "small.safetensors"


@pytest.fixture
def job(image, model):
    about = {"units": ("pixel", "pixel", "um", "um"), "scale": (1, 1, *REQUEST.spacing)}
    source = take(Image(image, axis_labels=tuple("tcyx"), name="cells", **about), 2, 1)
    return SegmentJob(source, model, REQUEST.replace(axes=source.axes, spacing=source.spacing))


def test_the_window_asks_for_what_python_asks_for(job):
    assert job.request == REQUEST


def test_one_request_has_one_answer(image, model, job, tmp_path):
    expected = segment(image, model, REQUEST)
    assert expected.instances.max() > 10
    by_name = {entry.name: getattr(REQUEST, entry.name) for entry in fields(REQUEST)}
    (tmp_path / "in").mkdir()
    write_tiff(tmp_path / "in" / "cells.tif", image, "TCYX", REQUEST.spacing, "µm")
    batch = Batch(tmp_path / "out", model, REQUEST)
    (row,) = drive(batch_steps(find_sources([tmp_path / "in"], batch.out), batch))
    large = drive(large_steps(job, tmp_path / "large"))
    answers = {
        "by the names of the fields": segment(image, model, **by_name).instances,
        "a request and a field": segment(
            image, model, REQUEST.replace(channels=(0,)), channels=[1]
        ).instances,
        "the window": drive(job.steps()).instances,
        "a batch": read_image(tmp_path / "out" / "cells_instances.tif").data,
        "the window, block by block": read_zarr(large.instances).data[:],
        "Python, block by block": read_zarr(
            segment_large(
                read_image(tmp_path / "in" / "cells.tif"), model, tmp_path, REQUEST
            ).instances
        ).data[:],
    }
    for name, found in answers.items():
        np.testing.assert_array_equal(found, expected.instances, err_msg=name)
    assert row.objects == large.objects == expected.instances.max()
