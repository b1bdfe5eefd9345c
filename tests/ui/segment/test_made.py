"""What a result in the window says of how it was made, and what is copied of it."""

import shlex

import numpy as np
from numpy.testing import assert_array_equal
from qtpy.QtWidgets import QApplication

from napari_unet.cli.main import main
from napari_unet.core.provenance.record import SourceFile
from napari_unet.io.read import read_label_image
from napari_unet.io.tiff import write_tiff
from napari_unet.storage.digests import source_file
from napari_unet.ui.layers.metadata import MADE


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
