"""Images larger than the memory: a folder is asked for, and labels fill it."""

from types import SimpleNamespace

import dask.array
import numpy as np
import pytest
from numpy.testing import assert_array_equal

from napari_unet.core.config import LinkConfig
from napari_unet.io.ome_zarr import read_zarr
from napari_unet.io.provenance.read import read_provenance
from napari_unet.nn.prediction import too_large
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.ui.layers.metadata import MADE, is_result_of, result_name
from napari_unet.ui.segment import widget as segment_widget
from napari_unet.ui.segment.large import in_words


def layer_named(viewer, name):
    return next(layer for layer in viewer.layers if layer.name == name)


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the user is told; the answer is a folder, or None once `folder` is set to that."""
    told = SimpleNamespace(words=[], folder=tmp_path)

    def answer(parent, words):
        told.words.append(words)
        return told.folder

    monkeypatch.setattr(segment_widget, "ask_for_folder", answer)
    monkeypatch.setattr(too_large, "SMALL", 1000)
    monkeypatch.setattr(too_large, "free_memory", lambda: 1000)
    return told


def test_labels_are_written_into_a_folder(viewer, segment, run, nuclei, models, asked, said):
    place = {"scale": (0.5, 0.25), "translate": (3, 4), "units": ("um", "um")}
    viewer.add_image(dask.array.from_array(nuclei[0], chunks=32), name="my cells", **place)
    for _ in range(2):
        run()
        expected = segment_directly(nuclei[0], models["flat"])
        for kind in ("instances", "semantic"):
            layer = layer_named(viewer, result_name("my cells", kind))
            assert_array_equal(layer.data, getattr(expected, kind))
            assert_array_equal(layer.scale, (0.5, 0.25))
            assert_array_equal(layer.translate, (3, 4))
        assert len(viewer.layers) == 3
    assert len(asked.words) == 2
    assert "GB of disk" in asked.words[0]
    written = read_zarr(asked.folder / "my cells_instances.zarr")
    assert (written.spacing, written.origin) == ((0.5, 0.25), (3.0, 4.0))
    assert f"{expected.instances.max():,} objects" in segment.form.found.text()
    assert not segment.form.decode.isVisible()
    assert not said


def test_labels_on_disk_know_their_image(viewer, segment, run, nuclei, asked):
    image = viewer.add_image(dask.array.from_array(nuclei[0], chunks=32), name="my cells")
    run()
    image.name = "renamed"
    assert [is_result_of(each, image) for each in viewer.layers if each is not image] == [True] * 2
    layer = layer_named(viewer, result_name("my cells", "instances"))
    made = read_provenance(asked.folder / "my cells_instances.zarr")
    assert layer.metadata[MADE]["made"] == made
    assert made.blocks


@pytest.mark.parametrize("changed", [False, True])
def test_labels_on_disk_lie_on_no_other_image(
    viewer, segment, click, qtbot, nuclei, asked, said, changed
):
    lazy = [dask.array.from_array(plane, chunks=32) for plane in nuclei]
    image = viewer.add_image(lazy[0], name="my cells")
    click(segment.form.button)
    if changed:
        image.data = lazy[1]
    else:
        viewer.layers.remove(image)
    qtbot.waitUntil(lambda: not segment.running, timeout=60_000)
    found = layer_named(viewer, result_name("my cells", "instances"))
    assert not found.visible
    assert read_zarr(asked.folder / "my cells_instances.zarr").data.shape == nuclei[0].shape
    (told,) = said
    assert told.startswith(f"“my cells” was {'changed' if changed else 'removed'} while")
    assert segment.form.found.text() == ""


def test_too_little_memory_is_said(viewer, segment, run, nuclei, asked, said, monkeypatch):
    def short_of_memory(predictor, images, kept):
        raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes.")

    monkeypatch.setattr(Predictor, "__call__", short_of_memory)
    viewer.add_image(dask.array.from_array(nuclei[0]))
    run()
    (words,) = said
    assert words.startswith("Memory does not suffice for even the smallest tile: close other")
    assert segment.form.button.isEnabled()


def test_nothing_happens_without_a_folder(viewer, segment, run, nuclei, asked):
    asked.folder = None
    viewer.add_image(dask.array.from_array(nuclei[0]))
    run()
    assert len(viewer.layers) == 1
    assert segment.form.button.isEnabled()


def test_plane_in_view_gets_layers_of_its_own(viewer, segment, run, nuclei, models, asked):
    viewer.add_image(dask.array.from_array(nuclei), name="stack", scale=(4, 2, 3))
    viewer.dims.set_current_step(0, 1)
    run()
    found = layer_named(viewer, "stack Z1 objects (instances)")
    assert_array_equal(found.data[0], segment_directly(nuclei[1], models["flat"]).instances)
    assert_array_equal(found.scale, (4, 2, 3))
    assert_array_equal(found.data_to_world((0, 0, 0)), (4, 0, 0))


def test_planes_of_a_large_stack_are_joined(viewer, segment, run, nuclei, models, asked):
    stack = np.stack([nuclei[0], nuclei[0], nuclei[1]])
    viewer.add_image(dask.array.from_array(stack), name="stack")
    assert segment.form.view.isChecked()
    segment.form.whole.setChecked(True)
    run()
    apart = LinkConfig(planes=False)
    expected = segment_directly(stack, models["flat"], axes="ZYX").instances
    parted = segment_directly(stack, models["flat"], axes="ZYX", link=apart).instances
    assert expected.max() < parted.max()
    assert_array_equal(layer_named(viewer, "stack objects (instances)").data, expected)


@pytest.mark.parametrize("lazy", [False, True])
def test_whether_it_is_large_depends_on_the_memory(
    viewer, segment, run, nuclei, asked, monkeypatch, lazy
):
    viewer.add_image(dask.array.from_array(nuclei[0]) if lazy else nuclei[0], name="cells")
    monkeypatch.setattr(too_large, "free_memory", lambda: 10**12)
    run()
    assert not asked.words
    monkeypatch.setattr(too_large, "free_memory", lambda: 1000)
    run()
    assert len(asked.words) == 1


def test_what_it_takes_is_said_in_words():
    assert "1.2 GB of disk, and very roughly 7 minutes" in in_words("mosaic", 16384**2, "cpu")
    assert "4 hours" in in_words("mosaic", 10**10, "cpu")
    assert "two minutes" in in_words("mosaic", 10**6, "gpu")
