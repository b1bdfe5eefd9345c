"""Every file of a result says what it was made with, whoever asked for it."""

from dataclasses import replace
from math import prod

import pytest
import zarr

from napari_unet.core.config import DecodeConfig, SizeConfig, TileConfig
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.provenance.read import read_provenance
from napari_unet.io.read import read_image
from napari_unet.io.sources import find_sources
from napari_unet.nn.model import load_model, save_model
from napari_unet.nn.prediction.segment import segment
from napari_unet.scale.batch.batch import Batch, result_files
from napari_unet.scale.batch.steps import batch_steps
from napari_unet.storage.digests import file_digest, source_file
from napari_unet.storage.versions import versions
from shapes import make_image, make_labels

DECODE = DecodeConfig(threshold=0.2478, split=0.0, min_size=10)
REQUEST = SegmentRequest(decode=DECODE, size=SizeConfig(match="object size", diameter=12.5))


@pytest.fixture
def model(tmp_path, small_model):
    """The file of a model that knows how large its objects are."""
    path = tmp_path / "sized.safetensors"
    save_model(replace(load_model(small_model), sizes=Sizes(object=10.0)), path)
    return path


def run(batch, *paths):
    return drive(batch_steps(find_sources(paths, batch.out), batch))


def test_one_record_for_batch_and_python(tmp_path, folders, model):
    image = folders[0] / "a.tif"
    tiles = TileConfig(views="mirrored", device="cpu")
    batch = Batch(tmp_path / "out", model, REQUEST.replace(tiles=tiles), ("uncertainty",))
    run(batch, image)
    files = result_files(batch, "a")
    made = {kind: read_provenance(path) for kind, path in files.items()}
    assert {kind: each.kind for kind, each in made.items()} == {kind: kind for kind in files}
    one = made["instances"]
    assert all(each.replace(kind="instances") == one for each in made.values())
    assert one.source == source_file(image)
    assert one.model.sha256 == file_digest(model)
    assert {name: getattr(one, name) for name in versions()} == versions()
    assert one.request.decode == DECODE
    assert one.request.axes == "YX"
    assert one.device == "cpu"
    assert one.by == pytest.approx((0.8, 0.8), rel=0.02)
    assert one.min_size == round(10 / prod(one.by))
    assert "12.5 px" in one.size
    alone = segment(read_image(image).data, model, batch.request)
    assert alone.made == one.replace(source=alone.made.source)
    other = DecodeConfig(threshold=0.3)
    assert alone.decoded(other).made == alone.made.decoded(other)


def test_values_in_force_are_the_models_own(model):
    found = segment(make_image(make_labels(2)), model)
    assert found.made.request.decode == load_model(model).decode
    assert found.made.request.axes == "YX"


def test_large_images_say_it_in_their_folders(tmp_path, model):
    data = make_image(make_labels(2))
    zarr.save_array(str(tmp_path / "a.zarr"), data)
    run(Batch(tmp_path / "out", model, REQUEST), tmp_path / "a.zarr")
    made = read_provenance(tmp_path / "out" / "a_instances.zarr")
    alone = segment(data, model, REQUEST).made
    assert made == alone.replace(blocks=True, source=source_file(tmp_path / "a.zarr"))
    assert read_provenance(tmp_path / "out" / "a_semantic.zarr") == made.replace(kind="semantic")
