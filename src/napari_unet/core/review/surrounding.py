"""An object that lies around the others, as the background does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import skimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

_EDGE = 0.25
"""Share of a plane's edge that the background covers at least."""
_PIECES, _LEAST = 3, 5
"""So many pieces lie in it at least, of so many pixels."""


def surrounding(instances: NDArray[Any], ignored: NDArray[np.bool_]) -> int:
    """Return the number of the object that surrounds others as the background does; 0 for none.

    Parameters
    ----------
    instances
        Integer ``(*spatial)``, 0 = no object.
    ignored
        Which pixels do not count, bool of the same shape.
    """
    sides = instances[..., [0, -1], :], instances[..., [0, -1]]
    edge = np.concatenate([side.ravel() for side in sides])
    numbers, counts = np.unique(edge, return_counts=True)
    number = int(numbers[counts.argmax()])
    if not number or counts.max() <= _EDGE * edge.size:
        return 0
    others = skimage.measure.label((instances != number) & ~ignored)  # type: ignore[no-untyped-call]
    return number if np.count_nonzero(np.bincount(others.ravel())[1:] >= _LEAST) >= _PIECES else 0
