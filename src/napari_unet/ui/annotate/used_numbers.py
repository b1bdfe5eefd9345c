"""Which numbers the objects of an annotation have, without a look at all of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from napari.layers import Labels
from qtpy.QtCore import QObject, QTimer

from napari_unet.core.instances.edit import next_number
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.watch import AnnotationWatch
from napari_unet.ui.layers.metadata import ANNOTATION
from napari_unet.ui.work.copies import ChunkedCopier, at_once, chunked_max
from napari_unet.ui.work.dock_widget import Connections
from napari_unet.ui.work.threads import report

DELAY = 300
"""Milliseconds after the last sign that something was written without being painted."""


class UsedNumbers(QObject):
    """Keeps the highest number of an annotation's objects, so that no click has to look for it.

    What is painted or corrected tells its number. What was undone, or written into the array by
    somebody else, is looked for a chunk at a time.

    Parameters
    ----------
    layer
        The objects of an annotation.
    watch, connections
        Tells when they may have changed anywhere, and where connections are kept.
    """

    def __init__(self, layer: Labels, watch: AnnotationWatch, connections: Connections) -> None:
        super().__init__()
        self._layer = layer
        self._parts: AnnotationLayers = layer.metadata[ANNOTATION]
        self._painted = 0
        self._copier = ChunkedCopier(self)
        self._timer = QTimer(self, singleShot=True, interval=DELAY)
        self._timer.timeout.connect(self._look)
        self._doubtful = False
        watch.replaced.connect(self._doubt)
        connections.add(layer.events.paint, self._paint)
        connections.add(layer.events.data, self._forget)
        if self._parts.highest is None:
            self._look()

    def quit(self) -> None:
        """Follow no longer: what is painted from now on is not known."""
        self._timer.stop()
        self._copier.quit()
        self._parts.highest = None

    def are_below(self, number: int) -> bool:
        """Return whether all numbers that are used are lower than this one."""
        return self._highest() < number

    def after(self, labels: np.ndarray, unlike: Sequence[int] = ()) -> int:
        """Return a number that no object has.

        Parameters
        ----------
        labels
            A part of the layer, in which somebody may have written without telling.
        unlike
            Objects from which it is told apart by its colour: napari has 49, again and again.

        Raises
        ------
        UserError
            If the layer's dtype holds no larger number.
        """
        first = next_number(labels, self._highest())
        free = np.arange(first, first + len(unlike) + 1, dtype=np.int64)
        used = self._colours(np.array(unlike, np.int64))
        colours = zip(free, self._colours(free), strict=True)
        return next((int(number) for number, colour in colours if colour not in used), first)

    def _colours(self, numbers: np.ndarray) -> list[tuple[float, ...]]:
        return [tuple(self._layer.colormap.map(number)) for number in numbers]

    def _highest(self) -> int:
        if self._parts.highest is None or self._doubtful:
            self._timer.stop()
            self._copier.quit()
            self._painted = 0
            self._keep(at_once(chunked_max(self._layer.data)))
        return max(self._parts.highest or 0, self._painted)

    def _doubt(self) -> None:
        """Look again when nothing happens for a while; who needs to know before then waits."""
        self._doubtful = True
        self._timer.start()

    def _paint(self, event: Any) -> None:
        painted = (np.max(values, initial=0) for *_, values in event.value)
        self._painted = max(self._painted, *map(int, painted))

    def _forget(self, event: Any = None) -> None:
        self._parts.highest, self._painted = None, 0
        self._look()

    def _look(self) -> None:
        if self._parts.highest is not None:
            self._parts.highest = max(self._parts.highest, self._painted)
        self._painted = 0
        self._copier.begin(partial(chunked_max, self._layer.data), self._keep, report)

    def _keep(self, highest: int) -> None:
        self._parts.highest, self._doubtful = highest, self._timer.isActive()
