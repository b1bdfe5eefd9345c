"""What opening a widget loads: nothing that the window would have to wait for."""

import subprocess
import sys
from collections import defaultdict

import pytest

SLOW = {
    "PIL", "dask", "imagecodecs", "numcodecs", "pyarrow", "pyqtgraph", "roifile", "scipy.linalg",
    "scipy.ndimage", "scipy.sparse", "skimage.measure", "tifffile", "torch", "yaozarrs", "zarr",
}  # fmt: skip
"""What takes from a twentieth of a second to some seconds to load."""

TITLES = ["Segment", "Annotate", "Weight map", "Fine-tune", "Batch", "Measure", "Export"]

SCRIPT = """
import importlib.abc, sys, threading
import napari, qtpy
from qtpy.QtCore import QThreadPool
from qtpy.QtWidgets import QApplication
viewer = napari.Viewer(show=False)
before = set(sys.modules)
opened, workers = threading.Event(), QThreadPool.globalInstance()
workers.setMaxThreadCount(1)
workers.start(opened.wait)
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is threading.main_thread():
            print(title, name, sep=":")
sys.meta_path.insert(0, Watch())
try:
    for title in sys.argv[1:]:
        viewer.window.add_plugin_dock_widget("napari-unet-studio", title)
        QApplication.processEvents()
    sys.meta_path.pop(0)
    print(*("anywhere:" + name for name in set(sys.modules) - before), sep="\\n")
finally:
    opened.set()
workers.waitForDone()
QApplication.processEvents()
viewer.close()
"""
"""No worker begins before all are open: what one would load is not loaded, so each import shows."""


@pytest.fixture(scope="module")
def loaded():
    """What is loaded while a widget is opened, by its title."""
    command = [sys.executable, "-c", SCRIPT, *TITLES]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    found = defaultdict(set)
    for line in done.stdout.splitlines():
        title, _, name = line.partition(":")
        found[title].add(name)
    return found


@pytest.mark.parametrize("title", TITLES)
def test_nothing_slow_is_loaded_on_the_thread_of_the_window(loaded, title):
    assert any(name.startswith("napari_unet.ui.") for name in loaded[title])
    assert loaded[title] & SLOW == set()


def test_nothing_slow_is_loaded_before_a_worker_begins(loaded):
    assert "napari_unet.ui.segment.widget" in loaded["anywhere"]
    assert loaded["anywhere"] & SLOW == set()
