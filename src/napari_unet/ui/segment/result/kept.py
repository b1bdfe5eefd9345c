"""The results of *Segment* that can still be adjusted, and which of them is in view."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import ReferenceType, ref

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer

from napari_unet.ui.layers.in_view import other_view
from napari_unet.ui.segment.result.shown import Shown

MOST_BYTES = 2**30
"""How much the results that are kept may take; the newest is kept however large it is."""


class KeptResults:
    """All results that can be adjusted, of each plane the newest, up to `MOST_BYTES`.

    Those beyond are forgotten, the oldest first: their labels stay as they are.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._kept: list[tuple[ReferenceType[Layer], Shown]] = []

    def add(self, image: Layer, shown: Shown) -> None:
        """Keep a new result of an image, in place of those that it covers."""
        left = [
            (owner, each)
            for owner, each in self._kept
            if each.is_there() and not (owner() is image and shown.covers(each))
        ]
        room = MOST_BYTES - shown.bytes
        self._kept = [*_newest(left, room), (ref(image), shown)]

    def update(self, shown: Shown) -> bool:
        """Keep a result with its objects made anew; False if it is not kept any more."""
        for place, (owner, each) in enumerate(self._kept):
            if each.token is shown.token and each.is_there():
                self._kept[place] = owner, shown.drawn()
                for later in self._later(place):
                    later.drawn()
                return True
        return False

    def in_view(self, image: Layer | None) -> Shown | None:
        """Return the newest result of an image in the plane that is in view, if there is one."""
        return next((each for each in self._of(image) if self._is_in_view(each)), None)

    def nearest(self, image: Layer | None) -> Shown | None:
        """Return the result of an image that is in view, or the newest of its other planes."""
        return self.in_view(image) or next(self._of(image), None)

    def beside(self, shown: Shown) -> list[Shown]:
        """Return the results of single planes in the same layer, this one among them."""
        return [each for _, each in self._kept if each.layer is shown.layer and each.planes]

    def place_of(self, shown: Shown) -> tuple[int, ...] | None:
        """Return which pixel of a result's layer is in view, along all its axes, or next to it.

        None where the axes are rolled, or the stack is shown in 3D: then none of its planes is.
        """
        assert shown.layer is not None
        letters = enumerate(shown.job.source.result_axes)
        within = [axis for axis, letter in letters if letter not in shown.lead]
        if other_view(self._viewer, shown.layer, within):
            return None
        last = np.array(shown.layer.data.shape) - 1
        return tuple(map(int, np.clip(self._place(shown), 0, last)))

    def _of(self, image: Layer | None) -> Iterator[Shown]:
        """Yield an image's results, the newest first."""
        for owner, each in reversed(self._kept):
            if image is not None and owner() is image and each.is_there():
                yield each

    def _later(self, place: int) -> list[Shown]:
        """Return the newer results that lie in the same part of the same layer."""
        _, shown = self._kept[place]
        later = [each for _, each in self._kept[place + 1 :] if each.layer is shown.layer]
        return [each for each in later if shown.overlaps(each)]

    def _is_in_view(self, shown: Shown) -> bool:
        place = self._place(shown)
        return all(place[axis] == plane for axis, plane in shown.planes.items())

    def _place(self, shown: Shown) -> np.ndarray:
        layer = shown.layer
        assert layer is not None
        point = self._viewer.dims.point[self._viewer.dims.ndim - layer.ndim :]
        return np.round(layer.world_to_data(point)).astype(int)


def _newest(
    kept: list[tuple[ReferenceType[Layer], Shown]], room: int
) -> list[tuple[ReferenceType[Layer], Shown]]:
    """Return the newest that fit together into some bytes."""
    taken: list[tuple[ReferenceType[Layer], Shown]] = []
    for owner, each in reversed(kept):
        room -= each.bytes
        if room < 0:
            break
        taken.insert(0, (owner, each))
    return taken
