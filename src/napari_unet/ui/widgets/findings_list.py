"""A list of what was found in annotations; a click leads to the place."""

from __future__ import annotations

from collections.abc import Iterable

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import QRect, QSize, Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QStyle

from napari_unet.core.review.review import Finding
from napari_unet.ui.layers.channel_axis import place_in_layer
from napari_unet.ui.layers.channel_group import is_whole
from napari_unet.ui.layers.geometry import lengths_of
from napari_unet.ui.layers.image_choice import in_viewer
from napari_unet.ui.layers.in_view import camera_of

ICONS = {
    "error": QStyle.StandardPixmap.SP_MessageBoxCritical,
    "warning": QStyle.StandardPixmap.SP_MessageBoxWarning,
    "info": QStyle.StandardPixmap.SP_MessageBoxInformation,
}
TALLEST = 320
"""Pixels of the screen that the list takes at most; the rest is scrolled."""
_BESIDE, _BETWEEN = 24, 6
"""Pixels around the text of a line, beside the icon's, and between lines."""
CLOSE = 4
"""Pixels of the screen per pixel of an image, at least, after `go_to`."""


class FindingsList(QListWidget):
    """Shows findings, each with an icon for its level, and what to do about it.

    Attributes
    ----------
    chosen
        Emitted with the `Finding` that was clicked.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setIconSize(QSize(18, 18))
        self.setSpacing(2)
        self.setToolTip("Click a line to see the place.")
        self.itemClicked.connect(self._tell)
        self.itemActivated.connect(self._tell)

    def show_findings(self, findings: Iterable[Finding]) -> None:
        """Show findings in place of those that were shown."""
        self.clear()
        for finding in findings:
            self.addItem(self._item(finding))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Be as tall as the lines are at this width."""
        super().resizeEvent(event)
        self._fit()

    def _item(self, finding: Finding) -> QListWidgetItem:
        said = finding.headline
        item = QListWidgetItem(self.style().standardIcon(ICONS[finding.level]), "")
        item.setText(f"{said}\n{finding.advice}" if finding.advice else said)
        item.setData(Qt.ItemDataRole.UserRole, finding)
        return item

    def _fit(self) -> None:
        for item in map(self.item, range(self.count())):
            item.setSizeHint(QSize(0, self._height(item.text())))
        self.doItemsLayout()
        last = self.visualItemRect(self.item(self.count() - 1)) if self.count() else QRect()
        lines = last.bottom() + self.verticalOffset() + 4 * self.spacing()
        self.setFixedHeight(min(lines + 2 * self.frameWidth() + 2, TALLEST))

    def _height(self, text: str) -> int:
        """Return how tall a line is; Qt's own is for the width without the icon."""
        width = self.viewport().width() - self.iconSize().width() - _BESIDE
        flags = Qt.TextFlag.TextWordWrap.value
        wrapped = self.fontMetrics().boundingRect(QRect(0, 0, width, 2**16), flags, text)
        return max(wrapped.height(), self.iconSize().height()) + _BETWEEN

    def _tell(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))


def go_to(viewer: ViewerModel, layer: Layer, finding: Finding, channel: int | None = None) -> None:
    """Choose a layer, and show the place of a finding in it, close enough to see it.

    Parameters
    ----------
    viewer
        The viewer itself, not napari's stand-in.
    layer
        The layer whose pixels `finding.where` counts, or all channels of a file. The view stays
        where there is no place, or the layer has meanwhile got other axes; nothing happens where
        it was deleted.
    channel
        The layer's axis of channels, for which a place has no index, and whose slider stays; None
        where it has none.
    """
    if is_whole(layer):
        channel = None
    shown = in_viewer(layer, viewer.layers)
    if shown is None:
        return
    layer = shown
    layer.visible = True
    viewer.layers.selection.active = layer
    if finding.where is None:
        return
    where = place_in_layer(finding.where, channel)
    if len(where) != layer.ndim:
        return
    world = layer.data_to_world(where)
    first = viewer.dims.ndim - layer.ndim
    moved = [axis for axis in range(layer.ndim) if axis != channel]
    viewer.dims.set_point([first + axis for axis in moved], [world[axis] for axis in moved])
    seen = [axis - first for axis in viewer.dims.displayed if axis >= first]
    camera = camera_of(viewer)
    camera.center = tuple(world[axis] for axis in seen)
    camera.zoom = max(camera.zoom, CLOSE / lengths_of(layer)[seen].min())
