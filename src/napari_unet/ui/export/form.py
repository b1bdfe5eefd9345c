"""What the *Export* widget shows."""

from __future__ import annotations

from pathlib import Path

from napari.components import ViewerModel
from napari.layers import Labels
from qtpy.QtWidgets import QCheckBox, QFileDialog, QLineEdit, QPushButton

from napari_unet.core.errors import UserError
from napari_unet.storage.names import file_name
from napari_unet.ui.export.formats_box import FormatsBox
from napari_unet.ui.export.steps import Target
from napari_unet.ui.help.page import help_row
from napari_unet.ui.layers.arrays import own_name
from napari_unet.ui.layers.labels import guess_ndim, is_deep
from napari_unet.ui.layers.metadata import ANNOTATION, image_name
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.layout import beside, fill, place, rows
from napari_unet.ui.widgets.objects.class_names import class_names
from napari_unet.ui.widgets.objects.objects_box import ObjectsBox
from napari_unet.ui.widgets.objects.paired_boxes import ClassesBox, ImageBox
from napari_unet.ui.widgets.spacing_box import extent_box
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.working_widget import WorkingWidget


class ExportForm:
    """The parts of the *Export* widget and where they lie; what they do is said there."""

    def __init__(self, viewer: ViewerModel, widget: WorkingWidget) -> None:
        connections = widget.connections
        self.instances = ObjectsBox(viewer, connections, none="none")
        self.semantic = ClassesBox(viewer, connections, self.instances)
        self.image = ImageBox(viewer, connections, self.instances)
        self.nuclei = LayerBox(viewer, Labels, connections, none="none", obvious=False)
        self.class_names = QLineEdit()
        self.instances.tooltip = "Labels with a number for each object (instances)."
        self.semantic.tooltip = "Labels with a number for each class (semantic)."
        self.image.tooltip = "The image that PNG, SVG and OME-Zarr show below the objects."
        self.nuclei.tooltip = (
            "Labels of nuclei with the numbers of their cells, as Measure gives them: GeoJSON then "
            "has cells with nuclei for QuPath."
        )
        tip = "Names of the classes from 1 on, with commas between; empty for those that are known."
        self.class_names.setToolTip(tip)
        self.extent = extent_box("Whether an object is measured in each plane, or as a volume.")
        self.formats = FormatsBox(self.image, self.nuclei)
        self.folder, self.browse = QLineEdit(), QPushButton("Browse…")
        self.folder.setPlaceholderText("Choose a folder")
        self.folder.setToolTip("Where the files are written.")
        self.name = QLineEdit()
        self.name.setToolTip("The names of all files begin with it, such as NAME_instances.tif.")
        self.replace, self.written = QCheckBox("Replace files"), Words()
        self.browse.clicked.connect(self._browse)
        self.instances.changed.connect(self.show_choice)
        self.semantic.changed.connect(self.show_choice)
        self.image.changed.connect(self._show_extent)
        self._lay_out(widget)
        self.show_choice()

    def target(self) -> Target:
        """Return what is written and where.

        Raises
        ------
        UserError
            If no folder or no name is given.
        """
        folder, name = self.folder.text().strip(), self.name.text().strip()
        if not folder:
            raise UserError("No folder is chosen: click Browse… and choose one.")
        if not name:
            raise UserError("The files have no name: choose a layer, or type one under Name.")
        formats = tuple(self.formats.chosen)
        return Target(
            Path(folder).expanduser(),
            name,
            formats,
            self.replace.isChecked(),
            () if self.semantic.value is None else self._class_names(),
        )

    def show_choice(self, _: object = None) -> None:
        """Show what there is to choose for the layers that are chosen."""
        instances, semantic = self.instances.value, self.semantic.value
        self._show_extent()
        self.rows.setRowVisible(self.class_names, semantic is not None)
        self.class_names.setPlaceholderText(
            ", ".join(self._known_names()) or "such as neuron, glia"
        )
        self.formats.show_objects(instances is not None)
        layer = semantic if instances is None else instances
        self.name.setText("" if layer is None else _proposed_name(layer))

    def _show_extent(self, _: object = None) -> None:
        objects = self.instances.value
        self.rows.setRowVisible(self.extent.native, objects is not None and is_deep(objects))
        if objects is not None:
            self.extent.value = guess_ndim(objects)

    def _class_names(self) -> tuple[str, ...]:
        typed = self.class_names.text().strip()
        return tuple(map(str.strip, typed.split(","))) if typed else self._known_names()

    def _known_names(self) -> tuple[str, ...]:
        """Return what the classes are called in a chosen annotation, or by the model."""
        objects, semantic = self.instances.value, self.semantic.value
        return () if None in (objects, semantic) else class_names(objects, semantic)

    def _lay_out(self, widget: WorkingWidget) -> None:
        self.rows = rows(
            ("Objects", self.instances),
            ("Measured", self.extent),
            ("Classes", self.semantic),
            ("Class names", self.class_names),
        )
        where = rows(("Results in", beside(self.folder, self.browse)), ("Name", self.name))
        told = place(widget.progress, widget.error)
        below = (where, self.replace, widget.button, told, self.written)
        fill(widget, help_row("Export"), self.rows, self.formats.seen, self.formats.folded, *below)

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(None, "Export to", self.folder.text())
        if folder:
            self.folder.setText(folder)


def _proposed_name(layer: Labels) -> str:
    """Return what files are called: after the image, and those of another layer of it otherwise."""
    parts, name = layer.metadata.get(ANNOTATION), own_name(layer)
    if parts is not None:
        return f"{file_name(parts.name_now(), '')}_annotation"
    number = layer.name.removeprefix(name).strip(" []")
    return file_name(image_name(name), "") + (f"_{int(number) + 1}" if number else "")
