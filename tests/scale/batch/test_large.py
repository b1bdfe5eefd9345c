"""A batch with OME-Zarr in it, and the processes that share its blocks."""

import sys

import numpy as np
import pytest
import zarr

from napari_unet.core.config import ModelConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import load_sample
from napari_unet.io.ome_zarr import read_zarr
from napari_unet.io.picture import Picture
from napari_unet.io.sources import Source
from napari_unet.io.tiff.write import write_tiff
from napari_unet.io.zarr_folder import is_unfinished
from napari_unet.nn.prediction import too_large
from napari_unet.nn.prediction.segment import segment
from napari_unet.nn.prediction.too_large import bytes_needed
from napari_unet.scale.batch.batch import Batch
from napari_unet.scale.batch.one_image import is_large
from napari_unet.scale.batch.steps import batch_steps
from napari_unet.scale.large import begin
from napari_unet.scale.large.cluster import workers


@pytest.fixture
def plane():
    return load_sample("nuclei2d")[0].data[1, :100, :120]


@pytest.fixture
def source(tmp_path, plane):
    path = tmp_path / "plate" / "a.zarr"
    zarr.create_array(path, data=plane, chunks=(50, 50))
    return Source(path, "plate/a")


def test_a_zarr_folder_becomes_zarr_labels_and_is_made_again_only_when_asked(
    tmp_path, source, plane
):
    batch = Batch(tmp_path / "out", request=SegmentRequest(axes="YX", spacing=(0.5, 0.25)))
    expected = segment(plane)
    statuses = []
    for again in (batch, batch, batch.replace(overwrite=True)):
        (row,) = drive(batch_steps([source], again))
        statuses.append(row.status)
        assert row.objects == expected.instances.max()
        labels = read_zarr(tmp_path / "out" / "plate" / "a_instances.zarr")
        assert labels.spacing == (0.5, 0.25)
        np.testing.assert_array_equal(labels.data[:], expected.instances)
    assert statuses == ["done", "skipped", "done"]


def test_other_settings_never_replace_zarr_labels(tmp_path, source):
    batch = Batch(tmp_path / "out", request=SegmentRequest(axes="YX"))
    drive(batch_steps([source], batch))
    other = batch.replace(request=batch.request.replace(tiles=TileConfig(views="mirrored")))
    (row,) = drive(batch_steps([source], other))
    assert row.status == "failed"
    assert "a_instances.zarr exists" in row.error


def test_changed_pixels_are_not_taken_for_done(tmp_path, source, plane):
    batch = Batch(tmp_path / "out", request=SegmentRequest(axes="YX"))
    drive(batch_steps([source], batch))
    zarr.open_array(source.path)[:] = plane[::-1]
    (row,) = drive(batch_steps([source], batch))
    assert row.status == "failed"
    assert "a_instances.zarr exists" in row.error
    (row,) = drive(batch_steps([source], batch.replace(overwrite=True)))
    assert row.objects == segment(plane[::-1]).instances.max()


@pytest.mark.parametrize("asked", [{"channels": (5,)}, {"axes": "ZYX"}, {}])
def test_what_cannot_be_begun_costs_no_earlier_results(tmp_path, source, monkeypatch, asked):
    batch = Batch(tmp_path / "out", request=SegmentRequest(axes="YX"))
    drive(batch_steps([source], batch))
    if not asked:
        monkeypatch.setattr(begin, "free_bytes", lambda _: 0)
    again = batch.replace(request=batch.request.replace(**asked), overwrite=True)
    assert [row.status for row in drive(batch_steps([source], again))] == ["failed"]
    assert read_zarr(tmp_path / "out" / "plate" / "a_instances.zarr").data[:].any()
    assert [row.status for row in drive(batch_steps([source], batch))] == ["skipped"]


def test_what_cannot_be_written_for_a_large_image_is_told(tmp_path, source):
    (row,) = drive(batch_steps([source], Batch(tmp_path / "out", extras=("probabilities",))))
    assert row.status == "failed"
    assert row.about == "probabilities"
    assert "leave them away" in row.error


def test_what_is_large_depends_on_the_memory_and_the_model(tmp_path, source, plane, monkeypatch):
    small = Picture(plane, "YX")
    assert is_large(source.path, small, ModelConfig(), "one")
    big, path = Picture(np.broadcast_to(plane[:1, :1], (2**13, 2**13)), "YX"), tmp_path / "a.tif"
    needed = bytes_needed(big.data.shape, "YX", ModelConfig())
    monkeypatch.setattr(too_large, "free_memory", lambda: 2 * needed)
    assert not is_large(path, small, ModelConfig(), "one")
    assert not is_large(path, big, ModelConfig(), "one")
    assert is_large(path, big, ModelConfig(), "mirrored")
    assert is_large(path, big, ModelConfig(classes=("a", "b")), "one")


def test_an_image_that_memory_does_not_suffice_for_becomes_zarr_labels(
    tmp_path, plane, monkeypatch
):
    write_tiff(tmp_path / "a.tif", plane)
    monkeypatch.setattr(too_large, "SMALL", 100)
    monkeypatch.setattr(too_large, "free_memory", lambda: 1000)
    (row,) = drive(batch_steps([Source(tmp_path / "a.tif", "a")], Batch(tmp_path / "out")))
    expected = segment(plane)
    assert row.objects == expected.instances.max()
    labels = read_zarr(tmp_path / "out" / "a_instances.zarr")
    np.testing.assert_array_equal(labels.data[:], expected.instances)


@pytest.fixture
def tiff(tmp_path, plane, small_model):
    """An image of which the memory decides how it is done, and a batch for it."""
    path = tmp_path / "a.tif"
    write_tiff(path, plane)
    return Source(path, "a"), Batch(tmp_path / "out", small_model)


@pytest.fixture
def memory(monkeypatch):
    """Set how much memory is free."""
    monkeypatch.setattr(too_large, "SMALL", 100)
    return lambda free: monkeypatch.setattr(too_large, "free_memory", lambda: free)


LITTLE, MUCH = 1000, 10**12


def test_what_was_begun_block_by_block_goes_on_so_with_more_memory(tiff, memory):
    source, batch = tiff
    memory(LITTLE)
    begun = (batch.out / "a_instances.zarr").exists
    (row,) = drive(batch_steps([source], batch), stop_requested=begun)
    assert row.status == "not done"
    memory(MUCH)
    (row,) = drive(batch_steps([source], batch))
    assert row.status == "done"
    assert kinds(batch) == {"a_instances.zarr", "a_semantic.zarr", "a_job"}
    assert not (batch.out / "a_job" / "scratch").exists()
    assert not is_unfinished(batch.out / "a_instances.zarr")


def test_what_was_begun_in_memory_goes_on_so_with_less(tiff, memory):
    source, batch = tiff
    memory(MUCH)
    drive(batch_steps([source], batch))
    before = kinds(batch)
    (batch.out / "a_objects.csv").unlink()
    memory(LITTLE)
    (row,) = drive(batch_steps([source], batch))
    assert row.status == "done"
    assert kinds(batch) == before == {"a_instances.tif", "a_semantic.tif", "a_objects.csv"}


@pytest.mark.parametrize("free", [(LITTLE, MUCH), (MUCH, LITTLE)])
def test_what_is_made_again_leaves_nothing_of_the_other_way(tiff, memory, free):
    source, batch = tiff
    for each in free:
        memory(each)
        (row,) = drive(batch_steps([source], batch.replace(overwrite=True)))
        assert row.status == "done"
    endings = {path.suffix for path in batch.out.glob("a_[!j]*")}
    assert endings == ({".zarr"} if free[-1] == LITTLE else {".tif", ".csv"})
    assert not (batch.out / "a_job" / "job.json").exists() or free[-1] == LITTLE


def kinds(batch):
    return {path.name for path in batch.out.glob("a_*")}


def test_workers_that_cannot_be_had_are_told(monkeypatch, tmp_path):
    with workers() as nobody:
        assert nobody is None
    with pytest.raises(UserError, match="not both"), workers(2, "tcp://127.0.0.1:1"):
        pass
    with pytest.raises(UserError, match=r"Either several images .* or workers") as refused:
        drive(batch_steps([], Batch(tmp_path), jobs=2, client=object()))
    assert refused.value.about == "jobs, workers"
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "distributed", None)
        with pytest.raises(UserError, match="napari-unet-studio\\[cluster\\]"), workers(2):
            pass
