"""Work on one annotation: painting, picking, correcting, with shortcuts on its layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from napari.components import ViewerModel
from napari.layers import Labels, Layer, Shapes
from qtpy.QtCore import QObject, Signal

from napari_unet.core.errors import UserError
from napari_unet.core.instances import edit
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.class_layer import ClassLayer
from napari_unet.ui.annotate.class_table import MOST
from napari_unet.ui.annotate.rectangles import add_planes
from napari_unet.ui.annotate.saving.autosave import Autosave
from napari_unet.ui.annotate.tools.cut_line import CutLine, rasterized
from napari_unet.ui.annotate.tools.edit_tools import (
    TOOLS,
    Tool,
    edit_objects,
    split_objects,
    take_objects,
    write,
)
from napari_unet.ui.annotate.tools.picks import Picks
from napari_unet.ui.annotate.watch import AnnotationWatch
from napari_unet.ui.layers.arrays import part_of
from napari_unet.ui.layers.channel_axis import (
    channel_axis,
    pixels_in,
    place_in_pixels,
    with_channel,
)
from napari_unet.ui.layers.in_view import Index, field_of_view, plane_in_view, without_channel
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.threads import report_user_errors

T = TypeVar("T")
CLASSES = range(1, MOST + 1)
TAKEN = ("A", "D", "I", "S", "T")
"""Keys that napari has its own use for while rectangles are drawn."""


class AnnotationSession(QObject):
    """Everything that can be done to one annotation while the widget is open.

    Parameters
    ----------
    viewer
        The viewer.
    layer
        The objects of the annotation.

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

    def __init__(self, viewer: ViewerModel, layer: Labels) -> None:
        super().__init__()
        self.viewer, self.layer = viewer, layer
        self.whole, self.new_class = False, 1
        self.source: Labels | None = None
        self._fresh: int | None = None
        self._connections = Connections()
        self.picks, self.cut = Picks(viewer, layer), CutLine(viewer, layer)
        self.classes, self.autosave = ClassLayer(viewer, layer), Autosave(layer)
        self._watch = AnnotationWatch(viewer, layer, self._connections)
        self._watch.painted.connect(self._painted)
        self._watch.replaced.connect(self.classes.update)
        self._watch.changed.connect(self.autosave.changed)
        self.cut.drawn.connect(self._split)
        self._keys = self._bind_keys()

    @property
    def parts(self) -> AnnotationLayers:
        """What belongs to the objects of the annotation."""
        parts: AnnotationLayers = self.layer.metadata[ANNOTATION]
        return parts

    def quit(self) -> None:
        """Let go of the layers."""
        for part, key in self._keys:
            part.bind_key(key, None)
        self.cut.stop()
        self.picks.stop()
        self.picks.clear()
        self._connections.undo()
        self.classes.quit()
        self.autosave.quit()

    def take_brush(self) -> None:
        """Be ready to paint an object with the next number."""
        self.layer.selected_label = edit.next_number(self.layer.data)
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
        """Draw training rectangles."""
        self._activate(self._rectangles(), "add_rectangle")

    def add_rectangles(self, everywhere: bool) -> None:
        """Add a training rectangle over the whole plane in view, or over every plane."""
        channel, shape = channel_axis(self.layer), pixels_in(self.layer).shape
        view = plane_in_view(self.viewer, self.layer)
        start = [part if isinstance(part, int) else 0 for part in view]
        here = tuple(place_in_pixels(start, channel)[:-2].tolist())
        planes = list(np.ndindex(*shape[:-2])) if everywhere else [here]
        add_planes(self._rectangles(), shape, planes, channel)

    def choose_class(self, number: int) -> None:
        """Choose the class of objects that are painted next."""
        self.new_class = number
        selected = self.layer.selected_label
        if selected == self._fresh and selected not in self.layer.data:
            self.parts.classes[selected] = number

    def give_class(self) -> None:
        """Give the chosen class to the picked objects."""
        self.parts.classes |= dict.fromkeys(self._numbers(), self.new_class)
        self.classes.update()
        self.autosave.changed()

    def toggle_picking(self) -> None:
        """Start or stop picking objects."""
        (self.picks.stop if self.picks.active else self.picks.start)()

    def toggle_cutting(self) -> None:
        """Start or stop drawing a line that splits objects."""
        (self.cut.stop if self.cut.active else self.cut.start)()

    def use(self, tool: Tool) -> None:
        """Correct the picked objects."""
        numbers = self._numbers()
        edit_objects(self.layer, self._region(), numbers, tool.change)
        left = numbers[:1] if tool.change is edit.merge else numbers
        self.picks.keep([] if tool.change is edit.delete else left)
        self._edited()

    def take(self) -> None:
        """Copy the objects in view of another layer to where nothing is painted."""
        if self.source is None:
            raise UserError("There is no result to take objects from: segment the image first.")
        labels = pixels_in(self.source)
        if labels.shape != pixels_in(self.layer).shape:
            raise UserError(
                f"“{self.source.name}” is not of this annotation's size: choose one that was made "
                "for this image."
            )
        labels = with_channel(labels, channel_axis(self.layer))
        ends = np.array(field_of_view(self.viewer, self.layer) or [[0], [None]]).T.tolist()
        numbers = np.unique(np.asarray(part_of(labels, tuple(slice(*each) for each in ends))))
        numbers = numbers[numbers > 0].tolist()
        if not numbers:
            raise UserError(f"“{self.source.name}” has no object here: move to where one is.")
        new = take_objects(self.layer, self._region(), labels, numbers)
        self.parts.classes |= dict.fromkeys(new, self.new_class)
        self._edited()

    def clear_edge(self) -> None:
        """Delete all objects that touch the image's edge."""
        region = self._region()
        labels = self.layer.data[region]
        write(self.layer, region, edit.clear_border(labels, (labels.ndim - 2, labels.ndim - 1)))
        self._edited()

    def fill_planes(self) -> None:
        """Paint the picked objects in the planes between those where they are painted."""
        region = list(plane_in_view(self.viewer, self.layer))
        if pixels_in(self.layer).ndim < 3:
            raise UserError("This image has one plane only, so there are no planes to fill.")
        hidden = self._hidden(region) or [0]
        region[hidden[-1]] = slice(None)
        axis = sum(isinstance(part, slice) for part in region[: hidden[-1]])
        for number in self._numbers():
            edit_objects(self.layer, tuple(region), [number], partial(_interpolated, axis=axis))
        self._edited()

    def _actions(self) -> dict[str, Callable[[], None]]:
        return {
            "N": self.new_object,
            "S": self.toggle_picking,
            "C": self.toggle_cutting,
            "A": self.give_class,
            "T": self.take,
            "W": self.clear_edge,
            "I": self.fill_planes,
            **{tool.key: partial(self.use, tool) for tool in TOOLS},
            **{f"Control-{number}": partial(self.class_asked.emit, number) for number in CLASSES},
        }

    def _bind_keys(self) -> list[tuple[Layer, str]]:
        """Let the shortcuts work on the annotation's own layers; return what is bound where."""
        actions, owned = self._actions(), self.parts
        free = [key for key in actions if key not in TAKEN]
        parts = (self.layer, actions), (owned.marks, actions), (owned.rectangles, free)
        bound = [(part, key) for part, keys in parts if part is not None for key in keys]
        for part, key in bound:
            part.bind_key(key, _reporting(actions[key]), overwrite=True)
        return bound

    def _region(self) -> Index:
        whole = without_channel(self.layer, (slice(None),) * self.layer.ndim)
        return whole if self.whole else plane_in_view(self.viewer, self.layer)

    def _hidden(self, region: Sequence[int | slice]) -> list[int]:
        """Return along which axes a region is one plane of several."""
        channel = channel_axis(self.layer)
        planes = [axis for axis, part in enumerate(region) if isinstance(part, int)]
        return [axis for axis in planes if axis != channel]

    def _numbers(self) -> list[int]:
        numbers = self.picks.numbers or [self.layer.selected_label]
        if numbers == [0]:
            raise UserError("No object is picked: click Pick, then click an object.")
        return numbers

    def _split(self, corners: np.ndarray) -> None:
        report_user_errors(partial(self._split_along, corners))

    def _split_along(self, corners: np.ndarray) -> None:
        view = plane_in_view(self.viewer, self.layer)
        line = rasterized(corners, self.layer.data.shape, view)
        if self.whole:
            hidden, channel = self._hidden(view), channel_axis(self.layer)
            axes = [axis for axis in range(len(view)) if axis != channel]
            line = line[tuple(np.newaxis if axis in hidden else slice(None) for axis in axes)]
        parts = split_objects(self.layer, self._region(), self.picks.numbers, line)
        classes = self.parts.classes
        classes |= {new: classes.get(old, 1) for new, old in parts.items()}
        self.picks.clear()
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
        self.picks.stop()
        self.cut.stop()
        layer.visible = True
        self.viewer.layers.selection.active = layer
        layer.mode = mode


def _reporting(action: Callable[[], None]) -> Callable[[Any], None]:
    return lambda layer: report_user_errors(action)


def _interpolated(labels: np.ndarray, numbers: Sequence[int], axis: int) -> np.ndarray:
    return edit.interpolate(labels, numbers[0], axis)
