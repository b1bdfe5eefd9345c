"""Which numbers the objects of a layer have, where its planes are segmented one by one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


class TakenNumbers:
    """Gives the objects of each part of a layer numbers that no other part has.

    What was written is remembered, so that nothing has to be looked at again: a layer may be larger
    than the memory. A part that is written again has its numbers anew, the lowest that are free in
    one piece, so that they are the same for the same objects and are not used up.
    """

    def __init__(self) -> None:
        self._spans: dict[frozenset[tuple[int, int]], tuple[int, int]] = {}

    def numbered(self, labels: np.ndarray, planes: Mapping[int, int]) -> np.ndarray:
        """Return labels of a part with the numbers that they get in the layer.

        Parameters
        ----------
        labels
            Integers, 0 = no object; the objects of the part, from 1 on.
        planes
            Which plane the part is, by axis of the layer; empty for all of it.
        """
        part = frozenset(planes.items())
        self._spans = {other: each for other, each in self._spans.items() if not part <= other}
        count = int(labels.max(initial=0))
        before = self._free(count)
        self._spans[part] = before, before + count
        return np.where(labels, labels + labels.dtype.type(before), 0) if before else labels

    def _free(self, count: int) -> int:
        """Return the number after which there are so many that are free."""
        end = 0
        for before, last in sorted(self._spans.values()):
            if before - end >= count:
                break
            end = max(end, last)
        return end
