"""The list of all that can be shared, each with a mark."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

from napari_unet.runs.known import known_runs
from napari_unet.storage.crate.content import ANNOTATIONS, MODELS, RUNS, SETTINGS
from napari_unet.storage.folders import models_folder
from napari_unet.storage.model_header import SUFFIX

_TITLES = {
    MODELS: ("Models", "none of your own yet: a training that is kept becomes one"),
    RUNS: ("Trainings", "none was started from napari yet"),
    ANNOTATIONS: ("Annotations", "add a folder in which Annotate has saved some"),
    SETTINGS: ("Settings", "add a result: it says with which settings it was made"),
}
_HIGH = 280
"""Height in pixels of the screen."""


class Things(QTreeWidget):
    """Models and trainings that there are, and annotations and settings that the user adds."""

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setMinimumHeight(_HIGH)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._groups = {kind: self._group(kind) for kind in _TITLES}
        for path in sorted(models_folder().glob(f"*{SUFFIX}")):
            self.add(MODELS, path, path.stem, _day(path))
        for run in known_runs():
            state = "is being trained" if run.running else _day(run.folder / "run.json")
            item = self.add(RUNS, run.folder, run.name, state)
            item.setDisabled(run.running)

    def add(
        self, kind: str, path: Path, name: str, note: str, *, ticked: bool = False
    ) -> QTreeWidgetItem:
        """Show something, once, and return its line."""
        group = self._groups[kind]
        if group.childCount() and group.child(0).data(0, Qt.ItemDataRole.UserRole) is None:
            group.takeChild(0)
        lines = map(group.child, range(group.childCount()))
        item = next((line for line in lines if _path(line) == path), None)
        if item is None:
            item = QTreeWidgetItem(group, [name, note])
            item.setData(0, Qt.ItemDataRole.UserRole, str(path))
            item.setToolTip(0, str(path))
            item.setCheckState(0, Qt.CheckState.Unchecked)
        if ticked:
            item.setCheckState(0, Qt.CheckState.Checked)
            self.scrollToItem(item)
        return item

    def chosen(self, kind: str) -> tuple[str | Path, ...]:
        """Return what is marked."""
        group = self._groups[kind]
        lines = map(group.child, range(group.childCount()))
        return tuple(_path(line) for line in lines if line.checkState(0) == Qt.CheckState.Checked)

    def line(self, kind: str, row: int) -> QTreeWidgetItem:
        """Return one of the lines."""
        return self._groups[kind].child(row)

    def _group(self, kind: str) -> QTreeWidgetItem:
        title, empty = _TITLES[kind]
        group = QTreeWidgetItem(self, [title])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        group.setExpanded(True)
        group.setFirstColumnSpanned(True)
        nothing = QTreeWidgetItem(group, [empty])
        nothing.setDisabled(True)
        nothing.setFirstColumnSpanned(True)
        return group


def _path(line: QTreeWidgetItem) -> Path:
    return Path(line.data(0, Qt.ItemDataRole.UserRole) or "")


def _day(path: Path) -> str:
    return f"{datetime.fromtimestamp(path.stat().st_mtime):%Y-%m-%d %H:%M}"
