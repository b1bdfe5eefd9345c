"""Copies made a chunk at a time: the copies of one go, and the window gets its turn."""

import dask.array
import numpy as np
import pytest
import zarr
from napari.layers import Image, Labels
from numpy.testing import assert_array_equal
from qtpy.QtCore import QObject, QTimer

from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.annotation_copies import chunked_annotated_image
from napari_unet.ui.work.copies import ChunkedCopier, at_once, chunked_copy
from painted import annotated_image


@pytest.fixture
def copier(qapp):
    parent = QObject()
    yield ChunkedCopier(parent)
    parent.deleteLater()


@pytest.mark.parametrize("shape", [(3, 4), (1, 1500, 1200), (0, 5)])
def test_a_copy_is_the_same_and_shares_nothing(shape):
    array = np.random.default_rng(0).integers(0, 999, shape, np.uint32)
    copy = at_once(chunked_copy(array))
    assert_array_equal(copy, array)
    assert copy.dtype == array.dtype
    assert not np.shares_memory(copy, array)


def in_a_file(tmp_path):
    return np.memmap(tmp_path / "array", np.uint8, "w+", shape=(3, 4))


LAZY = {
    "dask": lambda _: dask.array.zeros((3, 4)),
    "zarr": lambda _: zarr.array(np.zeros((3, 4), np.uint8), chunks=(2, 2)),
    "memmap": in_a_file,
}


@pytest.mark.parametrize("lazy", LAZY.values(), ids=LAZY)
def test_what_is_read_or_computed_when_asked_for_is_left_to_the_worker(lazy, tmp_path):
    array = lazy(tmp_path)
    assert at_once(chunked_copy(array)) is array


def test_lazy_labels_are_read_where_they_are_needed():
    labels = Labels(dask.array.from_array(np.eye(9, dtype=np.uint8), 3))
    image = Image(dask.array.zeros((9, 9)), contrast_limits=(0, 1))
    assert isinstance(
        at_once(chunked_annotated_image(image, labels)).annotation.instances, dask.array.Array
    )
    found = annotated_image(image, labels)
    assert isinstance(found.annotation.instances, np.ndarray)
    assert isinstance(found.image, dask.array.Array)


def test_the_window_gets_its_turn(copier, qtbot):
    """Work that ends only when the window has had its turn, ends."""
    seen, found = [], []
    timer = QTimer(copier)
    timer.timeout.connect(lambda: seen.append(copier.busy))
    timer.start(0)

    def work():
        while len(seen) < 3:
            yield
        return "done"

    copier.begin(work, found.append, found.append)
    qtbot.waitUntil(lambda: found == ["done"], timeout=60_000)
    timer.stop()
    assert all(seen[:3])
    assert not copier.busy


def test_what_changes_meanwhile_is_done_anew(copier, qtbot):
    made, found = [], []

    def work():
        made.append(len(made))
        while len(made) < 2:
            yield
        return made[-1]

    copier.begin(work, found.append, found.append)
    assert copier.busy
    copier.again()
    qtbot.waitUntil(lambda: found == [1], timeout=60_000)
    copier.again()
    assert not copier.busy


@pytest.mark.parametrize("error", [UserError("No."), MemoryError("No."), OSError("No.")])
def test_little_work_is_done_at_once_and_what_is_wrong_is_told(copier, error):
    def refused():
        yield
        raise error

    found, wrong = [], []
    copier.begin(lambda: chunked_copy(np.arange(9)), found.append, wrong.append)
    copier.begin(refused, found.append, wrong.append)
    assert len(found) == 1
    assert wrong == [error]
    assert not copier.busy


def test_work_is_forgotten(copier, qtbot):
    seen = []

    def work():
        while True:
            seen.append(len(seen))
            yield

    copier.begin(work, seen.append, seen.append)
    copier.quit()
    count = len(seen)
    qtbot.wait(30)
    assert len(seen) == count
