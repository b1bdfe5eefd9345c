"""The *Export* widget: label layers to TIFF and a table of objects."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from napari.layers import Labels
from napari.utils.notifications import show_info
from napari.viewer import Viewer
from qtpy.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPushButton

from napari_unet.core.errors import UserError
from napari_unet.core.progress import Steps
from napari_unet.storage.names import file_name
from napari_unet.ui.export.classes_box import ClassesBox
from napari_unet.ui.export.steps import export_steps
from napari_unet.ui.help.page import help_row
from napari_unet.ui.layers.labels import LayerCopy, chunked_layer_copy, guess_ndim, is_deep
from napari_unet.ui.layers.metadata import image_name
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.layout import beside, button, fill, place, rows
from napari_unet.ui.widgets.spacing_box import extent_box
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.copies import ChunkedCopy
from napari_unet.ui.work.progress_row import ProgressRow
from napari_unet.ui.work.working_widget import WorkingWidget

Copies = tuple[LayerCopy | None, LayerCopy | None]
"""Of the instances and of the classes."""


class ExportWidget(WorkingWidget):
    """Writes instance and semantic layers as TIFF, and the objects' sizes and places as CSV.

    Parameters
    ----------
    napari_viewer
        The viewer whose label layers are exported.

    Attributes
    ----------
    instances, semantic
        What is chosen, as `value`, to be read and set.
    """

    title = "Export"

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__(button("Export", high=True), ProgressRow("files"))
        viewer, none = self.attach(napari_viewer), "none"
        self.instances = LayerBox(viewer, Labels, self.connections, suffix="instances", none=none)
        self.semantic = ClassesBox(viewer, self.connections, self.instances, none)
        self.instances.tooltip = "Labels with a number for each object (instances)."
        self.semantic.tooltip = "Labels with a number for each class (semantic)."
        self.extent = extent_box("Whether an object is measured in each plane, or as a volume.")
        self.folder, self.browse = QLineEdit(), QPushButton("Browse…")
        self.folder.setPlaceholderText("Choose a folder")
        self.folder.setToolTip("Where the files are written.")
        self.name = QLineEdit()
        self.name.setToolTip("The files are called NAME_instances, NAME_objects and NAME_semantic.")
        self.replace, self.written = QCheckBox("Replace files"), Words()
        self._lay_out()
        self.browse.clicked.connect(self._browse)
        self.on_click(self.button, self._export)
        self.instances.changed.connect(self._chosen)
        self.semantic.changed.connect(self._chosen)
        self._chosen()

    def _lay_out(self) -> None:
        self.rows = rows(
            ("Objects", self.instances),
            ("Measured", self.extent),
            ("Classes", self.semantic),
            ("Folder", beside(self.folder, self.browse)),
            ("Name", self.name),
        )
        told = place(self.progress, self.error)
        fill(self, help_row(self.title), self.rows, self.replace, self.button, told, self.written)

    def _chosen(self, _: Any = None) -> None:
        instances, semantic = self.instances.value, self.semantic.value
        self.rows.setRowVisible(self.extent.native, instances is not None and is_deep(instances))
        if instances is not None:
            self.extent.value = guess_ndim(instances)
        layer = semantic if instances is None else instances
        self.name.setText("" if layer is None else file_name(image_name(layer.name), ""))

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Export to", self.folder.text())
        if folder:
            self.folder.setText(folder)

    def _export(self) -> None:
        self.written.clear()
        if not self.folder.text().strip():
            raise UserError("No folder is chosen: click Browse… and choose one.")
        if not self.name.text().strip():
            raise UserError("The files have no name: choose a layer, or type one under Name.")
        folder = Path(self.folder.text().strip()).expanduser()
        layers, ndim = (self.instances.value, self.semantic.value), self.extent.value
        name, replace = self.name.text().strip(), self.replace.isChecked()

        def steps(copies: Copies) -> Steps[list[Path]]:
            return export_steps(*copies, folder, name, replace)

        self.work_on(partial(_copy, *layers, ndim), steps, self._written, "Exporting")

    def _written(self, files: list[Path]) -> None:
        told = f"Wrote {', '.join(file.name for file in files)} to {files[0].parent}."
        self.written.setText(told)
        show_info(told)


def _copy(instances: Labels | None, semantic: Labels | None, ndim: int) -> ChunkedCopy[Copies]:
    return (
        None if instances is None else (yield from _copy_layer(instances, ndim)),
        None if semantic is None else (yield from chunked_layer_copy(semantic)),
    )


def _copy_layer(layer: Labels, ndim: int) -> ChunkedCopy[LayerCopy]:
    return chunked_layer_copy(layer, ndim if is_deep(layer) else None)
