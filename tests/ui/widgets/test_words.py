"""Text that is as wide as there is room, however long its words."""

import pytest
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtGui import QHelpEvent
from qtpy.QtWidgets import QApplication, QComboBox, QLabel, QToolTip, QVBoxLayout, QWidget

from napari_unet.ui.widgets.words import LongNames, Words

LONG = f"“{'x' * 64}.tif” is kept, and a/{'y' * 30}-{'z' * 30} too."


@pytest.mark.parametrize("text", ["", "Short.", LONG])
def test_the_text_is_what_was_given(qtbot, text):
    words = Words(text)
    qtbot.addWidget(words)
    assert words.text() == text


def test_marks_in_names_are_shown_and_not_followed(qtbot):
    words, letters = Words("3 objects in “<b>x</b>”."), QLabel("3 objects in “<b>x</b>”.")
    letters.setTextFormat(Qt.TextFormat.PlainText)
    for label in (words, letters):
        qtbot.addWidget(label)
        label.setWordWrap(False)
    assert words.sizeHint() == letters.sizeHint()


def test_long_words_are_broken_and_widen_nothing(qtbot):
    box = QWidget()
    qtbot.addWidget(box)
    layout = QVBoxLayout(box)
    words = Words(LONG)
    layout.addWidget(words)
    layout.addStretch()
    box.resize(200, 400)
    box.show()
    assert box.minimumSizeHint().width() < 100
    drawn = words.fontMetrics().horizontalAdvance(LONG)
    lines = words.height() // words.fontMetrics().lineSpacing()
    assert lines * words.width() > drawn
    assert words.fontMetrics().horizontalAdvance("x" * 64) > words.width()


def test_a_place_is_kept_for_lines(qtbot):
    words = Words(lines=2)
    qtbot.addWidget(words)
    words.setText("One line.")
    assert words.minimumHeight() == 2 * words.fontMetrics().lineSpacing()


@pytest.mark.parametrize(("name", "told"), [("embryo " * 20, True), ("short", False)])
def test_all_of_a_name_that_is_cut_is_told_where_one_points_at_it(qtbot, monkeypatch, name, told):
    box = QComboBox()
    qtbot.addWidget(box)
    box.setToolTip("The image.")
    LongNames(box)
    box.addItem(name)
    box.resize(200, 30)
    box.show()
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda _, text, __: shown.append(text))
    QApplication.sendEvent(box, QHelpEvent(QEvent.Type.ToolTip, QPoint(9, 9), QPoint(9, 9)))
    assert shown == [f"{name}\nThe image."] * told
