"""Findings are listed, and lead to the place."""

import numpy as np
from qtpy.QtCore import QRect, Qt
from qtpy.QtWidgets import QApplication

from napari_unet.core.review.finding import Finding
from napari_unet.ui.layers.in_view import camera_of
from napari_unet.ui.widgets.findings_list import FindingsList, go_to

LEFT = Qt.MouseButton.LeftButton


def test_findings_lead_to_the_place(bare_viewer, qtbot):
    labels = bare_viewer.add_labels(
        np.zeros((5, 200, 300), int), scale=(2, 0.5, 0.5), visible=False
    )
    bare_viewer.add_image(np.zeros((2, 5, 200, 300)), scale=(1, 2, 0.5, 0.5))
    shown = FindingsList()
    qtbot.addWidget(shown)
    place = Finding("warning", "3 objects are in several pieces.", "Join them.", "a", (3, 150, 60))
    shown.show_findings([Finding("error", "Nothing is painted."), place])
    shown.show()
    shown.chosen.connect(lambda finding: go_to(bare_viewer, labels, finding))
    with qtbot.waitSignal(shown.chosen, timeout=60_000) as signal:
        centre = shown.visualItemRect(shown.item(1)).center()
        qtbot.mouseClick(shown.viewport(), LEFT, pos=centre)
    assert signal.args == [place]
    assert bare_viewer.dims.current_step[1] == 3
    camera = camera_of(bare_viewer)
    assert camera.center[-2:] == (75, 30)
    assert camera.zoom >= 8
    assert labels.visible
    assert "a: 3 objects are in several pieces.\nJoin them." in shown.item(1).text()


def test_place_in_a_deleted_layer_is_passed_over(bare_viewer):
    labels = bare_viewer.add_labels(np.zeros((20, 30), int))
    bare_viewer.layers.remove(labels)
    before = camera_of(bare_viewer).center
    go_to(bare_viewer, labels, Finding("info", "text", where=(3, 4)))
    assert camera_of(bare_viewer).center == before


def test_every_line_has_room_for_all_its_words(qtbot):
    shown = FindingsList()
    qtbot.addWidget(shown)
    said = "Paint 3 more objects, so that a part can be held out: else nobody knows how good."
    shown.show_findings([Finding("info", said[: 30 + 9 * each], said) for each in range(6)])
    shown.show()
    flags = Qt.TextFlag.TextWordWrap.value
    for width in range(240, 400, 3):
        shown.setFixedWidth(width)
        QApplication.processEvents()
        room = QRect(0, 0, shown.viewport().width() - 2 * shown.iconSize().width(), 10_000)
        for item in map(shown.item, range(shown.count())):
            needed = shown.fontMetrics().boundingRect(room, flags, item.text())
            assert shown.visualItemRect(item).height() >= needed.height()
