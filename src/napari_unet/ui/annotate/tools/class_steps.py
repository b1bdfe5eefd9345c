"""Classes that are given to objects, or removed, each time as one step that napari can undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from napari.layers import Labels
from qtpy.QtCore import QObject, Signal

from napari_unet.core.annotation.annotation import free_class, usual_class
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.dock_widget import Connections


class ClassStep(tuple[Any, ...]):
    """A step in the history of a layer that changes classes, and no pixel.

    To napari it is what all steps are: indices, and the values there before and after.

    Attributes
    ----------
    before, after
        Classes by number of object; before, some may have none.
    done
        Whether it is done, and not taken back.
    """

    before: dict[int, int]
    after: dict[int, int]
    done: bool

    @classmethod
    def of(cls, ndim: int, before: dict[int, int], after: dict[int, int]) -> Self:
        """Return a step that was just done in a layer of some axes."""
        none = np.zeros(0, np.int64)
        step = cls(((none,) * ndim, none, none))
        step.before, step.after, step.done = before, after, True
        return step

    @classmethod
    def is_all(cls, event: Any) -> bool:
        """Return whether an event of painting tells of classes only."""
        return all(isinstance(each, cls) for each in event.value)

    def change(self, parts: AnnotationLayers) -> None:
        """Take the step back if it is done, else do it again."""
        self.done = not self.done
        for number in self.after:
            parts.classes.pop(number, None)
        parts.classes |= self.after if self.done else self.before


class RemovedClass(ClassStep):
    """A step that removes a class, of which `before` has the objects.

    Attributes
    ----------
    number, name, colour
        The class.
    """

    number: int

    def remove_from(self, parts: AnnotationLayers) -> None:
        """Remove the class from an annotation; its objects get the first one."""
        at = self.number - 1
        self.name, self.colour = parts.class_names.pop(at), parts.class_colours.pop(at)
        for each, value in parts.classes.items():
            parts.classes[each] = 1 if value == at + 1 else value - (value > at)

    def change(self, parts: AnnotationLayers) -> None:
        """Put the class back if it is removed, else remove it again."""
        self.done = not self.done
        if self.done:
            self.remove_from(parts)
            return
        names, free = parts.class_names, free_class(self.number, parts.class_names)
        names.insert(self.number - 1, usual_class(free) if self.name in names else self.name)
        parts.class_colours.insert(self.number - 1, self.colour)
        moved = {each: value + (value >= self.number) for each, value in parts.classes.items()}
        parts.classes |= moved | self.before


class ClassSteps(QObject):
    """Gives classes to the objects of an annotation, removes them, and follows when that is undone.

    Parameters
    ----------
    layer
        The objects of an annotation.
    connections
        Where connections to the layer are kept.

    Attributes
    ----------
    followed
        Emitted when classes were removed, taken back, or given again.
    """

    followed = Signal()

    def __init__(self, layer: Labels, connections: Connections) -> None:
        super().__init__()
        self._layer = layer
        self._parts: AnnotationLayers = layer.metadata[ANNOTATION]
        connections.add(layer.events.set_data, self._follow)
        self._follow()

    def give(self, numbers: Sequence[int], value: int) -> None:
        """Give a class to objects."""
        classes, after = self._parts.classes, dict.fromkeys(numbers, value)
        before = {number: classes[number] for number in numbers if number in classes}
        if before == after:
            return
        classes |= after
        self._keep(ClassStep.of(self._layer.ndim, before, after))

    def remove(self, number: int) -> None:
        """Remove a class; its objects get the first one."""
        before = [each for each, value in self._parts.classes.items() if value == number]
        step = RemovedClass.of(self._layer.ndim, dict.fromkeys(before, number), {})
        step.number = number
        step.remove_from(self._parts)
        self._keep(step)
        self.followed.emit()

    def _keep(self, step: ClassStep) -> None:
        self._parts.class_steps.append(step)
        self._layer._save_history(step)  # napari has no other way to add one

    def _follow(self, event: Any = None) -> None:
        """Look which steps napari has taken back or done again, which it tells nobody."""
        if not self._parts.class_steps:
            return
        past, future = _steps_in(self._layer._undo_history), _steps_in(self._layer._redo_history)
        steps = [each for each in self._parts.class_steps if id(each) in past | future]
        undone = [each for each in reversed(steps) if each.done and id(each) in future]
        again = [each for each in steps if not each.done and id(each) in past]
        self._parts.class_steps = steps
        for step in undone + again:
            step.change(self._parts)
        if undone or again:
            self.followed.emit()


def _steps_in(history: Any) -> set[int]:
    return {id(each) for item in history for each in item if isinstance(each, ClassStep)}
