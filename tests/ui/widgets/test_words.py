"""Text that is as wide as there is room, however long its words."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QLabel, QVBoxLayout, QWidget

from napari_unet.ui.widgets.words import NamesInMiddle, Words

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


def test_a_long_name_is_cut_in_its_middle_and_told_whole(qtbot):
    box = QComboBox()
    qtbot.addWidget(box)
    box.setToolTip("The image.")
    names = NamesInMiddle(box)
    box.addItems([f"{'embryo ' * 20}day {day}" for day in (1, 2)] + ["short"])
    box.resize(200, 30)
    box.show()
    looks = set()
    for row in (0, 1):
        box.setCurrentIndex(row)
        assert names.shown().endswith(f"day {row + 1}")
        assert names.shown().startswith("embryo")
        assert names.tip() == f"{box.itemText(row)}\nThe image."
        looks.add(bytes(box.grab().toImage().bits().asstring(200 * 30)))
    assert len(looks) == 2
    box.setCurrentText("short")
    assert names.shown() == "short"
