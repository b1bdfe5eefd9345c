"""The layer of a weight map: when it is made, and how it is written."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from qtpy.QtWidgets import QFileDialog

from napari_unet.io.read import read_image
from napari_unet.ui.layers.in_view import camera_of
from painted import plane_weight


def test_deleted_map_stays_away_until_asked_for(viewer, weights, stack, shown, apply, qtbot):
    viewer.add_labels(stack[0], name="cells")
    layer = shown(plane_weight(stack[0]))
    viewer.layers.remove(layer)
    camera_of(viewer).zoom *= 2
    qtbot.waitUntil(lambda: not weights._rest.isActive(), timeout=60_000)
    assert [found.name for found in viewer.layers] == ["cells"]
    apply()
    assert viewer.layers["cells weight map"] is not layer


def test_export(viewer, weights, stack, apply, click, qtbot, tmp_path, monkeypatch, said):
    viewer.add_labels(stack, name="cells", scale=(2, 0.5, 0.5), units=("micrometer",) * 3)
    apply()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "map"), ""))
    target = tmp_path / "map.tif"
    target.touch()
    click(weights.form.export)
    assert weights.form.export_error.text().startswith(f"{target} exists: choose another name")
    target.unlink()
    click(weights.form.export)
    qtbot.waitUntil(lambda: not weights.running and bool(said), timeout=60_000)
    picture = read_image(target)
    assert picture.data.dtype == np.float32
    assert_array_equal(picture.data, viewer.layers["cells weight map"].data)
    assert picture.spacing == pytest.approx((2, 0.5, 0.5))
