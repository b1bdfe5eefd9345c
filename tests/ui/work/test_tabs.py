"""Our widgets are tabs of one dock, in the order of work; what others dock is left alone."""

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QTabBar

from napari_unet.ui.work.tabs import ORDER, tabs_of

PLUGIN = "napari-unet-studio"
OPENED = ("Export", "Measure", "Fine-tune", "Segment", "Batch", "Weight map", "Annotate")
"""In another order than that of work."""


@pytest.fixture
def all_seven(viewer, qtbot):
    """All seven widgets, opened in a window."""
    viewer.window._qt_window.resize(1280, 800)
    for title in OPENED:
        open_widget(viewer, title, qtbot)


def open_widget(viewer, title, qtbot):
    dock, _ = viewer.window.add_plugin_dock_widget(PLUGIN, title)
    qtbot.waitUntil(lambda: in_front(dock))
    return dock


def in_front(dock):
    return dock.isVisible() and not dock.visibleRegion().isEmpty()


def bar_of(window):
    """The tabs that are shown."""
    bars = [bar for bar in window.findChildren(QTabBar) if bar.isVisible() and bar.count() > 1]
    return next(bar for bar in bars if set(titles(bar)) <= set(ORDER))


def titles(bar):
    return [bar.tabText(index) for index in range(bar.count())]


def dock_of(window, title):
    return next(tab.dock for tab in tabs_of(window) if tab.title == title)


def test_all_seven_are_tabs_in_the_order_of_work_and_can_be_read(viewer, all_seven):
    window = viewer.window._qt_window
    bar = bar_of(window)
    assert titles(bar) == list(ORDER)
    assert bar.tabText(bar.currentIndex()) == OPENED[-1]
    assert bar.sizeHint().width() <= bar.width()
    for index, title in enumerate(ORDER):
        assert bar.fontMetrics().horizontalAdvance(title) < bar.tabRect(index).width()
    assert window.width() == 1280
    assert window.height() == 800
    for name in ("dockLayerList", "dockLayerControls"):
        assert window.tabifiedDockWidgets(getattr(viewer.window._qt_viewer, name)) == []


def test_a_tab_is_closed_opened_again_torn_off_and_put_back(viewer, all_seven, qtbot):
    window = viewer.window._qt_window
    dock_of(window, "Weight map").destroyOnClose()
    qtbot.waitUntil(lambda: len(titles(bar_of(window))) == len(ORDER) - 1)
    open_widget(viewer, "Weight map", qtbot)
    assert titles(bar_of(window)) == list(ORDER)
    dock = dock_of(window, "Annotate")
    dock.title.float_button.click()
    assert dock.isFloating()
    dock_of(window, "Batch").destroyOnClose()
    open_widget(viewer, "Batch", qtbot)
    assert dock.isFloating()
    assert titles(bar_of(window)) == [title for title in ORDER if title != "Annotate"]
    dock.title.float_button.click()
    qtbot.waitUntil(lambda: titles(bar_of(window)) == list(ORDER))


def test_the_menu_brings_to_the_front_what_lies_behind(viewer, mock_app_model, qtbot):
    def ask_for(name):
        named = (f"{PLUGIN}.{name}", f"{PLUGIN}:{name.capitalize()}")  # napari 0.9 and 0.6
        found = next(each for each in named if each in mock_app_model.commands)
        mock_app_model.commands.execute_command(found).result()

    ask_for("segment")
    ask_for("export")
    window = viewer.window._qt_window
    segment, export = dock_of(window, "Segment"), dock_of(window, "Export")
    qtbot.waitUntil(lambda: in_front(export))
    assert not in_front(segment)
    ask_for("segment")
    qtbot.waitUntil(lambda: in_front(segment))
    ask_for("segment")
    assert segment.isHidden()
    ask_for("segment")
    qtbot.waitUntil(lambda: in_front(segment))
    assert titles(bar_of(window)) == ["Segment", "Export"]


def test_what_the_user_has_put_elsewhere_and_what_others_dock_stays(viewer, qtbot):
    window = viewer.window._qt_window
    other = viewer.window.add_dock_widget(QLabel("other"), name="other", area="right")
    segment = open_widget(viewer, "Segment", qtbot)
    window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, segment)
    export = open_widget(viewer, "Export", qtbot)
    batch = open_widget(viewer, "Batch", qtbot)
    assert window.dockWidgetArea(segment) == Qt.DockWidgetArea.BottomDockWidgetArea
    assert window.tabifiedDockWidgets(segment) == []
    assert window.tabifiedDockWidgets(other) == []
    assert window.tabifiedDockWidgets(batch) == [export]


def test_a_tab_that_is_asked_for_again_is_not_styled_anew(viewer, all_seven, monkeypatch):
    window, styled = viewer.window._qt_window, []
    monkeypatch.setattr(QTabBar, "setStyleSheet", lambda bar, style: styled.append(style))
    for tab in tabs_of(window):
        tab._raise()
    assert not styled
