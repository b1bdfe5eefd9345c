"""What a result in the window says of how it was made, and what is copied of it."""

import shlex
from dataclasses import replace

import numpy as np
import pytest
from napari.layers import Image, Layer
from numpy.testing import assert_array_equal
from qtpy.QtWidgets import QApplication

from napari_unet.cli.main import main
from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.provenance.record import SourceFile
from napari_unet.core.provenance.work import Work
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.provenance.read import read_provenance
from napari_unet.io.read import read_label_image
from napari_unet.io.tiff.write import write_tiff
from napari_unet.scale.batch.reproduce import reproduce_steps
from napari_unet.storage.digests import source_file
from napari_unet.ui.export.writer import write_layer
from napari_unet.ui.layers.channel_group import whole_image
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.layers.source import take
from napari_unet.ui.segment.job import SegmentJob
from napari_unet.ui.segment.result.shown import shown_steps


def test_what_is_copied_gives_the_same_labels(viewer, segment, run, nuclei, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    image, copy = tmp_path / "two cells.tif", segment.form.copy
    write_tiff(image, nuclei, "ZYX", (2, 0.5, 0.5), "µm")
    viewer.open(image, plugin="napari-unet-studio")
    copy.command.click()
    assert "click Segment first" in copy.error.text()
    segment.form.values.form.set_value(segment.form.decode.value().replace(min_size=3))
    run()
    (layer,) = (each for each in viewer.layers if each.metadata.get(MADE, {}).get("made"))
    made = layer.metadata[MADE]["made"]
    assert made.source == source_file(image)
    copy.python.click()
    assert "Python was copied" in copy.told.text()
    assert copy.error.text() == ""
    names = {}
    exec(QApplication.clipboard().text(), names)
    assert layer.data.max() > 1
    assert_array_equal(names["result"].instances, layer.data)
    copy.command.click()
    assert main(shlex.split(QApplication.clipboard().text())[1:]) == 0
    written = read_label_image(tmp_path / "results" / "two cells_instances.tif")
    assert_array_equal(written.data, layer.data)


def test_painting_is_noted_in_what_is_exported(viewer, segment, run, nuclei, tmp_path):
    viewer.add_image(nuclei[0], name="cells")
    run()
    (layer,) = (each for each in viewer.layers if each.metadata.get(MADE, {}).get("made"))
    assert not layer.metadata[MADE]["made"].edited
    attributes = {"metadata": layer.metadata, "name": layer.name}
    write_layer(str(tmp_path / "before.tif"), layer.data, attributes)
    layer.paint((5, 5), 1)
    write_layer(str(tmp_path / "after.tif"), layer.data, attributes)
    before, after = (read_provenance(tmp_path / f"{when}.tif") for when in ("before", "after"))
    assert not before.edited
    assert after == before.replace(edited=True)


def test_pixels_that_are_not_the_files_are_not_said_to_be(viewer, segment, run, nuclei, tmp_path):
    write_tiff(tmp_path / "cells.tif", nuclei[0], "YX")
    (image,) = viewer.open(tmp_path / "cells.tif", plugin="napari")
    image.data = nuclei[1]
    run()
    (layer,) = (each for each in viewer.layers if each.metadata.get(MADE, {}).get("made"))
    assert layer.metadata[MADE]["made"].source == SourceFile("")
    segment.form.copy.command.click()
    assert segment.form.copy.error.text() != ""


def test_painting_is_noted_once_the_widget_is_closed_and_of_copies(viewer, segment, run, nuclei):
    viewer.add_image(nuclei[0], name="cells")
    run()
    run()
    (layer,) = (each for each in viewer.layers if each.metadata.get(MADE, {}).get("made"))
    copy = viewer.add_layer(Layer.create(*layer.as_layer_data_tuple()))
    copy.data = copy.data.copy()
    assert copy.metadata[MADE]["made"].edited
    assert not layer.metadata[MADE]["made"].edited
    viewer.window.remove_dock_widget("all")
    segment._results.clear()
    layer.paint((5, 5), 1)
    assert layer.metadata[MADE]["made"].edited


def test_a_plane_and_an_image_in_no_file_are_not_copied(viewer, segment, run, nuclei):
    viewer.add_image(np.array(nuclei), name="cells")
    segment.form.view.setChecked(True)
    run()
    (layer,) = (each for each in viewer.layers if each.metadata.get(MADE, {}).get("made"))
    made = layer.metadata[MADE]["made"]
    assert made.source == SourceFile(part="Z0")
    copy = segment.form.copy
    copy.command.click()
    assert "(Z0)" in copy.error.text()
    segment.form.whole.setChecked(True)
    run()
    assert layer.metadata[MADE]["made"].source == SourceFile()
    copy.command.click()
    assert "in no file" in copy.error.text()


def test_a_stack_with_planes_of_another_run_does_not_say_that_it_is_of_one(
    viewer, segment, run, nuclei, tmp_path
):
    viewer.add_image(np.array(nuclei), name="cells")
    segment.form.whole.setChecked(True)
    run()
    (layer,) = (each for each in viewer.layers if each.metadata.get(MADE, {}).get("made"))
    whole = layer.metadata[MADE]["made"]
    segment.form.tiles.set_value(TileConfig(tile=64))
    segment.form.view.setChecked(True)
    for plane in (1, 0, 1):
        viewer.dims.set_current_step(0, plane)
        run()
    made = layer.metadata[MADE]["made"]
    assert made == whole.replace(source=SourceFile(part="all but Z1, Z0"))
    write_layer(str(tmp_path / "a.tif"), layer.data, {"metadata": layer.metadata, "name": "a"})
    with pytest.raises(UserError, match=r"\(all but Z1, Z0\)"):
        drive(reproduce_steps(tmp_path / "a.tif", tmp_path / "out"))
    segment.form.whole.setChecked(True)
    run()
    assert layer.metadata[MADE]["made"].source == SourceFile()


def test_what_has_become_of_the_file_spoils_no_result(models, nuclei, tmp_path):
    gone = str(tmp_path / "gone.tif")
    source = replace(take(Image(nuclei[0]), 2, 1), file=gone)
    shown = drive(shown_steps(None, SegmentJob(source, models["flat"], SegmentRequest())))
    assert shown.result.made.source == SourceFile(gone)


@pytest.mark.parametrize("together", [False, True], ids=["one channel", "all together"])
def test_channels_that_are_layers_of_their_own(bare_viewer, models, nuclei, tmp_path, together):
    """What is copied is about the file, whose axes are not those of the layer."""
    data = np.stack([nuclei[0], nuclei[1], nuclei[0] // 2])
    write_tiff(tmp_path / "a.tif", data.transpose(1, 0, 2)[:, ::-1], "YCX", (0.5, 0.5), "µm")
    bare_viewer.open(tmp_path / "a.tif", plugin="napari-unet-studio")
    layer = bare_viewer.layers[1]
    if together:
        layer = whole_image(layer)
    name, channels = ("colour", 3) if together else ("flat", 1)
    source = take(layer, 2, channels)
    request = SegmentRequest(axes=source.axes, spacing=source.spacing)
    shown = drive(shown_steps(None, SegmentJob(source, models[name], request)))
    names = {}
    exec(Work.of(shown.result.made).python(), names)
    assert_array_equal(names["result"].probabilities, shown.result.probabilities)
    assert_array_equal(names["result"].instances, shown.result.instances)
    assert shown.result.made.source == source_file(tmp_path / "a.tif")
