"""Work on one annotation: painting, picking, correcting, with shortcuts on its layers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Shapes
from qtpy.QtCore import QObject, Signal

from napari_unet.core.errors import UserError
from napari_unet.core.instances import edit
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.class_layer import ClassLayer
from napari_unet.ui.annotate.class_table import MOST
from napari_unet.ui.annotate.rectangles import add_planes
from napari_unet.ui.annotate.saving.autosave import autosave_of
from napari_unet.ui.annotate.tools.add_object import AddObject
from napari_unet.ui.annotate.tools.class_steps import ClassSteps
from napari_unet.ui.annotate.tools.click_tool import ClickTool
from napari_unet.ui.annotate.tools.cut_line import CutLine, crossed
from napari_unet.ui.annotate.tools.edit_dimensions import skip_channels
from napari_unet.ui.annotate.tools.edit_tools import (
    TOOLS,
    Tool,
    edit_objects,
    split_objects,
    write,
)
from napari_unet.ui.annotate.tools.picks import Picks
from napari_unet.ui.annotate.tools.planes import (
    axes_apart,
    check_flat,
    fill_planes,
    frame_in_view,
    line_in_view,
)
from napari_unet.ui.annotate.tools.shortcuts import bind_keys
from napari_unet.ui.annotate.tools.take import take_in_view
from napari_unet.ui.annotate.used_numbers import UsedNumbers
from napari_unet.ui.annotate.watch import AnnotationWatch
from napari_unet.ui.layers.channel_axis import channel_axis, pixels_in, place_in_pixels
from napari_unet.ui.layers.in_view import Index, plane_in_view, without_channel
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.error_line import ErrorLine

T = TypeVar("T")
CLASSES = range(1, MOST + 1)
ADD = "Click the middle of a missed object to add it."
REMOVE = "Click an object that is wrong to remove it."


class AnnotationSession(QObject):
    """Everything that can be done to one annotation while the widget is open.

    Parameters
    ----------
    viewer
        The viewer.
    layer
        The objects of the annotation.
    errors
        Where it is said what went wrong.

    Attributes
    ----------
    whole
        Whether corrections are made to whole objects, rather than in the plane in view.
    new_class
        The class of objects that are painted next.
    source
        The layer from which objects are taken.
    class_asked
        Brings the number of a class whose shortcut was pressed.
    """

    class_asked = Signal(int)

    def __init__(self, viewer: ViewerModel, layer: Labels, errors: ErrorLine) -> None:
        super().__init__()
        self.viewer, self.layer, self._errors = viewer, layer, errors
        self.whole, self.new_class = False, 1
        self.source: Labels | None = None
        self._fresh: int | None = None
        self._connections = Connections()
        self.picks, self.cut = Picks(viewer, layer), CutLine(viewer, layer)
        self.add, self.remove = ClickTool(viewer, layer, ADD), ClickTool(viewer, layer, REMOVE)
        self.classes, self.autosave = ClassLayer(viewer, layer), autosave_of(viewer, layer)
        # unlike a method, it outlives the line
        self.autosave.failed = partial(ErrorLine.show_error, errors)
        self._connections.add(viewer.layers.events.removed, self.picks.forget)
        for event in (viewer.dims.events.order, viewer.dims.events.ndisplay):
            self._connections.add(event, self._check_drawing)
        self._watch = AnnotationWatch(viewer, layer, self._connections)
        for painted in filter(None, (layer, self.parts.marks)):
            skip_channels(viewer, painted, self._connections)
        self._used = UsedNumbers(layer, self._watch, self._connections)
        self.adding = AddObject(viewer, layer, self._used.after)
        self._watch.painted.connect(self._painted)
        self._watch.replaced.connect(self.classes.update)
        self.giving = ClassSteps(layer, self._connections)
        self.giving.followed.connect(self.picks.changed)
        self.cut.drawn.connect(self._split)
        self.add.clicked.connect(self._add)
        self.adding.added.connect(self._added)
        self.adding.failed.connect(errors.show_error)
        self.remove.clicked.connect(lambda event: errors.run(partial(self._remove, event)))
        self._keys = bind_keys(layer, self._actions(), errors.run)

    @property
    def parts(self) -> AnnotationLayers:
        """What belongs to the objects of the annotation."""
        parts: AnnotationLayers = self.layer.metadata[ANNOTATION]
        return parts

    def quit(self) -> None:
        """Let go of the layers; what is painted on them is copied all the same."""
        for part, key in self._keys:
            part.bind_key(key, None)
        self.stop_tools()
        self.picks.clear()
        self.adding.work.quit()
        self._connections.undo()
        self.classes.quit()
        self._used.quit()

    def take_brush(self) -> None:
        """Be ready to paint an object with the next number."""
        here = self.layer.data[plane_in_view(self.viewer, self.layer)]
        self.layer.selected_label = self._used.after(here)
        self._activate(self.layer, "paint")

    def new_object(self) -> None:
        """Paint an object with the next number, and of the chosen class."""
        self.take_brush()
        self._fresh = self.layer.selected_label
        self.parts.classes[self._fresh] = self.new_class

    def paint_mark(self, value: int) -> None:
        """Paint marks: background, or what is ignored."""
        marks = self._existing(self.parts.marks, "marks")
        marks.selected_label = value
        self._activate(marks, "paint")

    def draw_rectangle(self) -> None:
        """Draw training rectangles.

        Raises
        ------
        UserError
            If what is in view is no plane along Y and X.
        """
        check_flat(self.viewer, self.layer)
        self._activate(self._rectangles(), "add_rectangle")

    def _check_drawing(self, event: Any = None) -> None:
        """Draw no more rectangles where what is in view is no plane along Y and X any more."""
        drawn = self.parts.rectangles
        if drawn is None or drawn.mode != "add_rectangle":
            return
        try:
            check_flat(self.viewer, self.layer)
        except UserError as error:
            drawn.mode = "pan_zoom"
            self._errors.show_error(error)

    def add_rectangles(self, everywhere: bool) -> None:
        """Add a training rectangle over the whole plane in view, or over every plane.

        Raises
        ------
        UserError
            If what is in view is no plane along Y and X.
        """
        if not everywhere:
            check_flat(self.viewer, self.layer)
        view = plane_in_view(self.viewer, self.layer)
        start = [part if isinstance(part, int) else 0 for part in view]
        here = tuple(place_in_pixels(start, channel_axis(self.layer))[:-2].tolist())
        shape = pixels_in(self.layer).shape
        planes = list(np.ndindex(*shape[:-2])) if everywhere else [here]
        add_planes(self._rectangles(), self.layer, planes)

    def choose_class(self, number: int) -> None:
        """Choose the class of objects that are painted next."""
        self.new_class = number
        selected = self.layer.selected_label
        if selected == self._fresh and self._used.are_below(selected):
            self.parts.classes[selected] = number

    def give_class(self) -> None:
        """Give the chosen class to the picked objects."""
        self.giving.give(self._numbers(), self.new_class)
        self.viewer.layers.selection.active = self.layer  # whose steps Ctrl+Z takes back
        self.classes.update()

    def remove_class(self) -> None:
        """Remove the chosen class; its objects get the first one."""
        self.giving.remove(self.new_class)
        self.viewer.layers.selection.active = self.layer  # whose steps Ctrl+Z takes back

    def toggle(self, tool: ClickTool | CutLine) -> None:
        """Start or stop a tool; the others stop."""
        active = tool.active
        self.stop_tools()
        if not active:
            tool.start()

    def tool(self) -> ClickTool | None:
        """Return the tool that takes the clicks, if one does."""
        return next((each for each in (self.add, self.remove, self.picks) if each.active), None)

    def stop_tools(self) -> None:
        """Let clicks be what napari makes of them."""
        for tool in (self.picks, self.add, self.remove, self.cut):
            tool.stop()

    def use(self, tool: Tool) -> None:
        """Correct the picked objects."""
        numbers, region = self._numbers(), self._region()
        change = partial(tool.change, apart=axes_apart(self.layer, region))
        edit_objects(self.layer, region, numbers, change)
        self.picks.keep(numbers[: tool.kept])
        self._edited()

    def take(self) -> None:
        """Copy the objects in view of another layer to where nothing is painted."""
        new = take_in_view(self.viewer, self.layer, self.source, self._region(), self._used.after)
        self.parts.classes |= dict.fromkeys(new, self.new_class)
        self._edited()

    def clear_edge(self) -> None:
        """Delete all objects that touch the image's edge."""
        region = self._region()
        apart = axes_apart(self.layer, region)
        write(self.layer, region, edit.clear_border(self.layer.data[region], (-2, -1), apart))
        self._edited()

    def fill_planes(self) -> None:
        """Paint the picked objects in the planes between those where they are painted."""
        fill_planes(self.viewer, self.layer, self._numbers)
        self._edited()

    def _actions(self) -> dict[str, Callable[[], None]]:
        return {
            "N": self.new_object,
            "Q": partial(self.toggle, self.add),
            "R": partial(self.toggle, self.remove),
            "S": partial(self.toggle, self.picks),
            "C": partial(self.toggle, self.cut),
            "A": self.give_class,
            "T": self.take,
            "W": self.clear_edge,
            "I": self.fill_planes,
            **{tool.key: partial(self.use, tool) for tool in TOOLS},
            **{f"Control-{number}": partial(self.class_asked.emit, number) for number in CLASSES},
        }

    def _region(self) -> Index:
        whole = without_channel(self.layer, (slice(None),) * self.layer.ndim)
        return whole if self.whole else plane_in_view(self.viewer, self.layer)

    def _numbers(self) -> list[int]:
        numbers = self.picks.numbers or [self.layer.selected_label]
        if numbers == [0]:
            raise UserError("No object is picked: click Pick, then click an object.")
        return numbers

    def _split(self, corners: np.ndarray) -> None:
        self._errors.run(partial(self._split_along, corners))

    def _split_along(self, corners: np.ndarray) -> None:
        region = frame_in_view(self.viewer, self.layer, self._region())
        line = line_in_view(self.viewer, self.layer, corners, region)
        numbers = self.picks.numbers or self._crossed(corners)
        free = partial(self._used.after, unlike=numbers)
        parts = split_objects(self.layer, region, numbers, line, free)
        classes = self.parts.classes
        classes |= {new: classes.get(old, 1) for new, old in parts.items()}
        self.picks.clear()
        self._edited()

    def _crossed(self, corners: np.ndarray) -> list[int]:
        view = plane_in_view(self.viewer, self.layer)
        return crossed(self.layer.data[view], line_in_view(self.viewer, self.layer, corners, view))

    def _add(self, event: Any) -> None:
        self._errors.run(partial(self.adding.look, event.position, self.whole))

    def _added(self, number: int) -> None:
        self.parts.classes[number] = self.new_class
        self.layer.selected_label = number
        self._edited()

    def _remove(self, event: Any) -> None:
        number = self.remove.number_at(event)
        if not number:
            raise UserError("There is no object here: click the one that is to go.")
        edit_objects(self.layer, self._region(), [number], edit.delete)
        self.picks.keep([each for each in self.picks.numbers if each != number])
        self._edited()

    def _painted(self) -> None:
        number = self.layer.selected_label
        if number and self.layer.mode != "erase":
            self.parts.classes.setdefault(number, self.new_class)
        self.classes.update(plane_in_view(self.viewer, self.layer))

    def _edited(self) -> None:
        self.viewer.layers.selection.active = self.layer  # whose steps Ctrl+Z takes back
        if self.whole or self.layer.ndim > 2:
            self.classes.update()

    def _rectangles(self) -> Shapes:
        return self._existing(self.parts.rectangles, "rectangles")

    def _existing(self, part: T | None, name: str) -> T:
        if part is None:
            raise UserError(
                f"The layer of {name} of this annotation was deleted: make a new annotation that "
                f"starts from “{self.layer.name}”."
            )
        return part

    def _activate(self, layer: Any, mode: str) -> None:
        self.stop_tools()
        layer.visible = True
        self.viewer.layers.selection.active = layer
        layer.mode = mode
