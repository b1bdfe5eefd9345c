"""A batch does what Segment did: the same settings, shown and editable, and the same labels."""

import csv
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from numpy.testing import assert_array_equal
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QApplication

from napari_unet.cli.main import main
from napari_unet.core.config import DecodeConfig, LinkConfig, SizeConfig
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_tiff
from napari_unet.nn.model import load_model, save_model

TUNED = DecodeConfig(threshold=0.55, split=0.0, min_size=3)
PLUGIN = "napari-unet-studio"


@pytest.fixture
def model(models, tmp_path):
    """The file of a model that knows the size of its objects."""
    sized = replace(load_model(models["flat"]), sizes=Sizes(object=12.0))
    save_model(sized, tmp_path / "sized.safetensors")
    return tmp_path / "sized.safetensors"


@pytest.fixture
def batch(viewer, model):
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Batch")
    widget.form.model.add(model)
    return widget


@pytest.fixture
def tuned(viewer, segment, run, model, nuclei):
    """What Segment found in a stack, as a layer, after its sliders were moved."""
    segment.form.model.add(model)
    segment.form.size.take_diameter(8)
    viewer.add_image(
        np.stack([nuclei[0], nuclei[0], nuclei[1]]), name="cells", axis_labels=("z", "y", "x")
    )
    segment.form.extent.planes.setChecked(False)
    run()
    first = viewer.layers[-1].data.copy()
    segment.form.decode.set_value(TUNED)
    for _ in range(3):
        QThreadPool.globalInstance().waitForDone()
        QApplication.processEvents()
    assert not np.array_equal(viewer.layers[-1].data, first)
    return viewer.layers[-1]


def test_what_was_tuned_in_segment_is_what_a_batch_and_the_shell_do(
    viewer, tuned, batch, click, qtbot, model, tmp_path
):
    write_tiff(tmp_path / "in" / "cells.tif", viewer.layers["cells"].data, "ZYX")
    batch.form.paths.add([tmp_path / "in"])
    batch.form.out.setText(str(tmp_path / "out"))
    assert batch.form.settings.said.text() == (
        "Settings as in Segment: threshold 0.55, split depth 0, minimum size 3, "
        "object size matched, planes not joined."
    )
    click(batch.form.button)
    qtbot.waitUntil(lambda: not batch.running, timeout=60_000)
    assert_array_equal(read_image(tmp_path / "out" / "cells_instances.tif").data, tuned.data)
    flags = ["--threshold", "0.55", "--split", "0", "--min-size", "3", "--match", "object-size"]
    flags += ["--diameter", "8", "--no-link-planes", "--progress", "none"]
    place = [
        "segment",
        str(tmp_path / "in"),
        "--model",
        str(model),
        "--out",
        str(tmp_path / "shell"),
    ]
    assert main([*place, *flags]) == 0
    assert_array_equal(read_image(tmp_path / "shell" / "cells_instances.tif").data, tuned.data)
    tables = [tmp_path / where / "summary.csv" for where in ("out", "shell")]
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            (row,) = csv.DictReader(file)
        assert (row["threshold"], row["split"], row["min_size"]) == ("0.55", "0.0", "3")
        assert (row["match"], float(row["diameter"])) == ("object size", 8)
        assert row["link_planes"] == "False"


def test_settings_follow_segment_until_they_are_changed(segment, tuned, batch, click, models):
    settings = batch.form.settings
    assert settings.request().decode == TUNED
    assert settings.request().size == SizeConfig(match="object size", diameter=8)
    assert settings.request().link == LinkConfig(planes=False)
    assert not settings.take.isEnabled()
    settings.values.form.fields["min_size"].value = 77
    assert settings.said.text() == "Settings as changed below."
    segment.form.decode.fields["split"].value = 0.5
    for _ in range(3):
        QThreadPool.globalInstance().waitForDone()
        QApplication.processEvents()
    assert settings.request().decode == TUNED.replace(min_size=77)
    click(settings.take)
    assert settings.request().decode == TUNED.replace(split=0.5)
    batch.form.model.add(models["flat"])
    assert settings.request().decode == load_model(models["flat"]).decode
    assert settings.request().size == SizeConfig()
    assert settings.said.text().endswith("Segment was used with another model.")


def test_without_segment_the_settings_are_the_models_own(batch, model, said):
    settings = batch.form.settings
    assert settings.said.text() == "Settings: the model's own."
    assert settings.request().decode == load_model(model).decode
    assert settings.request().link == LinkConfig()
    assert settings.request().size == SizeConfig()
    assert not settings.size.fields["diameter"].native.isHidden()
    settings.size.fields["match"].value = "object size"
    assert not settings.size.fields["diameter"].native.isHidden()
    settings.values.form.fields["threshold"].value = 0.3
    assert settings.values.back.isEnabled()
    settings.values.back.click()
    assert settings.request().decode == load_model(model).decode


def test_axes_that_were_typed_in_segment_are_those_of_a_batch_until_changed(
    viewer, segment, run, batch, nuclei, model, click, qtbot, tmp_path, type_axes
):
    settings, stack = batch.form.settings, np.stack([nuclei[0], nuclei[0], nuclei[1]])
    tifffile.imwrite(tmp_path / "film.tif", stack, photometric="minisblack")
    segment.form.model.add(model)
    viewer.add_image(stack, name="film")
    run()
    assert settings.axes.text() == ""
    type_axes(segment.form.axes, "tyx")
    run()
    assert settings.axes.text() == "T Y X"
    assert settings.said.text().endswith("axes T Y X.")
    batch.form.paths.add([tmp_path / "film.tif"])
    batch.form.out.setText(str(tmp_path / "out"))
    click(batch.form.button)
    qtbot.waitUntil(lambda: not batch.running, timeout=60_000)
    found = read_image(tmp_path / "out" / "film_instances.tif")
    assert found.axes == "TYX"
    assert_array_equal(found.data, viewer.layers[-1].data)
    assert ",TYX," in (tmp_path / "out" / "summary.csv").read_text(encoding="utf-8")
    viewer.add_image(nuclei[0], name="plane")
    run()
    assert settings.axes.text() == ""
    settings.axes.setText("z y x")
    settings.begin_anew()
    assert settings.request().axes == "ZYX"
