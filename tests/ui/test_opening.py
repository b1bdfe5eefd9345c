"""What opening a widget loads: nothing that the window would have to wait for."""

import subprocess
import sys

import pytest

SLOW = {
    "PIL", "dask", "imagecodecs", "numcodecs", "pyqtgraph", "scipy.linalg", "scipy.ndimage",
    "scipy.sparse", "skimage.measure", "tifffile", "torch", "yaozarrs", "zarr",
}  # fmt: skip
"""What takes from a twentieth of a second to some seconds to load."""

SCRIPT = """
import importlib.abc, sys, threading
import napari, qtpy
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QApplication
viewer = napari.Viewer(show=False)
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is threading.main_thread():
            print(name)
sys.meta_path.insert(0, Watch())
viewer.window.add_plugin_dock_widget("napari-unet-studio", sys.argv[1])
QApplication.processEvents()
sys.meta_path.pop(0)
QThreadPool.globalInstance().waitForDone()
QApplication.processEvents()
viewer.close()
"""


@pytest.mark.parametrize(
    "title", ["Segment", "Annotate", "Weight map", "Fine-tune", "Batch", "Export"]
)
def test_nothing_slow_is_loaded_on_the_thread_of_the_window(title):
    command = [sys.executable, "-c", SCRIPT, title]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    loaded = set(done.stdout.split())
    assert any(name.startswith("napari_unet.ui.") for name in loaded)
    assert loaded & SLOW == set()
