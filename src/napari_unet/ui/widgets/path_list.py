"""A list of files and folders, with buttons to add and remove them; they can be dropped on it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtGui import QDragEnterEvent, QDropEvent
from qtpy.QtWidgets import QFileDialog, QListWidget, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_unet.ui.widgets.layout import beside

_EMPTY = "Drop images and folders here."
_HIGH = 110
"""Height of the list in pixels of the screen, whatever else there is room for."""


class PathList(QWidget):
    """Files and folders, each once, in the order in which they were added.

    Attributes
    ----------
    changed
        Emitted when something was added or removed.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.list = QListWidget()
        self.list.setSelectionMode(QListWidget.SelectionMode.ExtendedSelection)
        self.list.setTextElideMode(Qt.TextElideMode.ElideLeft)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFixedHeight(_HIGH)
        self.list.setToolTip(_EMPTY)
        self.files, self.folder = QPushButton("Add files…"), QPushButton("Add folder…")
        self.folder.setToolTip("All images of a folder; an OME-Zarr image is a folder, too.")
        self.remove = QPushButton("Remove")
        self.remove.setToolTip("Take what is selected off the list; the files stay.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list)
        layout.addWidget(beside(self.files, self.folder, self.remove))
        self.files.clicked.connect(self._ask_for_files)
        self.folder.clicked.connect(self._ask_for_folder)
        self.remove.clicked.connect(self._remove)

    def paths(self) -> list[Path]:
        """Return what is listed."""
        return [Path(self.list.item(row).toolTip()) for row in range(self.list.count())]

    def add(self, paths: Iterable[Path]) -> None:
        """List files and folders that are not listed yet."""
        for path in paths:
            if path not in self.paths():
                self.list.addItem(path.name)
                self.list.item(self.list.count() - 1).setToolTip(str(path))
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Take files only."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """List what was dropped."""
        self.add(Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile())
        event.acceptProposedAction()

    def _ask_for_files(self) -> None:
        self.add(map(Path, QFileDialog.getOpenFileNames(self, "Choose images")[0]))

    def _ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Choose a folder of images")
        if folder:
            self.add([Path(folder)])

    def _remove(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self.changed.emit()
