"""What a segmentation is: labels, and the network's output that they were made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from napari_unet.core.decode import decode
from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.config import DecodeConfig


@dataclass(frozen=True)
class Segmentation:
    """Objects and classes of an image, with the network's output.

    ``spatial`` are the axes that the network sees at once; ``lead`` are axes of planes that were
    segmented on their own, such as time, and may be none.

    Parameters
    ----------
    instances
        ``(*lead, *spatial)`` int32, 0 = no object; no number is used in two planes.
    semantic
        ``(*lead, *spatial)`` unsigned integer, class per pixel, 0 = background.
    probabilities
        ``(K + 1, *lead, *spatial)`` float32, background first.
    height
        ``(*lead, *spatial)`` float32; None if the model has no height.
    ndim
        Number of spatial axes.
    """

    instances: NDArray[np.int32]
    semantic: NDArray[np.unsignedinteger]
    probabilities: NDArray[np.float32]
    height: NDArray[np.float32] | None
    ndim: int

    @classmethod
    def from_output(
        cls,
        probabilities: NDArray[np.float32],
        height: NDArray[np.float32] | None,
        ndim: int,
        config: DecodeConfig,
    ) -> Self:
        """Decode the network's output plane by plane.

        Parameters
        ----------
        probabilities
            As in the class.
        height
            As in the class.
        ndim
            As in the class.
        config
            Threshold, split strength and smallest size.

        Raises
        ------
        UserError
            If probabilities and height do not fit together, or the height is not finite.
        """
        shape = probabilities.shape[1:]
        if len(shape) < ndim or (height is not None and height.shape != shape):
            raise UserError(
                "Probabilities and height must have the same axes, the spatial ones last."
            )
        instances = np.zeros(shape, np.int32)
        semantic = np.zeros(shape, np.min_scalar_type(len(probabilities) - 1))
        count = 0
        for plane in np.ndindex(shape[: len(shape) - ndim]):
            found, semantic[plane] = decode(
                probabilities[(slice(None), *plane)],
                None if height is None else height[plane],
                config,
            )
            instances[plane] = np.where(found, found + count, 0)
            count += int(found.max(initial=0))
        return cls(instances, semantic, probabilities, height, ndim)

    def decoded(self, config: DecodeConfig) -> Self:
        """Return the same network output decoded with another configuration."""
        return self.from_output(self.probabilities, self.height, self.ndim, config)
