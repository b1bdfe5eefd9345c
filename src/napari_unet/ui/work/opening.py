"""Opens one of our widgets for another, or finds it where it is open already."""

from __future__ import annotations

from typing import Any

from napari.viewer import Viewer
from npe2 import PluginManager

from napari_unet.ui.work.settings import PLUGIN
from napari_unet.ui.work.tabs import tabs_of


def open_widget(viewer: Viewer, title: str) -> Any:
    """Bring a widget into view, as the menu would; no second one is made.

    napari names a dock after who opened it, the menu otherwise than a script, and takes two names
    for two widgets.

    Parameters
    ----------
    viewer
        Whose window it lies in.
    title
        The widget's title, one of `napari_unet.ui.work.tabs.ORDER`.
    """
    for tab in tabs_of(viewer.window._qt_window):
        if tab.title == title and tab.dock is not None:
            tab.dock.show()
            tab.dock.raise_()
            return tab.parent()
    plugins = PluginManager.instance()
    name = f"{title} ({plugins.get_manifest(PLUGIN).display_name})"
    (found,) = [each for each in plugins.iter_widgets() if _is_ours(each, title)]
    widget = found.exec(args=(viewer,))
    viewer.window.add_dock_widget(widget, name=name)
    return widget


def _is_ours(widget: Any, title: str) -> bool:
    return bool(widget.plugin_name == PLUGIN and widget.display_name == title)
