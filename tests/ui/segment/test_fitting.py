"""A model says what it is for, whether it fits the image, and what to do if not."""

import numpy as np
import pytest

from napari_unet.core.errors import UserError
from napari_unet.io.bundled import load_sample
from napari_unet.nn.model import load_model
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.storage.model_header import AUTO, find_model
from napari_unet.ui.segment import fitting
from napari_unet.ui.widgets.last_used import last_used

PLUGIN = "napari-unet-studio"
TIMEOUT = 60_000


@pytest.fixture
def segment(viewer, monkeypatch):
    """The Segment widget with `nuclei`; it looks at the image almost at once."""
    monkeypatch.setattr(fitting, "DELAY", 20)
    widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Segment")[1]
    widget.model.value = "nuclei"
    return widget


@pytest.fixture
def plane():
    return load_sample("nuclei2d")[0].data[1]


@pytest.fixture
def looked(segment, qtbot):
    """Wait until the line has been found."""

    def looked():
        with qtbot.waitSignal(segment.form.fit.latest.returned, timeout=TIMEOUT):
            segment.fitting.begin()

    return looked


def test_the_purpose_is_told_and_an_image_that_fits_has_no_doubt(viewer, segment, plane, looked):
    viewer.add_image(plane, name="cells")
    looked()
    line = segment.form.fit
    assert "fluorescence" in segment.form.purpose.text()
    assert not line.isVisible()


def test_bright_ground_is_told_and_mended_with_one_click(
    viewer, segment, plane, looked, click, qtbot
):
    viewer.add_image(plane, name="cells")
    click(segment.button)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    expected = viewer.layers["cells objects (instances)"].data
    viewer.add_image(~plane, name="dark")
    looked()
    line = segment.form.fit
    assert "ground is bright" in line.doubt.text()
    assert line.isVisible()
    click(line.exchange)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    np.testing.assert_array_equal(viewer.layers["dark objects (instances)"].data, expected)
    assert segment.form.grey.value().invert
    looked()
    assert line.doubt.text() == ""


def test_a_grey_image_saved_in_colours_is_segmented_without_a_choice(
    viewer, segment, plane, looked, click, qtbot
):
    blue = np.zeros((*plane.shape, 3), plane.dtype)
    blue[..., 2] = plane
    viewer.add_image(blue, name="blue")
    looked()
    assert not segment.form.fit.isVisible()
    click(segment.button)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    expected = segment_directly(plane, "nuclei").instances
    np.testing.assert_array_equal(viewer.layers["blue objects (instances)"].data, expected)


@pytest.fixture
def overlay(plane):
    """Nuclei in blue, and noise in green and red."""
    colours = np.random.default_rng(0).integers(0, 30, (*plane.shape, 3)).astype(np.uint8)
    colours[..., 2] = plane
    return colours


def test_of_an_overlay_auto_takes_the_colour_that_fits_and_says_so(
    viewer, segment, plane, overlay, looked, click, qtbot
):
    segment.model.value = AUTO
    viewer.add_image(overlay, name="overlay")
    qtbot.waitUntil(lambda: segment.model.settled, timeout=TIMEOUT)
    purpose = segment.form.purpose
    assert "only blue is looked at" in purpose.text()
    assert segment.form.channels.boxes[0].placeholderText() == "blue (Auto)"
    expected = segment_directly(plane, "nuclei").instances
    for _ in range(2):
        click(segment.button)
        qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
        found = viewer.layers["overlay objects (instances)"].data
        np.testing.assert_array_equal(found, expected)
    looked()
    assert not segment.form.fit.isVisible()
    viewer.add_image(load_sample("tissue_rgb")[0].data, name="tissue")
    qtbot.waitUntil(lambda: purpose.text().startswith("nuclei-tissue: "), timeout=TIMEOUT)
    assert "only blue" not in purpose.text()


def test_the_colour_that_auto_found_is_not_that_of_a_model_that_is_chosen(
    viewer, segment, overlay, looked
):
    segment.model.value = AUTO
    viewer.add_image(overlay, name="overlay")
    looked()
    assert segment.model.channels == (2,)
    segment.model.value = "cells"
    assert segment.model.channels == ()
    assert segment.form.channels.boxes[0].placeholderText() == "choose…"
    with pytest.raises(UserError, match="choose under Channel"):
        segment._job(viewer.layers["overlay"])


def test_of_an_overlay_a_click_before_the_look_takes_that_colour_too(
    viewer, segment, plane, overlay, click, qtbot, monkeypatch
):
    monkeypatch.setattr(segment.fitting._timer, "start", lambda: None)
    segment.model.value = AUTO
    viewer.add_image(overlay, name="overlay")
    click(segment.button)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    expected = segment_directly(plane, "nuclei").instances
    np.testing.assert_array_equal(viewer.layers["overlay objects (instances)"].data, expected)
    assert "only blue is looked at" in segment.form.found.text()
    assert segment.model.channels == (2,)


def test_a_channel_that_is_chosen_is_no_colour_that_auto_has_found(
    viewer, segment, plane, click, qtbot
):
    segment.model.value = AUTO
    viewer.add_image(np.stack([0 * plane] * 4 + [plane]), name="five")
    type_in = segment.form.axes.letters
    type_in.clear()
    qtbot.keyClicks(type_in, "C Y X")
    segment.form.channels.choose((4,))
    qtbot.waitUntil(lambda: segment.model.settled, timeout=TIMEOUT)
    click(segment.button)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    assert segment.model.channels == ()
    assert "colours" not in segment.form.purpose.text()
    assert last_used(viewer).request.channels == (4,)
    expected = segment_directly(plane, "nuclei").instances
    np.testing.assert_array_equal(
        np.squeeze(viewer.layers["five objects (instances)"].data), expected
    )


def test_a_model_of_one_channel_gets_the_colour_of_an_overlay_with_a_click(
    viewer, segment, plane, overlay, looked, click, qtbot
):
    viewer.add_image(overlay, name="overlay")
    looked()
    line = segment.form.fit
    assert "colour image" in line.doubt.text()
    assert line.exchange.text() == "Segment blue"
    click(line.exchange)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    expected = segment_directly(plane, "nuclei").instances
    np.testing.assert_array_equal(viewer.layers["overlay objects (instances)"].data, expected)


def test_a_colour_image_of_stained_tissue_gets_a_proposal(viewer, segment, looked, click, qtbot):
    tissue = load_sample("tissue_rgb")[0].data
    viewer.add_image(tissue, name="tissue")
    looked()
    line = segment.form.fit
    assert "colour image" in line.doubt.text()
    assert line.exchange.text() == "Segment red, dark and bright exchanged"
    click(line.exchange)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    assert viewer.layers["tissue objects (instances)"].data.max() > 10
    assert segment.form.channels.value() == (0,)


def test_another_model_that_fits_is_one_click_away(viewer, segment, looked, click, qtbot):
    viewer.add_image(load_sample("tissue_rgb")[0].data, name="tissue")
    looked()
    line = segment.form.fit
    assert line.other.text() == "Segment with nuclei-tissue"
    click(line.other)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    assert segment.model.value == "nuclei-tissue"
    assert viewer.layers["tissue objects (instances)"].data.max() > 10
    looked()
    assert not line.isVisible()


def test_auto_follows_the_image(viewer, segment, plane, looked, qtbot):
    segment.model.value = AUTO
    purpose = segment.form.purpose
    viewer.add_image(load_sample("tissue_rgb")[0].data, name="tissue")
    qtbot.waitUntil(lambda: purpose.text().startswith("nuclei-tissue: "), timeout=TIMEOUT)
    assert not segment.form.channels.boxes
    viewer.add_image(plane, name="cells")
    qtbot.waitUntil(lambda: segment.model.settled, timeout=TIMEOUT)
    assert purpose.text().startswith("nuclei: ")
    assert segment.model.value == AUTO


def test_auto_says_lastingly_that_no_model_is_meant(viewer, segment, plane, click, qtbot):
    """And that one is with dark and bright exchanged; the model that it took is not looked at."""
    segment.model.value = AUTO
    viewer.add_image(~plane, name="dark")
    line = segment.form.fit
    qtbot.waitUntil(lambda: segment.model.settled, timeout=TIMEOUT)
    assert line.exchange.isVisible()
    qtbot.wait(10 * fitting.DELAY)
    assert line.doubt.text().startswith("No bundled model is made for images like this one: cells")
    click(line.exchange)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    assert segment.form.purpose.text().startswith("nuclei: ")
    found = viewer.layers["dark objects (instances)"].data
    np.testing.assert_array_equal(found, segment_directly(plane, load_model("nuclei")).instances)


def test_a_click_before_the_model_is_found_finds_it(viewer, segment, click, qtbot, monkeypatch):
    monkeypatch.setattr(fitting, "DELAY", 10_000_000)
    segment.fitting.rest()
    segment.model.value = AUTO
    viewer.add_image(load_sample("tissue_rgb")[0].data, name="tissue")
    segment.fitting.rest()
    assert not segment.model.settled
    click(segment.button)
    qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)
    assert segment.model.asked() == find_model("nuclei-tissue")
    expected = segment_directly(load_sample("tissue_rgb")[0].data, AUTO, axes="YXC").instances
    np.testing.assert_array_equal(viewer.layers["tissue objects (instances)"].data, expected)
    assert "Bundled model that fits best: nuclei-tissue." in segment.form.found.text()


def test_auto_asks_which_channel_of_a_fluorescence_image(
    viewer, segment, plane, click, looked, type_axes
):
    segment.model.value = AUTO
    viewer.add_image(load_sample("tissue_rgb")[0].data, name="tissue")
    looked()
    viewer.add_image(np.stack([plane, plane // 2, plane // 3]), name="three")
    type_axes(segment.form.axes, "CYX")
    click(segment.button)
    assert "choose under Channel" in segment.error.text()
    assert len(segment.form.channels.boxes) == 1


def test_a_model_that_does_not_fit_leads_to_one_of_ones_own(
    viewer, segment, plane, looked, click, qtbot
):
    viewer.add_image(~plane, name="dark")
    looked()
    click(segment.form.fit.train)
    qtbot.waitUntil(lambda: any("Annotate" in name for name in viewer.window.dock_widgets))


def test_nothing_is_said_of_an_image_that_is_gone(viewer, segment, plane, looked, qtbot):
    viewer.add_image(~plane, name="dark")
    looked()
    viewer.layers.clear()
    qtbot.waitUntil(lambda: not segment.form.fit.isVisible(), timeout=TIMEOUT)
