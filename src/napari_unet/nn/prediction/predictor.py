"""A network and its device: what sends a batch of tiles through."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from napari_unet.core.image.tiles import Region
from napari_unet.nn.device import Device
from napari_unet.nn.network.fold import fold_batch_norm
from napari_unet.nn.network.unet import UNet
from napari_unet.nn.prediction.views import Mean, views_of


class Predictor:
    """A network made ready for prediction on a device.

    Parameters
    ----------
    network
        The parameters; they are copied.
    device
        Where to compute.
    precision
        ``"float32"`` or ``"bfloat16"``.
    views
        Over which views of the image to average, as in `TileConfig`.
    """

    def __init__(self, network: UNet, device: Device, precision: str, views: str = "one") -> None:
        self.config = network.config
        self.geometry = network.geometry
        self.views = views_of(views, self.geometry)
        self.device = device
        self.dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
        self.network = fold_batch_norm(network).placed(device.torch, self.dtype)

    @property
    def strides(self) -> tuple[int, ...]:
        """What tiles begin at multiples of, per axis."""
        return tuple(axis.stride for axis in self.geometry)

    @property
    def channels(self) -> int:
        """How many channels come out: classes, the height if any, the spread of several views."""
        return self.config.num_classes + self.config.height + (len(self.views) > 1)

    def window(self, region: Region, shape: tuple[int, ...]) -> tuple[Region, Region]:
        """Return the input that a tile needs, and where in its output the kept part lies.

        Parameters
        ----------
        region
            The part of the image to keep.
        shape
            Size of the image.
        """
        window, kept = [], []
        for geometry, (start, stop), size in zip(self.geometry, region, shape, strict=True):
            if geometry.valid:
                first = start - geometry.lead
                last = first + geometry.input_size(stop - start)
                kept.append((0, stop - start))
            else:
                reach = -(-geometry.halo // geometry.stride) * geometry.stride
                first = max(0, start - reach)
                last = min(
                    geometry.input_size(size), start + geometry.input_size(stop - start) + reach
                )
                kept.append((start - first, stop - first))
            window.append((first, last))
        return tuple(window), tuple(kept)

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

    def _probabilities(self, x: Tensor, kept: Region) -> Tensor:
        output: Tensor = self.network(x, kept).float()
        logits = output[:, : self.config.num_classes]
        return torch.cat([logits.softmax(1), output[:, self.config.num_classes :]], 1)
