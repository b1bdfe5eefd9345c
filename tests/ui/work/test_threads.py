"""Functions in a worker, of which the latest wins."""

from threading import Event

import pytest
from qtpy.QtCore import QThreadPool

from napari_unet.core.errors import UserError, sentence
from napari_unet.ui.work.threads import LatestOnly


def test_latest_wins(qtbot):
    latest, go, results = LatestOnly(), Event(), []
    latest.returned.connect(results.append)
    latest.submit(lambda: go.wait(10) and "first")
    for value in range(5):
        latest.submit(lambda value=value: value)
    go.set()
    qtbot.waitUntil(lambda: len(results) == 2, timeout=60_000)
    assert results == ["first", 4]


def test_a_result_on_its_way_is_forgotten(qtbot):
    latest, results = LatestOnly(), []
    latest.returned.connect(results.append)
    with qtbot.waitSignal(latest.ended, timeout=60_000):
        latest.submit(lambda: "computed")
        assert QThreadPool.globalInstance().waitForDone(60_000)
        latest.quit()
    assert results == []


FORESEEN = {
    "ours": (UserError("It went wrong: try again."), "It went wrong: try again."),
    "disk": (OSError(28, "No space left on device", "a.tif"), "a.tif: No space left on device."),
    "memory": (RuntimeError("CUDA out of memory. Tried."), sentence(MemoryError())),
}


@pytest.mark.parametrize(("error", "words"), FORESEEN.values(), ids=FORESEEN)
def test_latest_goes_on_after_an_error(qtbot, said, error, words):
    latest, results = LatestOnly(), []

    def fail():
        raise error

    latest.returned.connect(results.append)
    latest.submit(fail)
    latest.submit(lambda: 1)
    qtbot.waitUntil(lambda: results == [1], timeout=60_000)
    assert said == [words]
