"""What the *Annotate* widget shows."""

from __future__ import annotations

from collections.abc import Sequence

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from qtpy.QtWidgets import QCheckBox, QGridLayout, QRadioButton, QWidget

from napari_unet.ui.annotate.class_table import ClassTable
from napari_unet.ui.annotate.layer_boxes import AnnotationBox, ResultBox, StartBox
from napari_unet.ui.annotate.saving.leftover import Leftover
from napari_unet.ui.annotate.saving.open_button import OpenButton
from napari_unet.ui.annotate.saving.save_button import SaveButton
from napari_unet.ui.annotate.tools.edit_tools import TOOLS
from napari_unet.ui.annotate.tools.tool_line import ToolLine
from napari_unet.ui.help.page import help_row
from napari_unet.ui.layers.below import axes_below
from napari_unet.ui.widgets.axes_box import AxesBox
from napari_unet.ui.widgets.choices import IMAGE, PAINTED
from napari_unet.ui.widgets.layer_box import LayerBox
from napari_unet.ui.widgets.layout import (
    below,
    beside,
    button,
    fill,
    group,
    place,
    rows,
    tool_button,
)
from napari_unet.ui.widgets.shared_box import share_layers
from napari_unet.ui.widgets.words import Words
from napari_unet.ui.work.dock_widget import DockWidget
from napari_unet.ui.work.error_line import ErrorLine

SCHEME = (
    "Paint objects; mark background. Inside a training rectangle everything unpainted is "
    "background; elsewhere only what is painted counts."
)


class AnnotateForm:
    """The parts of the *Annotate* widget and where they lie; what they do is said there."""

    def __init__(self, viewer: ViewerModel, widget: DockWidget) -> None:
        connections, self.error = widget.connections, widget.error
        self.work_error, self.file_error = ErrorLine(), ErrorLine()
        self.image = LayerBox(viewer, Image, connections)
        self.axes = AxesBox(lambda layer: axes_below(layer, self.start.value))
        self.start = StartBox(viewer, Labels, connections, none="nothing")
        self.image.changed.connect(self.start.follow_image)
        self.start.tooltip = "A result whose objects are copied, so that you only correct them."
        tip = "Add the layers to paint in: objects, marks and rectangles."
        self.create = button("New annotation", tip, high=True)
        self.leftover = Leftover(self.error)
        self.scheme = Words(SCHEME)
        self.annotation = AnnotationBox(viewer, Labels, connections)
        share_layers({IMAGE: self.image, PAINTED: self.annotation}, viewer, connections)
        self.annotation.tooltip = "The annotation that is worked on."
        self.result = ResultBox(viewer, connections, self.annotation)
        self.open = OpenButton(self.image, self.file_error)
        self.save = SaveButton(viewer, self.file_error)
        self._make_paint_buttons()
        for event in (viewer.layers.events.inserted, viewer.layers.events.removed):
            connections.add(event, self._show_result)
        self._make_tool_buttons()
        self.classes = ClassTable(self.work_error)
        self.work = below(
            group("Paint", below(self._painting, self.protect, self._taking)),
            group("Correct", self._correcting),
            group("Classes", self.classes),
        )

    def put_into(self, widget: QWidget) -> None:
        """Lay the parts out in a widget."""
        self._rows = rows(("Image", self.image), ("Axes", self.axes), ("Start from", self.start))
        work = (rows(("Work on", self.annotation)), self.work, self.work_error)
        files = (beside(self.open, self.save), self.file_error)
        start = (self._rows, self.create, place(self.leftover, self.error), self.scheme)
        fill(widget, help_row("Annotate"), *start, *work, *files)
        for box in (self.image, self.start):
            box.changed.connect(self._show_axes)
        self._show_axes()

    def _show_axes(self, _: Layer | None = None) -> None:
        self._rows.setRowVisible(self.axes, self.axes.show_layer(self.image.value))

    def _show_result(self, _: object = None) -> None:
        self._taking.setVisible(self.result.offers())

    def show_stack(self, stack: bool) -> None:
        """Show what only stacks need."""
        for part in (self.all_planes, self.extent, self.fill_planes):
            part.setVisible(stack)

    def _make_paint_buttons(self) -> None:
        self.object = tool_button("New object  (N)", "Paint an object with the next free number.")
        tip = "Click objects that were missed: each click adds one."
        self.add = tool_button("Add object  (Q)", tip)
        tip = "Click what is no object: each click removes one."
        self.remove = tool_button("Remove object  (R)", tip)
        self.background = tool_button("Background", "Mark what is background, in blue.")
        self.ignore = tool_button("Ignore", "Mark what is to be left out, in grey.")
        self.rectangle = tool_button("Draw rectangle", "Draw a training rectangle.")
        self.plane = tool_button("Whole image", "Put a training rectangle over the image in view.")
        self.all_planes = tool_button("All planes", "Put a training rectangle over every plane.")
        tip = "Copy the objects in view from a result, where nothing is painted."
        self.take = tool_button("Take from  (T)", tip)
        self.protect = QCheckBox("Protect finished objects", checked=True)
        self.protect.setToolTip(
            "Brush, fill and polygon leave other objects as they are, and the eraser rubs out the "
            "selected object only. Uncheck it to paint a border between two objects anew."
        )
        self._taking = beside(self.take, self.result)
        self._taking.layout().setStretch(1, 1)  # names are longer than what stands on the button
        self._painting = QWidget()
        parts = [self.object, self.background, self.rectangle, self.ignore, self.plane]
        _fill(self._painting, parts)
        self._painting.layout().addWidget(self.all_planes, 2, 1)
        self._show_result()

    def _make_tool_buttons(self) -> None:
        self.pick = tool_button("Pick  (S)", "Click objects in the image to pick them.")
        self.cut = tool_button("Split  (C)", "Draw a line through an object to split it in two.")
        for tool in (self.add, self.remove, self.pick, self.cut):
            tool.setCheckable(True)
        self.picked = ToolLine()
        self.tools = {tool: tool_button(tool.label, tool.tip) for tool in TOOLS}
        tip = "Delete all objects that touch the image's edge."
        self.edge = tool_button("Clear edge  (W)", tip)
        tip = "Paint the picked objects in the planes between painted ones."
        self.fill_planes = tool_button("Fill planes  (I)", tip)
        self.flat = QRadioButton("This plane", checked=True)
        self.whole = QRadioButton("Whole object")
        self.flat.setToolTip("Correct only the plane that is in view.")
        self.whole.setToolTip("Correct objects in all planes at once.")
        self.extent = beside(self.flat, self.whole)
        grid, clicked = QWidget(), [self.add, self.remove, self.pick, self.cut]
        _fill(grid, [*clicked, *self.tools.values(), self.edge, self.fill_planes])
        self._correcting = below(self.picked, grid, self.extent)


def _fill(widget: QWidget, parts: Sequence[QWidget]) -> None:
    grid = QGridLayout(widget)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setSpacing(4)
    for index, part in enumerate(parts):
        grid.addWidget(part, index // 2, index % 2)
