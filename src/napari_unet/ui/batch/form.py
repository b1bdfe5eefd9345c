"""What the *Batch* widget shows."""

from __future__ import annotations

from pathlib import Path

from magicgui.widgets import SpinBox
from napari.components import ViewerModel
from qtpy.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPushButton, QWidget
from superqt import QCollapsible

from napari_unet.ui.batch.settings_box import SettingsBox
from napari_unet.ui.batch.table import BatchTable
from napari_unet.ui.help.page import help_row
from napari_unet.ui.widgets.layout import beside, fill, place, rows
from napari_unet.ui.widgets.models.model_box import ModelBox
from napari_unet.ui.widgets.path_list import PathList
from napari_unet.ui.widgets.shared_box import share_model
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.working_widget import WorkingWidget

_MOST_JOBS = 64


class BatchForm:
    """The parts of the *Batch* widget and where they lie; what they do is said there."""

    def __init__(self, viewer: ViewerModel, widget: WorkingWidget) -> None:
        self.paths, self.model = PathList(), ModelBox(widget.connections)
        share_model(self.model, viewer, widget.connections)
        self.out, self.browse = QLineEdit(), QPushButton("Browse…")
        self.out.setPlaceholderText("folder for the results")
        self.out.setToolTip("Labels, tables and summary.csv are written here, some for each image.")
        tip = "How many images are worked on at the same time: more where memory and cores allow."
        self.jobs = SpinBox(value=1, min=1, max=_MOST_JOBS, tooltip=tip)
        self.button, self.progress = widget.button, widget.progress
        self.told = place(self.progress, widget.error)
        self.table, self.summary = BatchTable(), Words()
        self.table.hide()
        self.recursive = QCheckBox("Also folders inside folders")
        self.settings = SettingsBox(viewer, self.model, widget.connections)
        self.axes = self.settings.axes
        self.changing = QCollapsible("Settings")
        self.changing.addWidget(self.settings.forms)
        self.advanced = self._advanced_part()
        self.browse.clicked.connect(self._browse)

    def put_into(self, widget: QWidget) -> None:
        """Lay the parts out in a widget that scrolls where they are taller than it."""
        titled = rows(
            ("Model", self.model),
            ("Results in", beside(self.out, self.browse)),
            ("At a time", self.jobs),
        )
        folded = (self.settings, self.changing, self.advanced)
        below = (self.button, self.told, self.summary, self.table)
        fill(widget, help_row("Batch"), self.paths, titled, *folded, *below)

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(None, "Write the results in", self.out.text())
        if folder:
            self.out.setText(str(Path(folder)))

    def _advanced_part(self) -> QCollapsible:
        folded, named = QCollapsible("Advanced"), QWidget()
        named.setLayout(rows(("Axes", self.axes), ("Channels", self.settings.channels)))
        named.layout().setContentsMargins(0, 0, 0, 0)
        for part in (self.recursive, named, self.settings.tiles):
            folded.addWidget(part)
        return folded
