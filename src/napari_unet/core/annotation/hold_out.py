"""Part of a single image kept for validation, where there is no second one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


_SHARE = 0.25
"""Share of the annotated pixels that is kept."""
_FEWEST = 2
"""Objects that must lie wholly in each part."""


def cut_in_two(
    labels: NDArray[Any], ignored: NDArray[np.bool_], *, semantic: bool = False
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Cut an annotation across its longest axis.

    Parameters
    ----------
    labels
        Instances, or classes if `semantic`, integer.
    ignored
        True where pixels take no part.

    Returns
    -------
    Two masks, bool of the same shape: where pixels do not belong to the first part, with three
    quarters of the annotated pixels, and where they do not belong to the second; None if a part
    would have fewer than two whole objects, or miss a class.
    """
    places = np.nonzero(~ignored)
    if not places[0].size:
        return None
    axis = int(np.argmax([np.ptp(along) for along in places]))
    cut = int(np.quantile(places[axis], 1 - _SHARE))
    index = np.arange(labels.shape[axis])
    beyond = np.broadcast_to(
        (index > cut).reshape([-1 if each == axis else 1 for each in range(labels.ndim)]),
        labels.shape,
    )
    parts = ignored | beyond, ignored | ~beyond
    first, second = (set(np.unique(labels[~part]).tolist()) - {0} for part in parts)
    if semantic:
        enough = first == second
    else:
        enough = min(len(first - second), len(second - first)) >= _FEWEST
    return parts if enough else None
