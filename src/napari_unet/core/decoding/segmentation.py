"""What a segmentation is: labels, and the network's output that they were made from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Self

import numpy as np

from napari_unet.core.config import LinkConfig
from napari_unet.core.decoding.advice import Advice
from napari_unet.core.decoding.decode import decode
from napari_unet.core.decoding.fit import Fit, fits_best
from napari_unet.core.decoding.seen import Seen
from napari_unet.core.errors import UserError
from napari_unet.core.image.look.emptiness import note_on
from napari_unet.core.instances.link import link, note_on_lost, went_on
from napari_unet.core.progress import stop_point
from napari_unet.core.provenance.record import Provenance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from napari_unet.core.config import DecodeConfig


@dataclass(frozen=True)
class SizeMatch:
    """By what an image was resampled for a network that knows objects of another size.

    Parameters
    ----------
    by
        Pixels that the network saw per pixel of the image, per spatial axis; empty for none: the
        image kept its size.
    told
        The sentence that says so, or why nothing was done; empty where there is nothing to say.
    """

    by: tuple[float, ...] = ()
    told: str = ""

    def seen(self, config: DecodeConfig) -> DecodeConfig:
        """Return a configuration whose smallest size counts pixels of the image.

        Parameters
        ----------
        config
            One whose smallest size counts the pixels that the network saw.
        """
        return config.replace(min_size=config.smallest(self.by))


@dataclass(frozen=True)
class Segmentation:
    """Objects and classes of an image, with the network's output.

    ``spatial`` are the axes that the network sees at once; ``lead`` are axes of planes that were
    segmented on their own, such as time, and may be none.

    Parameters
    ----------
    instances
        ``(*lead, *spatial)`` int32, 0 = no object; no number is used in two planes, unless
        objects of neighbouring planes were joined.
    semantic
        ``(*lead, *spatial)`` unsigned integer, class per pixel, 0 = background.
    probabilities
        ``(K + 1, *lead, *spatial)`` float32, background first.
    height
        ``(*lead, *spatial)`` float32; None if the model has no height.
    ndim
        Number of spatial axes.
    spread
        ``(*lead, *spatial)`` float32, how far views of the image disagree about what is
        foreground; None where there was one view.
    axes
        One of the letters T, Z, Y and X per axis of the instances; empty for unknown.
    link
        Which objects of neighbouring planes or frames were joined; for that the axes are needed.
    empty
        How many planes look empty (nothing but noise or background) and have no objects for that.
    too_small
        Whether there are no objects because all were below the smallest size.
    guess
        Sentences where the objects rest on axes or channels that are only guessed; otherwise
        nothing.
    match
        By what the image was resampled for the network.
    lost
        A sentence where most objects could not be followed through time; otherwise nothing.
    seams
        A sentence where the objects depend on how the image was cut; otherwise nothing.
    gaps
        Sentences where planes, or channels of them, are even between others; otherwise nothing.
    model
        Name of the model.
    chosen
        Whether that is the one of the bundled models that fits best, and was not asked for.
    seen
        What the network made of the image.
    fit
        How well the model fits the image.
    advice
        What to do where it does not.
    made
        With what it was made.
    """

    instances: NDArray[np.int32]
    semantic: NDArray[np.unsignedinteger]
    probabilities: NDArray[np.float32]
    height: NDArray[np.float32] | None
    ndim: int
    spread: NDArray[np.float32] | None = None
    axes: str = ""
    link: LinkConfig = field(default_factory=LinkConfig)
    empty: int = 0
    too_small: bool = False
    guess: str = ""
    match: SizeMatch = SizeMatch()
    lost: str = ""
    seams: str = ""
    gaps: str = ""
    model: str = ""
    chosen: bool = False
    seen: Seen = Seen()
    fit: Fit = Fit()
    advice: Advice = field(default_factory=Advice)
    made: Provenance = field(default_factory=Provenance)

    @property
    def note(self) -> str:
        """Sentences on what was chosen, is doubtful, guessed or empty; otherwise nothing."""
        planes = prod(self.instances.shape[: self.instances.ndim - self.ndim])
        objects = int(self.instances.max(initial=0))
        empty = note_on(
            objects,
            self.empty,
            planes,
            too_small=self.too_small,
            explained=bool(self.fit.told),
        )
        chosen = fits_best(self.model) if self.chosen else ""
        doubts = self.fit.told, self.gaps, self.lost, self.seams
        told = chosen, self.guess, *doubts, self.match.told, empty, self.advice.told
        return " ".join(filter(None, told))

    @property
    def ndim_of_objects(self) -> int:
        """Number of axes along which objects extend: one more where planes were joined."""
        return 3 if self.link.planes and "Z" in self.axes else self.ndim

    @classmethod
    def from_output(
        cls,
        probabilities: NDArray[np.float32],
        height: NDArray[np.float32] | None,
        ndim: int,
        config: DecodeConfig,
        match: SizeMatch = SizeMatch(),
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
        match
            As in the class; the smallest size counts pixels that the network saw.

        Raises
        ------
        UserError
            If probabilities and height do not fit together, or the height is not finite.
        """
        instances, semantic, small = _labels(probabilities, height, ndim, match.seen(config))
        return cls(instances, semantic, probabilities, height, ndim, too_small=small, match=match)

    def decoded(self, config: DecodeConfig) -> Self:
        """Return the same network output decoded, and linked, with another configuration."""
        seen, made = self.match.seen(config), self.made.decoded(config)
        instances, semantic, small = _labels(self.probabilities, self.height, self.ndim, seen)
        found = replace(self, instances=instances, semantic=semantic, too_small=small, made=made)
        return found.linked(self.axes, self.link)

    def linked(self, axes: str, config: LinkConfig) -> Self:
        """Return the segmentation with objects of neighbouring planes and frames joined.

        Parameters
        ----------
        axes
            As in the class.
        config
            What to join; with nothing to join, numbers stay as they are.
        """
        instances = self.instances
        if config.planes or config.frames:
            instances = link(instances, axes, self.ndim, config)
        followed = config.frames and "T" in axes
        lost = note_on_lost(*went_on(instances, axes)) if followed else ""
        return replace(self, instances=instances, axes=axes, link=config, lost=lost)


def _labels(
    probabilities: NDArray[np.float32],
    height: NDArray[np.float32] | None,
    ndim: int,
    config: DecodeConfig,
) -> tuple[NDArray[np.int32], NDArray[np.unsignedinteger], bool]:
    """Return objects, classes, and whether there are no objects as all were too small."""
    shape = probabilities.shape[1:]
    if len(shape) < ndim or (height is not None and height.shape != shape):
        raise UserError("Probabilities and height must have the same axes, the spatial ones last.")
    instances = np.zeros(shape, np.int32)
    semantic = np.zeros(shape, np.min_scalar_type(len(probabilities) - 1))
    count = 0
    for plane in np.ndindex(shape[: len(shape) - ndim]):
        stop_point()
        found, semantic[plane] = decode(
            probabilities[(slice(None), *plane)],
            None if height is None else height[plane],
            config,
        )
        instances[plane] = np.where(found, found + count, 0)
        count += int(found.max(initial=0))
    # nothing but their size takes all objects away where there are pixels for some
    too_small = count == 0 and bool((1 - probabilities[0] >= config.threshold).any())
    return instances, semantic, too_small
