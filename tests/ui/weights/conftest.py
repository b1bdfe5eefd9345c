"""What the tests of weight maps need: the widget, objects, and a look at the map."""

import numpy as np
import pytest

from napari_unet.ui.layers.metadata import is_weight_map

PLUGIN = "napari-unet-studio"


@pytest.fixture
def stack():
    """Three planes of two touching squares and a third one, uint32 (3, 60, 70)."""
    labels = np.zeros((3, 60, 70), np.uint32)
    labels[:, 10:30, 10:30] = 1
    labels[:, 10:30, 30:50] = 2
    labels[1:, 35:50, 12:40] = 3
    return labels


@pytest.fixture
def weights(viewer):
    """The Weight map widget, docked."""
    return viewer.window.add_plugin_dock_widget(PLUGIN, "Weight map")[1]


@pytest.fixture
def shown(viewer, weights, qtbot):
    """Wait until the weight map is in the viewer with these values in the plane in view."""

    def shown(expected):
        def there():
            layers = [layer for layer in viewer.layers if is_weight_map(layer)]
            plane = viewer.dims.current_step[0] if viewer.dims.ndim > 2 else ...
            return bool(layers) and np.array_equal(layers[-1].data[plane], expected)

        viewer.reset_view()
        qtbot.waitUntil(there, timeout=60_000)
        return next(layer for layer in reversed(viewer.layers) if is_weight_map(layer))

    return shown


@pytest.fixture
def apply(weights, click, qtbot):
    """Click Apply and wait for the end."""

    def apply():
        click(weights.button)
        qtbot.waitUntil(lambda: not weights.running, timeout=60_000)

    return apply
