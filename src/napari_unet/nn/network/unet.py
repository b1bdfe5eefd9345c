"""One U-Net for 2D and 3D, after Ronneberger et al. 2015, that knows what it sees.

Besides the network itself this module answers, per axis, which input a wanted output needs
(`Geometry`). Tiled prediction rests on it::

    canvas (reflected)  |--lead--|------ image, N ------|--rest--|
    tile's input              |-- halo --|== kept ==|-- halo --|

"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.tiles import Interval, Region
from napari_unet.nn.network.convolution import Conv3d
from napari_unet.nn.network.geometry import Geometry

_LAYERS: dict[int, tuple[type[nn.Module], ...]] = {
    2: (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d, nn.MaxPool2d),
    3: (Conv3d, nn.ConvTranspose3d, nn.BatchNorm3d, nn.MaxPool3d),
}
_LINEAR = {2: "bilinear", 3: "trilinear"}


class Level(nn.Sequential):
    """Two convolutions with ReLU, and batch norm where the configuration wants it."""

    def __init__(
        self, channels_in: int, channels: int, kernel: tuple[int, ...], config: ModelConfig
    ) -> None:
        conv, _, batch_norm, _ = _LAYERS[config.ndim]
        same = config.padding == "same"
        padding = tuple(size // 2 if same else 0 for size in kernel)
        normed = config.norm == "batch"
        layers: list[nn.Module] = []
        for source in (channels_in, channels):
            layers.append(conv(source, channels, kernel, padding=padding, bias=not normed))
            if normed:
                layers.append(batch_norm(channels))
            layers.append(nn.ReLU(inplace=True))
        super().__init__(*layers)


class Interpolate(nn.Module):
    """Halve the features, then enlarge by linear interpolation.

    Interpolation and a 1 x 1 convolution commute, and the convolution is cheaper on the
    coarse side.
    """

    def __init__(self, channels_in: int, channels: int, pool: tuple[int, ...]) -> None:
        super().__init__()
        self.conv = _LAYERS[len(pool)][0](channels_in, channels, 1)
        self.factors = tuple(float(factor) for factor in pool)

    def forward(self, x: Tensor) -> Tensor:
        """Return the enlarged features, float ``(N, channels, *spatial)``."""
        mode = _LINEAR[len(self.factors)]
        x = self.conv(x)
        larger: Tensor = nn.functional.interpolate(x, scale_factor=list(self.factors), mode=mode)
        return larger


class UNet(nn.Module):
    """The network: class logits and, if the configuration says so, a height per pixel.

    Parameters
    ----------
    config
        Its shape. `PRESETS["ronneberger2015"]` is the network of the paper.

    References
    ----------
    Ronneberger, Fischer, Brox: U-Net, MICCAI 2015, arXiv:1505.04597.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        conv, transpose, _, max_pool = _LAYERS[config.ndim]
        widths = [
            min(config.features * 2**level, config.max_features)
            for level in range(config.depth + 1)
        ]
        sources = [config.in_channels, *widths[:-1]]
        self.encoder = nn.ModuleList(
            Level(*level, config) for level in zip(sources, widths, config.kernels, strict=True)
        )
        self.pools = nn.ModuleList(max_pool(pool) for pool in config.pooling)
        self.ups = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for level, pool in enumerate(config.pooling):
            coarse, fine = widths[level + 1], widths[level]
            if config.up == "transpose":
                self.ups.append(transpose(coarse, fine, pool, stride=pool))
            else:
                self.ups.append(Interpolate(coarse, fine, pool))
            self.decoder.append(Level(2 * fine, fine, config.kernels[level], config))
        self.head = conv(widths[0], config.num_classes + config.height, 1)
        self.geometry = tuple(Geometry.of(config, axis) for axis in range(config.ndim))

    def seams(self, size: Sequence[int]) -> str:
        """Return nothing: what is found does not depend on how an image of a size is cut."""
        return ""

    @property
    def _memory_format(self) -> torch.memory_format:
        """Channels last: what convolutions are fastest with, on CPUs and GPUs."""
        return torch.channels_last if self.config.ndim == 2 else torch.channels_last_3d

    def placed(self, device: torch.device, dtype: torch.dtype = torch.float32) -> UNet:
        """Move the network to a device, in the memory layout that is fastest there."""
        return self.to(device, dtype).to(memory_format=self._memory_format)  # type: ignore[call-overload,no-any-return]

    def forward(self, x: Tensor, kept: Region | None = None) -> Tensor:
        """Return class logits and, in the last channel, the height.

        Parameters
        ----------
        x
            Images, float ``(N, C, *spatial)``, of a size that `Geometry.input_size` gives.
        kept
            Which part of the output is wanted, start and stop per axis in output pixels;
            everything when not given. The decoder then computes only what that part needs.

        Returns
        -------
        Float ``(N, num_classes + height, *kept size)``.
        """
        self._check_size(x.shape[2:])
        x = x.contiguous(memory_format=self._memory_format)
        skips: list[Tensor] = []
        for level, pool in zip(self.encoder, self.pools, strict=False):
            skips.append(level(x))
            x = pool(skips[-1])
        x = self.encoder[-1](x)
        if self.config.padding == "valid":
            x = self._decode_valid(x, skips)
            x = self.head(x)
            return x if kept is None else _crop(x, kept)
        return self._decode_same(x, skips, kept)

    def _decode_valid(self, x: Tensor, skips: list[Tensor]) -> Tensor:
        for level in reversed(range(self.config.depth)):
            x = self.ups[level](x)
            x = self._trimmed(x, level)
            x = self.decoder[level](torch.cat([_centre(skips[level], x.shape[2:]), x], dim=1))
        return x

    def _trimmed(self, x: Tensor, level: int) -> Tensor:
        """Take off the edge of an enlarged image that lacks a neighbour to interpolate with."""
        edges = [
            pool * axis.reach(pool)
            for axis, pool in zip(self.geometry, self._pool(level), strict=True)
        ]
        return _crop(x, [(p, n - p) for p, n in zip(edges, x.shape[2:], strict=True)])

    def _decode_same(self, x: Tensor, skips: list[Tensor], kept: Region | None) -> Tensor:
        regions = list(self._regions([skip.shape[2:] for skip in skips], kept))
        origin = [0] * self.config.ndim
        for level in reversed(range(self.config.depth)):
            region = regions[level]
            x = self.ups[level](x)
            moved = [
                (start - first * pool, stop - first * pool)
                for (start, stop), first, pool in zip(
                    region, origin, self._pool(level), strict=True
                )
            ]
            x = torch.cat([_crop(skips.pop(), region), _crop(x, moved)], dim=1)
            x = self.decoder[level](x)
            origin = [start for start, _ in region]
        if kept is not None:
            x = _crop(x, [(a - o, b - o) for (a, b), o in zip(kept, origin, strict=True)])
        output: Tensor = self.head(x)
        return output

    def _regions(self, sizes: Sequence[Sequence[int]], kept: Region | None) -> Iterator[Region]:
        """Yield, finest level first, the part of each level that the decoder must compute."""
        whole: Region = tuple((0, size) for size in sizes[0])
        axes = [
            geometry.decoder_needs(interval)
            for geometry, interval in zip(self.geometry, kept or whole, strict=True)
        ]
        for level, size in enumerate(sizes):
            yield tuple(
                (max(0, axes[axis][level][0]), min(size[axis], axes[axis][level][1]))
                for axis in range(self.config.ndim)
            )

    def _pool(self, level: int) -> tuple[int, ...]:
        return self.config.pooling[level]

    def _check_size(self, size: Sequence[int]) -> None:
        for geometry, pixels in zip(self.geometry, size, strict=True):
            fitting = geometry.input_size(max(1, geometry.output_size(pixels)))
            if fitting != pixels:
                raise UserError(
                    f"The network takes no image of {pixels} pixels along an axis; "
                    f"the next size it takes is {fitting}."
                )


def _crop(x: Tensor, region: Sequence[Interval]) -> Tensor:
    for axis, (start, stop) in enumerate(region, start=2):
        x = x.narrow(axis, start, stop - start)
    return x


def _centre(x: Tensor, size: Sequence[int]) -> Tensor:
    return _crop(
        x, [((n - m) // 2, (n - m) // 2 + m) for n, m in zip(x.shape[2:], size, strict=True)]
    )
