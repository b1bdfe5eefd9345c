"""Curves, and that the window does not wait for the library that draws them."""

import subprocess
import sys

import pytest
from qtpy.QtCore import QEvent, QPointF

from napari_unet.ui.finetune.running.curves import Curves

LONG = 60_000


SCRIPT = """
import importlib.abc, sys, threading
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == "pyqtgraph":
            print("worker", threading.current_thread() is not threading.main_thread())
sys.meta_path.insert(0, Watch())
from qtpy.QtWidgets import QApplication
application = QApplication([])
from napari_unet.ui.finetune.running.curves import Curves
curves = Curves("Loss", ["training"])
print("pyqtgraph" in sys.modules)
curves.show()
while not curves.lines:
    application.processEvents()
import pyqtgraph, qtpy
print(pyqtgraph.Qt.QT_LIB == qtpy.API_NAME)
"""


@pytest.fixture
def curves(qtbot):
    curves = Curves("Scores", ["AP", "Dice"])
    qtbot.addWidget(curves)
    curves.resize(300, 120)
    return curves


@pytest.fixture
def drawn(curves, qtbot):
    """Curves of three and of one point, with their plot."""
    for x, y in ((0, 0.25), (10, 0.5), (20, 0.75)):
        curves.add("AP", x, y)
    curves.add("Dice", 10, 0.125)
    curves.show()
    qtbot.waitUntil(lambda: bool(curves.lines), timeout=LONG)
    return curves


def test_the_library_is_loaded_by_a_worker_when_curves_are_shown():
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split("\n")[:3] == ["False", "worker True", "True"]


def test_points_from_before_the_plot_and_after_are_drawn(drawn, qtbot):
    drawn.add("AP", 30, 0.875)
    drawn.add("AP", 31, float("nan"))
    line = drawn.lines["AP"]
    qtbot.waitUntil(lambda: len(line.getData()[0]) == 4, timeout=LONG)
    x, y = line.getData()
    assert x.tolist() == [0, 10, 20, 30]
    assert y.tolist() == [0.25, 0.5, 0.75, 0.875]
    drawn.clear()
    qtbot.waitUntil(lambda: line.getData()[0] is None, timeout=LONG)


def test_the_plot_says_the_values_of_the_nearest_step_and_nothing_moves(drawn):
    title, height = drawn.words.text(), drawn.sizeHint()
    assert "AP 0.75<" in title
    view = drawn.lines["AP"].getViewBox()
    for x, said in ((9, ("step 10", "AP 0.5", "Dice 0.125")), (19, ("step 20", "AP 0.75"))):
        drawn._moved(view.mapViewToScene(QPointF(x, 0.3)))
        text, line = drawn.mark.text, drawn.mark.line
        assert text.isVisible()
        assert line.isVisible()
        assert all(words in text.toPlainText() for words in said)
        box = text.mapRectToParent(text.boundingRect())
        assert view.boundingRect().adjusted(-1, -1, 1, 1).contains(box)
    assert line.x() == 20
    assert (drawn.words.text(), drawn.sizeHint()) == (title, height)
    drawn.leaveEvent(QEvent(QEvent.Type.Leave))
    assert not text.isVisible()
    assert not line.isVisible()


def test_long_curves_are_thinned_out(curves):
    for step in range(1500):
        curves.add("AP", step, 0.5)
    assert len(curves.points["AP"]) <= 1000
    assert curves.points["AP"][-1][0] == 1499
