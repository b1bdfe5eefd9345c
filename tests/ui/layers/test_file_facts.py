"""What a layer's file says: axes and pixel size, read from its header."""

from threading import Event, current_thread, main_thread

import numpy as np
import pytest
import tifffile
from napari.layers import Image
from napari.layers._source import Source

from napari_unet.io.tiff.write import write_tiff
from napari_unet.ui.layers import file_facts
from napari_unet.ui.layers.axes import spacing_of, stated_axes
from napari_unet.ui.layers.file_facts import FileFacts, facts_of
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.work.dock_widget import Connections


@pytest.fixture
def opened(viewer, tmp_path):
    """Write an image and open it as the user does."""

    def opened(shape, axes, spacing):
        path = tmp_path / f"{axes}.tif"
        write_tiff(path, np.zeros(shape, np.uint8), axes, spacing, "µm")
        return viewer.open(path, plugin="napari")[0]

    return opened


def test_axes_and_pixel_size_come_from_the_file(opened):
    stack = opened((3, 4, 7, 9), "TZYX", (2.0, 0.5, 0.25))
    assert stated_axes(stack) == "TZYX"
    assert spacing_of(stack, "TZYX") == pytest.approx((2.0, 0.5, 0.25))
    assert stated_axes(opened((5, 7, 9), "TYX", (0.5, 0.5))) == "TYX"


def test_the_user_knows_better_than_the_file(opened):
    stack = opened((5, 7, 9), "TYX", (0.5, 0.25))
    stack.axis_labels = ("z", "y", "x")
    assert stated_axes(stack) == "ZYX"
    stack.units, stack.scale = ("nm",) * 3, (2000, 300, 300)
    assert spacing_of(stack, "ZYX") == pytest.approx((2, 0.3, 0.3))


def test_what_does_not_fit_the_layer_is_passed_over(opened):
    stack = opened((5, 7, 9), "TYX", None)
    assert spacing_of(stack, "TYX") is None
    other = Image(np.zeros((5, 7)))
    other._source = stack.source
    assert stated_axes(other) is None
    assert stated_axes(Image(np.zeros((5, 7, 9)))) is None


def test_the_window_goes_on_while_a_header_is_read(opened, viewer, qtbot, monkeypatch):
    """A box tells of a layer only when all is known of it, however slow the disk is."""
    threads, go, told = [], Event(), []
    read = file_facts._facts

    def slow(*given):
        threads.append(current_thread())
        go.wait(60)
        return read(*given)

    monkeypatch.setattr(file_facts, "_facts", slow)
    box = LayerBox(viewer, Image, Connections())
    qtbot.addWidget(box.native)
    box.changed.connect(told.append)
    stack = opened((5, 7, 9), "TYX", (0.5, 0.5))
    drawn = viewer.add_image(np.zeros((4, 5)))
    assert told == [drawn]
    viewer.layers.selection.active = stack
    assert told == [drawn]
    go.set()
    qtbot.waitUntil(lambda: told == [drawn, stack], timeout=60_000)
    assert stated_axes(stack) == "TYX"
    assert threads
    assert main_thread() not in threads


def test_a_damaged_header_says_nothing(tmp_path):
    path = tmp_path / "a.tif"
    write_tiff(path, np.zeros((5, 7), np.uint8), "YX", (0.5, 0.5), "µm")
    path.write_bytes(path.read_bytes()[:60])
    layer = Image(np.zeros((5, 7)))
    layer._source = Source(path=str(path))
    assert facts_of(layer) == FileFacts()


@pytest.mark.parametrize(("about", "axes"), [({}, None), ({"spacing": 2.0}, "ZYX")])
def test_planes_that_may_be_frames_are_no_depth_for_sure(viewer, tmp_path, about, axes):
    told = {"axes": "ZYX", "unit": "um", "finterval": 300.0, **about}
    film = np.random.default_rng(0).random((5, 16, 16)).astype(np.float32)
    tifffile.imwrite(tmp_path / "a.tif", film, imagej=True, resolution=(2, 2), metadata=told)
    (layer,) = viewer.open(str(tmp_path / "a.tif"), plugin="napari-unet-studio")
    assert facts_of(layer).axes == axes
    assert facts_of(layer).spacing.of("YX") == (0.5, 0.5)
    assert stated_axes(layer) == axes
