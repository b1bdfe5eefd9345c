"""Copies made a bite at a time: the copies of one go, and the window gets its turn."""

import dask.array
import numpy as np
import pytest
import zarr
from napari.layers import Image, Labels
from numpy.testing import assert_array_equal
from qtpy.QtCore import QObject, QTimer

from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.annotation_layers import annotated_bites, annotated_image
from napari_unet.ui.work.copies import Turns, at_once, copy_bites


@pytest.fixture
def turns(qapp):
    parent = QObject()
    yield Turns(parent)
    parent.deleteLater()


@pytest.mark.parametrize("shape", [(3, 4), (1, 1500, 1200), (0, 5)])
def test_a_copy_is_the_same_and_shares_nothing(shape):
    array = np.random.default_rng(0).integers(0, 999, shape, np.uint32)
    copy = at_once(copy_bites(array))
    assert_array_equal(copy, array)
    assert copy.dtype == array.dtype
    assert not np.shares_memory(copy, array)


def test_what_can_be_painted_is_copied_and_what_is_computed_is_not():
    array = zarr.array(np.arange(12, dtype=np.uint8).reshape(3, 4), chunks=(2, 2))
    assert_array_equal(at_once(copy_bites(array)), array[:])
    lazy = dask.array.zeros((3, 4))
    assert at_once(copy_bites(lazy)) is lazy


def test_lazy_labels_are_read_where_they_are_needed():
    labels = Labels(dask.array.from_array(np.eye(9, dtype=np.uint8), 3))
    image = Image(dask.array.zeros((9, 9)), contrast_limits=(0, 1))
    assert isinstance(
        at_once(annotated_bites(image, labels)).annotation.instances, dask.array.Array
    )
    found = annotated_image(image, labels)
    assert isinstance(found.annotation.instances, np.ndarray)
    assert isinstance(found.image, dask.array.Array)


def test_the_window_gets_its_turn(turns, qtbot):
    """Work that ends only when the window has had its turn, ends."""
    seen, found = [], []
    timer = QTimer(turns)
    timer.timeout.connect(lambda: seen.append(turns.busy))
    timer.start(0)

    def work():
        while len(seen) < 3:
            yield
        return "done"

    turns.begin(work, found.append, found.append)
    qtbot.waitUntil(lambda: found == ["done"], timeout=60_000)
    timer.stop()
    assert all(seen[:3])
    assert not turns.busy


def test_what_changes_meanwhile_is_done_anew(turns, qtbot):
    made, found = [], []

    def work():
        made.append(len(made))
        while len(made) < 2:
            yield
        return made[-1]

    turns.begin(work, found.append, found.append)
    assert turns.busy
    turns.again()
    qtbot.waitUntil(lambda: found == [1], timeout=60_000)
    turns.again()
    assert not turns.busy


@pytest.mark.parametrize("error", [UserError("No."), MemoryError("No."), OSError("No.")])
def test_little_work_is_done_at_once_and_what_is_wrong_is_told(turns, error):
    def refused():
        yield
        raise error

    found, wrong = [], []
    turns.begin(lambda: copy_bites(np.arange(9)), found.append, wrong.append)
    turns.begin(refused, found.append, wrong.append)
    assert len(found) == 1
    assert wrong == [error]
    assert not turns.busy


def test_work_is_forgotten(turns, qtbot):
    seen = []

    def work():
        while True:
            seen.append(len(seen))
            yield

    turns.begin(work, seen.append, seen.append)
    turns.quit()
    count = len(seen)
    qtbot.wait(30)
    assert len(seen) == count
