"""Size, joined objects and several views, in the Segment widget."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.QtCore import QPoint, Qt

from napari_unet.core.config import LinkConfig, SizeConfig, TileConfig
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.nn.model import load_model, save_model
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.ui.layers.metadata import MADE
from napari_unet.ui.segment.size_box import in_words


def layer_named(viewer, name):
    return next(layer for layer in viewer.layers if layer.name == name)


def test_line_across_an_object_gives_its_diameter(viewer, segment, click, qtbot, nuclei):
    image = viewer.add_image(np.stack([nuclei[0]] * 2), name="cells", scale=(1, 2, 2))
    viewer.reset_view()
    segment.form.advanced.expand(animate=False)
    segment.form.size.form.fields["match"].value = "object size"
    qtbot.waitUntil(lambda: segment.form.size.draw.height() > 0)
    click(segment.form.size.draw)
    canvas = viewer.window._qt_viewer.canvas.native
    middle = QPoint(canvas.width() // 2, canvas.height() // 2)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(canvas, middle + QPoint(30, 40))
    qtbot.wait(20)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(30, 40))
    qtbot.waitUntil(lambda: len(viewer.layers) == 1, timeout=60_000)
    zoom = getattr(viewer, "scene", viewer).camera.zoom
    expected = 50 / zoom / 2
    assert segment.form.size.value().diameter == pytest.approx(expected, rel=0.1)
    assert viewer.layers.selection.active is image


def test_nothing_is_drawn_in_the_3d_view(viewer, segment, click, nuclei, said, qtbot):
    viewer.add_image(nuclei)
    viewer.dims.ndisplay = 3
    segment.form.advanced.expand(animate=False)
    segment.form.size.form.fields["match"].value = "object size"
    qtbot.waitUntil(lambda: segment.form.size.draw.height() > 0)
    click(segment.form.size.draw)
    assert "2D view" in said[0]
    assert len(viewer.layers) == 1


def test_drawing_ends_with_the_widget(viewer, segment, click, nuclei):
    viewer.add_image(nuclei[0])
    segment.ruler.start(viewer.layers[0], "YX")
    assert len(viewer.layers) == 2
    viewer.window.remove_dock_widget(segment)
    assert len(viewer.layers) == 1


@pytest.mark.parametrize(
    ("match", "header", "spacing", "words"),
    [
        ("off", {}, (), ""),
        ("object size", {"object_size": 21.04}, (), "The model knows objects of about 21 px."),
        ("object size", {}, (), "This model does not say what size it knows."),
        ("pixel size", {"object_size": 21}, (), "This model does not say what size it knows."),
        (
            "pixel size",
            {"pixel_size": (0.65, 0.65)},
            (2, 0.325, 0.325),
            "The model knows pixels of 0.65 µm; this image's are 0.325 µm.",
        ),
        (
            "pixel size",
            {"pixel_size": (0.65, 0.65)},
            (),
            "The model knows pixels of 0.65 µm; this image does not say how large its pixels are.",
        ),
    ],
)
def test_known_sizes_are_said_in_words(match, header, spacing, words):
    assert in_words(match, header, spacing) == words


def test_the_width_of_a_pixel_is_said_in_every_order_of_axes(
    viewer, segment, nuclei, models, tmp_path
):
    model = replace(load_model(models["flat"]), sizes=Sizes(pixel=(0.5, 0.5)))
    save_model(model, tmp_path / "sized.safetensors")
    about = {"axis_labels": ("x", "y"), "scale": (0.25, 4), "units": ("um", "um")}
    viewer.add_image(nuclei[0], **about)
    segment.form.model.add(tmp_path / "sized.safetensors")
    segment.form.size.form.set_value(SizeConfig(match="pixel size"))
    assert "this image's are 0.25 µm" in segment.form.size.known.text()


def test_objects_are_matched_in_size(viewer, segment, run, nuclei, models, tmp_path, said):
    model = replace(load_model(models["flat"]), sizes=Sizes(object=12.0))
    save_model(model, tmp_path / "sized.safetensors")
    viewer.add_image(nuclei[0], name="cells")
    segment.form.size.take_diameter(8)
    run()
    assert "size" in said[0]
    segment.form.model.add(tmp_path / "sized.safetensors")
    assert segment.form.size.known.text() == "The model knows objects of about 12 px."
    run()
    config = SizeConfig(match="object size", diameter=8)
    expected = segment_directly(nuclei[0], model, size=config).instances
    assert_array_equal(layer_named(viewer, "cells objects (instances)").data, expected)
    assert "Objects are about 8 px: the image was" in segment.form.found.text()


def test_another_size_is_matched_told_and_left_off_by_one_click(
    viewer, segment, run, nuclei, models, tmp_path, click, qtbot
):
    model = replace(load_model(models["flat"]), sizes=Sizes(object=12.0))
    save_model(model, tmp_path / "sized.safetensors")
    viewer.add_image(nuclei[0], name="cells")
    segment.form.model.add(tmp_path / "sized.safetensors")
    segment.form.size.form.set_value(SizeConfig(diameter=40))
    run()
    form, other = segment.form, segment.form.adjust.size
    assert "Objects are about 40 px: the image was segmented at 0.3" in form.found.text()
    assert other.text() == "Segment at the image's own size"
    again = "Match the objects' size again"
    for config, text in ((SizeConfig(match="off"), again), (SizeConfig(), None)):
        click(other)
        qtbot.waitUntil(lambda: not segment.running, timeout=60_000)
        expected = segment_directly(nuclei[0], model, size=config).instances
        assert_array_equal(layer_named(viewer, "cells objects (instances)").data, expected)
        assert text in (None, other.text())


def test_what_was_chosen_for_one_image_is_forgotten_with_it(viewer, segment, nuclei):
    size, usual = segment.form.size, SizeConfig()
    one = viewer.add_image(nuclei[0], name="one")
    size.match(again=False)
    one.name = "renamed"
    assert size.value().match == "off"
    two = viewer.add_image(nuclei[1], name="two")
    assert size.value() == usual
    size.take_diameter(60)
    segment.form.image.value = one
    assert size.value() == usual
    size.take_diameter(60)
    size.form.fields["match"].value = "automatic"  # by hand: the drawn diameter goes all the same
    segment.form.image.value = two
    assert size.value() == usual
    size.take_diameter(60)
    size.match(again=False)
    viewer.layers.clear()
    viewer.add_image(nuclei[0], name="three")
    assert size.value() == usual


def test_what_was_chosen_by_hand_stays_with_every_image(viewer, segment, nuclei):
    size = segment.form.size
    viewer.add_image(nuclei[0], name="one")
    size.form.fields["match"].value = "object size"
    size.form.fields["diameter"].value = 30
    size.match(again=False)
    viewer.add_image(nuclei[1], name="two")
    assert size.value() == SizeConfig(match="object size", diameter=30)
    size.form.fields["match"].value = "off"
    viewer.layers.clear()
    viewer.add_image(nuclei[0], name="three")
    assert size.value() == SizeConfig(match="off", diameter=30)
    size.match(again=True)
    assert size.value() == SizeConfig()


def test_the_size_of_a_result_is_said_whenever_it_is_in_view(
    viewer, segment, run, nuclei, models, tmp_path
):
    model = replace(load_model(models["flat"]), sizes=Sizes(object=12.0))
    save_model(model, tmp_path / "sized.safetensors")
    segment.form.model.add(tmp_path / "sized.safetensors")
    cells = viewer.add_image(nuclei[0], name="cells")
    segment.form.size.take_diameter(8)
    run()
    told = "Objects are about 8 px"
    assert told in segment.form.found.text()
    assert layer_named(viewer, "cells objects (instances)").metadata[MADE]["size"].startswith(told)
    viewer.add_image(nuclei[1], name="other")
    segment.form.size.form.set_value(SizeConfig(match="off"))
    run()
    assert "px" not in segment.form.found.text()
    segment.form.image.value = cells
    assert told in segment.form.found.text()
    segment.form.decode.fields["min_size"].value = 3
    assert told in segment.form.found.text()


@pytest.mark.parametrize(("letters", "ndim"), [("z", 3), ("t", 2)])
def test_objects_of_a_stack_are_joined(viewer, segment, run, nuclei, models, letters, ndim):
    stack = np.stack([nuclei[0], nuclei[0], nuclei[1]])
    viewer.add_image(stack, name="stack", axis_labels=(letters, "y", "x"))
    box = {"z": segment.form.extent.planes, "t": segment.form.extent.frames}[letters]
    assert segment.form.whole.isChecked()
    assert box.isVisible()
    assert box.isChecked() == (letters == "z")
    assert segment.form.extent.planes.isVisible() != segment.form.extent.frames.isVisible()
    box.setChecked(True)
    run()
    link = LinkConfig(planes=letters == "z" or None, frames=letters == "t")
    axes = f"{letters}yx".upper()
    expected = segment_directly(stack, models["flat"], axes=axes, link=link).instances
    found = layer_named(viewer, "stack objects (instances)")
    assert_array_equal(found.data, expected)
    assert_array_equal(found.data[0], found.data[1])
    assert found.metadata["napari_unet"]["ndim"] == ndim
    segment.form.view.setChecked(True)
    assert not box.isVisible()
    assert segment.form.extent.link() == LinkConfig()


def test_a_frame_that_is_not_there_is_not_segmented(viewer, segment, run, nuclei, said):
    short = viewer.add_image(nuclei, name="short", axis_labels=("t", "y", "x"))
    viewer.add_image(np.concatenate([nuclei, nuclei]), name="long", axis_labels=("t", "y", "x"))
    segment.image.value = short
    segment.form.view.setChecked(True)
    viewer.dims.set_current_step(0, 1)
    run()
    found = layer_named(viewer, "short objects (instances)")
    before = found.data.copy()
    viewer.dims.set_current_step(0, 3)
    assert not segment.form.adjust.isVisible()
    run()
    assert said[-1].startswith("“short” has no frame where the slider stands: move it to one")
    assert_array_equal(found.data, before)
    viewer.dims.set_current_step(0, 1)
    assert segment.form.adjust.isVisible()
    run()
    assert len(viewer.layers) == 4


def test_views_and_their_uncertainty(viewer, segment, run, nuclei, models):
    viewer.add_image(nuclei[0], name="cells")
    segment.form.advanced.expand(animate=False)
    assert not segment.form.uncertainty.isVisible()
    segment.form.tiles.fields["views"].value = "mirrored"
    assert segment.form.uncertainty.isVisible()
    segment.form.uncertainty.setChecked(True)
    run()
    expected = segment_directly(nuclei[0], models["flat"], tiles=TileConfig(views="mirrored"))
    assert_array_equal(layer_named(viewer, "cells objects (instances)").data, expected.instances)
    assert_array_equal(layer_named(viewer, "cells uncertainty").data, expected.spread)
