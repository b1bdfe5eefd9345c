"""Lines of a scan or a camera that stand off from those beside them.

Where a scan to and fro is out of step, a line is left out, or the light flickers, each row is
unlike the next one, though along it grey values change as slowly as ever. What a microscope sees
changes as fast along rows as along columns; fibres and membranes that all lie one way do not, but
go on over several rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.image.look.sharpness import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_unet.core.image.normalize import Limits

_SMOOTHED = 1.5
"""Sigma in pixels along a line, against noise."""
_MOST = 0.95
"""Share of the lines that is looked at: a frame, text, or a single broken row is not meant."""
_JUMPS = 0.6
"""Between a line and the next there is so much of what is between it and the one after; of what
changes slowly there is a quarter, of noise all."""


def lines(
    windows: Sequence[NDArray[np.generic]], limits: Limits, by: Sequence[float] = (1.0, 1.0)
) -> float:
    """Return how many times more rows differ from the next ones than columns do, or columns.

    Parameters
    ----------
    windows, limits, by
        As for `napari_unet.core.image.look.sharpness.sharpness`.

    Returns
    -------
    About 1 for noise, and 0 where grey values change slowly from line to line.
    """
    seen = [*parts(windows, limits, by[-2:])]
    rows, columns = _steps(seen), _steps([each.T for each in seen])
    pairs = (rows, columns[0]), (columns, rows[0])
    return max(
        near / max(other, float(np.finfo(np.float32).tiny)) if near > _JUMPS * far else 0.0
        for (near, far), other in pairs
    )


def _steps(seen: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
    """Return the mean square between rows that are one and two apart."""
    from scipy import ndimage  # noqa: PLC0415 - slow to load, and the window knows this module

    smooth = [ndimage.gaussian_filter1d(each, _SMOOTHED, axis=1) for each in seen]
    near, far = (_usual([each[apart:] - each[:-apart] for each in smooth]) for apart in (1, 2))
    return near, far


def _usual(steps: Sequence[NDArray[Any]]) -> float:
    """Return the mean square of all lines but the most different."""
    squares = np.sort(np.concatenate([np.square(each).mean(axis=1) for each in steps]))
    kept = squares[: round(_MOST * len(squares))]
    return float(kept.mean()) if kept.size else 0.0
