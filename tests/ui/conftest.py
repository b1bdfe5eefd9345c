"""A real window, a real small image, and a real model with random parameters."""

import gc
from functools import cache

import napari.settings
import numpy as np
import pytest
import torch
from napari._qt.widgets.qt_welcome import QtWelcomeWidget
from napari.components import ViewerModel
from napari.utils.notifications import notification_manager
from npe2 import PluginManager
from qtpy.QtCore import Qt, QThreadPool

from napari_unet.core.config import ModelConfig
from napari_unet.io.bundled import load_sample
from napari_unet.nn.model import Model, save_model, seeded_network
from napari_unet.nn.prediction.segment import segment as segment_directly
from napari_unet.storage.folders import choose_folder
from napari_unet.ui.segment import fitting

PLUGIN = "napari-unet-studio"
TIMEOUT = 60_000


def make_outspoken(model, image):
    """Make a random network call about half of an image's pixels foreground, some surely."""
    background, foreground = segment_directly(image, model).probabilities
    with torch.no_grad():
        model.network.head.bias[0] += float(np.median(np.log(foreground / background)))
        for parameters in (model.network.head.weight, model.network.head.bias):
            parameters[:2] *= 200


@pytest.fixture(scope="session")
def models(tmp_path_factory, nuclei):
    """Model files by number of spatial axes, and one for colour."""
    folder = tmp_path_factory.mktemp("models")
    configs = {
        "flat": ModelConfig(features=8, max_features=8, depth=2),
        "deep": ModelConfig(ndim=3, features=4, max_features=4, depth=1),
        "colour": ModelConfig(in_channels=3, features=4, max_features=4, depth=1),
    }
    for name, config in configs.items():
        model = Model(name, seeded_network(config, 1).eval())
        if name == "flat":
            make_outspoken(model, nuclei[0])
        save_model(model, folder / f"{name}.safetensors")
    return {name: folder / f"{name}.safetensors" for name in configs}


@pytest.fixture(scope="session")
def nuclei():
    """Two planes of the bundled sample, uint8 (2, 96, 80)."""
    return load_sample("nuclei2d")[0].data[:2, :96, :80]


@pytest.fixture
def said():
    """What the viewer told the user, in the order of time."""
    messages = []

    def listen(notification):
        messages.append(notification.message)

    notification_manager.notification_ready.connect(listen)
    yield messages
    notification_manager.notification_ready.disconnect(listen)


@pytest.fixture(scope="session", autouse=True)
def plugins_found_once():
    """Look for plugins once: reading all manifests again takes a third of a window's time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PluginManager, "discover", cache(PluginManager.discover))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_welcome():
    """Leave napari's welcome, which no test shows, as it is: each shortcut writes it anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QtWelcomeWidget, "refresh", lambda *_: None, raising=False)
        yield


@pytest.fixture(autouse=True)
def no_second_look(monkeypatch):
    """Leave images alone whose fit no test asks for: a look at each would take a minute in all."""
    monkeypatch.setattr(fitting, "DELAY", 10**8)


@pytest.fixture
def short_sweeps():
    """Let Python's collector pass over what tests before left: menus that napari never frees."""
    yield
    gc.freeze()


@pytest.fixture
def viewer(short_sweeps, make_napari_viewer, qtbot):
    """A window on the screen; no worker outlives it."""
    yield make_napari_viewer(show=True)
    QThreadPool.globalInstance().waitForDone()
    qtbot.wait(10)


@pytest.fixture
def bare_viewer():
    """A viewer without its window, where that plays no part: it takes most of a test's time."""
    PluginManager.instance().discover()
    return ViewerModel()


@pytest.fixture
def click(qtbot):
    """Click a button with the left mouse button."""

    def click(button):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    return click


@pytest.fixture
def segment(viewer, models):
    """The Segment widget, docked, with the model for flat images chosen."""
    _, widget = viewer.window.add_plugin_dock_widget(PLUGIN, "Segment")
    widget.form.model.add(models["flat"])
    return widget


@pytest.fixture
def run(segment, click, qtbot):
    """Click Segment and wait for the end."""

    def run():
        click(segment.form.button)
        qtbot.waitUntil(lambda: not segment.running, timeout=TIMEOUT)

    return run


@pytest.fixture
def export(viewer):
    """The Export widget, docked."""
    return viewer.window.add_plugin_dock_widget(PLUGIN, "Export")[1]


@pytest.fixture
def page():
    """Our page of napari's preferences."""
    if not hasattr(napari.settings, "get_plugin_settings"):
        pytest.skip("before napari 0.9 plugins have no page")
    found = napari.settings.get_plugin_settings(PLUGIN)
    yield found
    found.reset()
    choose_folder(None)


@pytest.fixture
def type_axes(qtbot):
    """Type other letters into an axes box."""

    def type_axes(box, letters):
        box.letters.clear()
        qtbot.keyClicks(box.letters, letters)

    return type_axes
