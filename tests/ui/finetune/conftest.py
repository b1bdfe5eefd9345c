"""The Fine-tune widget in a real window with a tiny model, which no training outlives."""

import numpy as np
import pytest

from napari_unet.io.bundled import load_sample
from trainings import LONG, shorten

PLUGIN = "napari-unet-studio"


@pytest.fixture(scope="session")
def painted():
    """What two planes of the bundled sample show, (2, 96, 80)."""
    return load_sample("nuclei2d")[1].data[:2, :96, :80].astype(np.int32)


@pytest.fixture
def dock(viewer, models, qtbot):
    """Open the Fine-tune widget with a tiny model; no training outlives the test."""
    opened = []

    def dock():
        _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Fine-tune")
        opened.append(widget)
        widget.form.model.add(models["flat"])
        shorten(widget)
        return widget

    yield dock
    for widget in opened:
        widget._training.kill()
        qtbot.waitUntil(lambda w=widget: not w._training.child_running, timeout=LONG)
        qtbot.waitUntil(lambda w=widget: not w.running, timeout=LONG)


@pytest.fixture
def cells(viewer, nuclei, painted):
    """An image and its labels, as layers."""
    image = viewer.add_image(nuclei, name="cells", scale=(1, 0.5, 0.5))
    return image, viewer.add_labels(painted, name="drawn", scale=(1, 0.5, 0.5))


@pytest.fixture
def finetune(cells, dock):
    return dock()


@pytest.fixture
def finish(qtbot):
    def finish(widget):
        qtbot.waitUntil(lambda: not widget.running, timeout=LONG)

    return finish


@pytest.fixture
def started(click, qtbot):
    """Click Fine-tune for a training that takes long, and wait until it learns."""

    def started(widget):
        shorten(widget, 10_000)
        click(widget.button)
        qtbot.waitUntil(lambda: len(widget.form.state.score.points["Dice"]) > 1, timeout=LONG)

    return started
