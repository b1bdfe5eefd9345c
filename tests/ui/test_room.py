"""Room to work: no form grows, none has a large minimum, and the window stays as it is."""

import shutil

import numpy as np
import pytest
from napari.settings import get_settings
from qtpy.QtWidgets import QLabel, QLineEdit, QScrollArea, QToolButton, QWidget
from superqt import QCollapsible

from napari_unet.core.config import DecodeConfig
from napari_unet.core.progress import Progress
from napari_unet.core.review.finding import Finding
from napari_unet.runs.known import KnownRun
from napari_unet.ui.widgets.layout import fill, place
from napari_unet.ui.widgets.scroll_area import WIDTH
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.tabs import ORDER

PLUGIN = "napari-unet-studio"
LONG = "x" * 64
LOWEST = 100
"""Pixels that a form may need in height."""
BAR = 20
"""Pixels for a scroll bar and a frame."""


@pytest.fixture
def widgets(viewer, nuclei, models, tmp_path, qtbot):
    """All seven widgets at 1280 x 800, with long names wherever there are names."""
    window = viewer.window._qt_window
    window.resize(1280, 800)
    viewer.add_labels(np.ones((96, 80), int), name=f"{LONG} instances")
    viewer.add_labels(np.ones((96, 80), int), name=f"{LONG} objects")
    viewer.add_image(nuclei[0], name=LONG)
    file = shutil.copy(models["flat"], tmp_path / f"{LONG}.safetensors")
    opened = {}
    for title in ORDER:
        opened[title] = viewer.window.add_plugin_dock_widget(PLUGIN, title)[1]
        qtbot.wait(10)
    for title in ("Segment", "Fine-tune", "Batch"):
        opened[title].model.add(file)
    return opened


def show_everything(widgets, folder):
    """Unfold what is folded, and show what comes and goes, with long words in it."""
    for widget in widgets.values():
        for folded in widget.findChildren(QCollapsible):
            folded.expand(animate=False)
        widget.progress.begin("Working") if hasattr(widget, "progress") else None
        widget.error.show_error(OSError(28, "No space left", f"/{LONG}/{LONG}.tif"))
    finding = Finding("error", f"“{LONG}” is wrong.", f"Paint “{LONG}” anew.")
    widgets["Segment"].form.adjust.show_result(
        f"2 objects in “{LONG}”.", DecodeConfig(), DecodeConfig()
    )
    finetune = widgets["Fine-tune"].form
    finetune.check.show_findings([finding])
    finetune.check.unfold.setChecked(True)
    finetune.offer.offer([KnownRun(folder / LONG, LONG, False, None)])
    finetune.pairs.add_folder(folder / LONG)
    finetune.pairs.add_pair()
    finetune.result.begin(LONG)
    finetune.result.show_places([finding])
    finetune.state.begin()
    finetune.state.show_progress(Progress("training", 1, 2, {"epoch": 1}, notice=LONG))
    widgets["Batch"].form.paths.add([folder / f"{LONG}.tif"])
    widgets["Batch"].form.table.show_names([f"{LONG}.tif"])
    widgets["Batch"].form.table.show()
    widgets["Batch"].form.summary.setText(f"{LONG}: 1 file.")
    numbers = {"label": np.arange(2), LONG: np.ones(2), "unit": np.array(["µm", "µm"])}
    widgets["Measure"].form.measured.show_table(numbers)
    widgets["Measure"].form.measured.show()
    widgets["Annotate"].form.picked.show_state(None, [f"1 ({LONG})"])
    widgets["Annotate"].form.leftover.text.setText(f"{LONG} was found.")
    widgets["Annotate"].form.leftover.show()
    widgets["Weight map"].form.say(f"“{LONG} weight map” is kept.")


def content(widget):
    return widget.findChild(QScrollArea).widget()


def too_wide(widget):
    """The innermost parts that need more width than there is."""
    wide = [
        part
        for part in content(widget).findChildren(QWidget)
        if part.isVisibleTo(content(widget)) and part.minimumSizeHint().width() > WIDTH - BAR
    ]
    return [(type(part).__name__, part.objectName(), part.minimumSizeHint()) for part in wide]


def test_forms_stay_narrow_and_low_and_the_window_keeps_its_size(viewer, widgets, tmp_path, qtbot):
    window = viewer.window._qt_window
    before = window.size()
    show_everything(widgets, tmp_path)
    qtbot.wait(100)
    for title, widget in widgets.items():
        least, needed = widget.minimumSizeHint(), content(widget).minimumSizeHint()
        assert least.height() <= LOWEST
        assert least.width() == WIDTH
        assert needed.width() <= WIDTH - BAR, (title, too_wide(widget))
    assert window.size() == before
    assert (before.width(), before.height()) == (1280, 800)


def test_forms_have_the_width_and_small_texts_the_size_of_a_larger_font(widgets, qtbot):
    appearance = get_settings().appearance
    usual = appearance.font_size
    appearance.font_size = 2 * usual
    try:
        for title, widget in widgets.items():
            widget._tab.dock.raise_()
            area = widget.findChild(QScrollArea)
            qtbot.waitUntil(lambda widget=widget: widget.isVisible())
            qtbot.waitUntil(
                lambda area=area: (
                    area.widget().width() <= area.viewport().width()
                    or area.horizontalScrollBar().isVisible()
                )
            )
            assert widget.width() > WIDTH, title
            for kind in (QLineEdit, QToolButton):
                for part in filter(lambda each: each.isVisible(), area.findChildren(kind)):
                    assert part.font().pointSize() >= 2 * usual, (title, part)
            assert area.findChild(QLabel).font().pointSize() >= 2 * usual
    finally:
        appearance.font_size = usual


def test_a_text_of_many_lines_is_not_cut_in_the_place_that_is_kept_for_it(qtbot):
    words = Words("word " * 60)
    form = QWidget()
    qtbot.addWidget(form)
    fill(form, place(words))
    form.resize(WIDTH, 400)
    form.show()
    assert words.height() >= words.heightForWidth(words.width())
