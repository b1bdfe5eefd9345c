"""A widget that one of ours opens is the one that is open already, whoever opened it."""

import pytest

from napari_unet.ui.work.opening import open_widget
from napari_unet.ui.work.tabs import ORDER, tabs_of

PLUGIN = "napari-unet-studio"


def from_menu(app, title):
    """Choose a widget in napari's menu; napari 0.6 and 0.9 name its command in two ways."""
    names = (f"{PLUGIN}.{title.lower()}", f"{PLUGIN}:{title}")
    (name,) = [each for each in names if each in app.commands]
    return app.commands.execute_command(name).result()


def ours(viewer):
    return [tab.parent() for tab in tabs_of(viewer.window._qt_window)]


@pytest.mark.parametrize("title", ORDER)
def test_it_is_opened_in_a_dock_of_the_name_that_the_menu_gives(viewer, title):
    widget = open_widget(viewer, title)
    assert widget.title == title
    assert list(viewer.window.dock_widgets) == [f"{title} (U-Net Studio)"]
    assert ours(viewer) == [widget]


def test_the_menu_hides_what_we_opened_and_shows_it_again(viewer, mock_app_model, qtbot):
    widget = open_widget(viewer, "Segment")
    qtbot.waitUntil(lambda: not widget.visibleRegion().isEmpty())
    from_menu(mock_app_model, "Segment")
    assert ours(viewer) == [widget]
    qtbot.waitUntil(lambda: not widget.isVisible())
    assert open_widget(viewer, "Segment") is widget
    assert widget.isVisible()


@pytest.mark.parametrize("way", ["menu", "script"])
def test_a_widget_that_lies_behind_another_comes_to_the_front(viewer, mock_app_model, qtbot, way):
    if way == "menu":
        from_menu(mock_app_model, "Segment")
    else:
        viewer.window.add_plugin_dock_widget(PLUGIN, "Segment")
    (before,) = ours(viewer)
    open_widget(viewer, "Export")
    qtbot.waitUntil(lambda: before.visibleRegion().isEmpty())
    assert open_widget(viewer, "Segment") is before
    qtbot.waitUntil(lambda: not before.visibleRegion().isEmpty())
    assert len(ours(viewer)) == 2


def test_one_that_was_closed_is_opened_anew(viewer):
    before = open_widget(viewer, "Export")
    before.parent().destroyOnClose()
    after = open_widget(viewer, "Export")
    assert after is not before
    assert not after.closed
