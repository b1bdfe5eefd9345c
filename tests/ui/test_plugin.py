"""What napari shows of the plugin, and that opening it costs nothing."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from npe2 import PluginManifest
from tifffile import TiffFile

PLUGIN = "napari-unet-studio"

SCRIPT = """
import sys, threading, importlib.abc
from pathlib import Path
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "torch._C":
            maps = Path("/proc/self/maps")
            print("torch on", threading.current_thread() is threading.main_thread())
            print("libtorch_python" in maps.read_text() if maps.exists() else "not known")
sys.meta_path.insert(0, Watch())
import napari
from qtpy.QtWidgets import QApplication
from qtpy.QtCore import QThreadPool
viewer = napari.Viewer(show=False)
_, widget = viewer.window.add_plugin_dock_widget("napari-unet-studio", "Segment")
viewer.window.add_plugin_dock_widget("napari-unet-studio", "Export")
QApplication.processEvents()
QThreadPool.globalInstance().waitForDone()
QApplication.processEvents()
print(widget.form.device.text())
viewer.close()
"""


def test_opening_the_widgets_loads_torch_in_a_worker_only():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=120
    )
    first, library, device = done.stdout.splitlines()[:3]
    assert first == "torch on False"
    assert library in ("True", "not known")  # it was loaded while the window went on
    assert "Looking" not in device


@pytest.mark.parametrize(
    ("sample", "names", "shape"),
    [
        ("nuclei", ["nuclei ground truth", "nuclei"], (6, 256, 256)),
        ("tissue", ["tissue ground truth", "tissue"], (256, 320)),
        ("nuclei_3d", ["nuclei 3D ground truth", "nuclei 3D"], (48, 80, 80)),
    ],
)
def test_samples(viewer, sample, names, shape):
    viewer.open_sample(PLUGIN, sample)
    assert [layer.name for layer in viewer.layers] == names
    truth, image = viewer.layers
    assert truth.data.shape == shape
    assert image.rgb == (sample == "tissue")
    np.testing.assert_array_equal(truth.scale, image.scale)


def test_the_plugin_is_found_by_its_categories_and_has_an_icon():
    manifest = PluginManifest.from_distribution(PLUGIN)
    assert {"Segmentation", "Annotation"} <= {str(each.value) for each in manifest.categories}
    package, _, file = manifest.icon.partition(":")
    assert (Path(import_module(package).__file__).parent / file).is_file()


def test_a_label_layer_is_saved_with_its_scale_unit_and_axes(viewer, tmp_path):
    labels = np.zeros((3, 8, 8), np.int32)
    labels[1, 2:5, 2:5] = 300
    where = {"scale": (2, 0.5, 0.5), "units": ("um",) * 3, "axis_labels": ("z", "y", "x")}
    layer = viewer.add_labels(labels, name="cells", **where)
    file = tmp_path / "cells.tif"
    assert viewer.layers.save(str(file), plugin=PLUGIN) == [str(file)]
    with TiffFile(file) as tiff:
        assert tiff.series[0].axes == "ZYX"
        assert tiff.imagej_metadata["unit"] in ("um", "µm", "micron")
        assert tiff.imagej_metadata["spacing"] == 2
    (again,) = viewer.open(file, plugin=PLUGIN, layer_type="labels")
    np.testing.assert_array_equal(again.data, labels)
    np.testing.assert_allclose(again.scale, layer.scale)


@pytest.mark.parametrize("name", ["cells.zip", "cells.geojson", "cells.json"])
def test_a_label_layer_is_saved_for_other_programs_and_opened_again(bare_viewer, tmp_path, name):
    labels = np.zeros((3, 8, 9), np.int32)
    labels[:, 2:5, 2:9] = 300
    labels[2, 7, 8] = 4
    bare_viewer.add_labels(labels, name="cells", axis_labels=("z", "y", "x"))
    file = tmp_path / name
    assert bare_viewer.layers.save(str(file), plugin=PLUGIN) == [str(file)]
    (again,) = bare_viewer.open(file, plugin=PLUGIN)
    np.testing.assert_array_equal(again.data, labels)
    assert again.axis_labels == ("z", "y", "x")


def test_the_manifest_is_valid_and_what_it_names_is_there():
    manifest = PluginManifest.from_distribution(PLUGIN)
    manifest.validate_imports()
    assert [reader.command for reader in manifest.contributions.readers] == [f"{PLUGIN}.read"]


@pytest.mark.parametrize(
    ("menu", "command"),
    [
        ("napari/layers/segment", "segment"),
        ("napari/layers/annotate", "annotate"),
        ("napari/layers/measure", "measure"),
        ("napari/layers/measure", "export"),
        ("napari/file/io_utilities", "export"),
    ],
)
def test_menus(viewer, mock_app_model, menu, command):
    entries = [
        item.command.id for item in mock_app_model.menus.get_menu(menu) if hasattr(item, "command")
    ]
    named = {f"{PLUGIN}.{command}", f"{PLUGIN}:{command.capitalize()}"}  # napari 0.9 and 0.6
    (found,) = named & set(entries)
    mock_app_model.commands.execute_command(found).result()
    assert f"{command.capitalize()} (U-Net Studio)" in viewer.window.dock_widgets
