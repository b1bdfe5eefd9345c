"""The colours of a weight map: pale where background counts as usual, burning in the gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from napari.utils.colormaps import Colormap

from napari_unet.core.config import TargetConfig
from napari_unet.core.targets.weight_map import FALK_BACKGROUND, FALK_BORDER

CLEAR, PALE = [1.0, 1.0, 1.0, 0.0], [1.0, 0.95, 0.7, 0.15]
BURNING = ([1.0, 0.8, 0.2, 0.65], [0.95, 0.3, 0.05, 0.9], [0.65, 0.0, 0.1, 1.0])
STEPS = (0.26, 0.68, 1.0)
"""Where the burning colours lie between the usual weight and the highest."""


@dataclass(frozen=True)
class HeatScale:
    """Which weights are pale, and which burn most.

    Parameters
    ----------
    usual
        What background counts that lies in no gap.
    highest
        The largest weight there may be.
    """

    usual: float
    highest: float

    def colormap(self) -> Colormap:
        """Return the colours from weight 0 to the highest; only what weighs 0 is clear."""
        pale = float(np.clip(self.usual / self.highest, 1e-4, 0.5))
        burning = [pale + (1 - pale) * step for step in STEPS]
        return Colormap([CLEAR, PALE, *BURNING], name="heat", controls=[0.0, pale, *burning])


def heat_scale(
    config: TargetConfig, values: np.ndarray, factors: np.ndarray | None = None
) -> HeatScale:
    """Return how weights are shown.

    Parameters
    ----------
    config
        How they were made.
    values
        Float32, of any shape.
    factors
        How much each class counts, background first; None where that is not known.
    """
    usual = FALK_BACKGROUND if config.border == "falk2019" else 1.0
    if config.class_balance:
        counted = values[values > 0]
        least = float(counted.min()) if counted.size else usual
        usual = least if factors is None else usual * float(factors[0]) or least
    gap = {"ronneberger2015": 1 + config.w0, "falk2019": 1 + FALK_BORDER}.get(config.border, 2)
    return HeatScale(usual, max(float(gap), 2 * usual, float(values.max(initial=0))))
