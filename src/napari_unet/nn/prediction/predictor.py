"""A network and its device: what sends a batch of tiles through."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, prod
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.planes import Planes
from napari_unet.core.image.tiles import Region
from napari_unet.core.progress import stop_point
from napari_unet.nn.device import Device
from napari_unet.nn.network.fold import fold_batch_norm
from napari_unet.nn.network.geometry import Geometry
from napari_unet.nn.network.make import Network
from napari_unet.nn.network.program import ProgramNetwork
from napari_unet.nn.network.program_geometry import ProgramGeometry
from napari_unet.nn.prediction.views import Mean, views_of

_most_pixels: WeakKeyDictionary[Network, float] = WeakKeyDictionary()
"""Pixels that may be kept of one pass, of networks for which memory ran out.

It is remembered as long as the network is loaded, so that neither the next block of a large image,
nor the next image of a batch, nor the next validation runs out of memory again.
"""


_MOST_WORK = 2**36
"""Multiplications of one layer, which nothing interrupts: about a second on two cores."""


class Predictor:
    """A network made ready for prediction on a device.

    Parameters
    ----------
    network
        The parameters; they are copied.
    device
        Where to compute.
    tiles
        Precision, views, and how large tiles may be; a memory of 0 is half of what is free now.
    """

    def __init__(self, network: Network, device: Device, tiles: TileConfig) -> None:
        self.config = network.config
        self.geometry: tuple[Geometry | ProgramGeometry, ...] = network.geometry
        self.views = views_of(tiles.views, self.geometry)
        self.device = device
        self.dtype = torch.bfloat16 if tiles.precision == "bfloat16" else torch.float32
        self.network = _copied(network).placed(device.torch, self.dtype)
        for layer in self.network.modules():
            if not list(layer.children()) and not isinstance(layer, torch.jit.ScriptModule):
                layer.register_forward_pre_hook(_may_stop)
        self.network.register_forward_pre_hook(_may_stop)
        self._original = network
        self.edge = tiles.tile or inf
        self.memory = tiles.memory * 1e9 or device.free_memory() / 2

    @property
    def strides(self) -> tuple[int, ...]:
        """What tiles begin at multiples of, per axis."""
        return tuple(axis.stride for axis in self.geometry)

    @property
    def smallest(self) -> tuple[int, ...]:
        """Size of the smallest image."""
        return tuple(axis.smallest for axis in self.geometry)

    @property
    def channels(self) -> int:
        """How many channels come out: classes, the height if any, the spread of several views."""
        return self.config.num_classes + self.config.height + (len(self.views) > 1)

    @property
    def most_pixels(self) -> float:
        """Pixels that may be kept of one pass: any number, until memory runs out."""
        return _most_pixels.get(self._original, inf)

    @most_pixels.setter
    def most_pixels(self, pixels: float) -> None:
        _most_pixels[self._original] = pixels

    def window(self, region: Region, shape: tuple[int, ...]) -> tuple[Region, Region]:
        """Return the input that a tile needs, and where in its output the kept part lies.

        Parameters
        ----------
        region
            The part of the image to keep.
        shape
            Size of the image.
        """
        axes = zip(self.geometry, region, shape, strict=True)
        parts = [geometry.window(kept, size) for geometry, kept, size in axes]
        return tuple(window for window, _ in parts), tuple(kept for _, kept in parts)

    def takes(self, region: Region, shape: tuple[int, ...]) -> bool:
        """Tell whether the network can give so much of an image at once."""
        axes = zip(self.geometry, region, shape, strict=True)
        return all(geometry.takes(stop - start, size) for geometry, (start, stop), size in axes)

    def fits_time(self, region: Region, shape: tuple[int, ...]) -> bool:
        """Tell whether no layer of a tile's pass takes so long that Stop would have to wait for it.

        A tile that is mostly context is not cut further for that: its parts would take longer.
        """
        window, _ = self.window(region, shape)
        pixels, kept = (prod(stop - start for start, stop in part) for part in (window, region))
        # the largest layer: the finest one that sees its skip and the upsampled features
        work = 2 * self.config.features**2 * prod(self.config.kernels[0])
        quick = pixels * work <= _MOST_WORK or 2 * kept <= pixels
        return quick or self.device.kind != "cpu"

    def bytes_needed(self, region: Region, shape: tuple[int, ...]) -> int:
        """Estimate the memory that one tile takes on its way through the network."""
        window, _ = self.window(region, shape)
        pixels = np.prod([stop - start for start, stop in window], dtype=np.int64)
        # The finest level holds its skip, the upsampled features, both joined, and a result;
        # the coarser ones together about half of that again.
        channels = 8 * self.config.features + self.config.in_channels + self.config.num_classes
        if len(self.views) > 1:
            # the view of the input, the mean so far with what is added to it in float32, and
            # about two images of features that are lost where the mean splits free memory
            channels += self.config.in_channels + 2 * self.config.features
            channels += 2 * self.channels * 4 // self.dtype.itemsize
        return int(pixels * channels * self.dtype.itemsize)

    def __call__(self, images: NDArray[np.float32], kept: Region) -> NDArray[np.float32]:
        """Return probabilities, height and spread of a batch of tiles.

        Parameters
        ----------
        images
            Normalised, float32 ``(N, C, *spatial)``.
        kept
            Which part of the output to return.

        Returns
        -------
        Float32 ``(N, channels, *kept)``: the classes, then the height if the model has one, both
        the mean over the views, then, of several views, the standard deviation of the foreground
        probability.
        """
        shape = [
            axis.output_size(size)
            for axis, size in zip(self.geometry, images.shape[2:], strict=True)
        ]
        mean = Mean()
        with torch.inference_mode():
            x = torch.from_numpy(images).to(self.device.torch, self.dtype)
            for view in self.views:
                seen = self._probabilities(view.of(x), view.region(kept, shape))
                mean.add(view.back(seen))
            return mean.result.cpu().numpy()

    def check_size(self, planes: Planes, name: str) -> None:
        """Refuse an image that is smaller than the network's coarsest pixel.

        Parameters
        ----------
        planes
            The image as the network sees it; its own size is told, too.
        name
            The model's, for the sentence.

        Raises
        ------
        UserError
            If it is too small along some axis.
        """
        seen, own = planes.spatial, planes.original.spatial
        if any(size < least for size, least in zip(seen, self.smallest, strict=True)):
            matched = f", {_edges(seen)} at the size of the model's objects" if seen != own else ""
            raise UserError(
                f"The image is too small ({_edges(own)} pixels{matched}): model {name!r} needs at "
                f"least {_edges(self.smallest)}. Give a larger one, or say if its axes are others."
            )

    def _probabilities(self, x: Tensor, kept: Region) -> Tensor:
        output: Tensor = self.network(x, kept).float()
        logits = output[:, : self.config.num_classes]
        return torch.cat([logits.softmax(1), output[:, self.config.num_classes :]], 1)


def _edges(sizes: Sequence[int]) -> str:
    return " x ".join(map(str, sizes))


def _copied(network: Network) -> Network:
    """Return a network for prediction, which shares no parameters with the original."""
    return network.copied() if isinstance(network, ProgramNetwork) else fold_batch_norm(network)


def _may_stop(layer: Any, inputs: Any) -> None:
    """Let a pass through the network end between two layers."""
    stop_point()
