"""A network that is a TorchScript program of another maker, with the face of a `UNet`."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import torch
from torch import Tensor, nn

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError, is_out_of_memory
from napari_unet.core.image.tiles import Region
from napari_unet.core.program_config import (
    BACKGROUND,
    BOUNDARY,
    FOREGROUND,
    PointStep,
    ProgramConfig,
)
from napari_unet.nn.network.program_geometry import ProgramGeometry

_LEAST = 1e-6
"""Probabilities are kept this far from 0 and 1, so that their logits are numbers."""


def loaded_program(data: bytes) -> Any:
    """Return a TorchScript program, which must have been agreed to.

    Raises
    ------
    UserError
        If it is no TorchScript, or none that this version of PyTorch knows.
    """
    try:
        return torch.jit.load(BytesIO(data), map_location="cpu").eval()  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError, EOFError) as error:
        raise UserError(
            f"The network cannot be loaded as TorchScript of PyTorch {torch.__version__}: get a "
            "package of it that was made with this version or an earlier one."
        ) from error


class ProgramNetwork(nn.Module):
    """Class logits and, if the configuration says so, a height per pixel, made of what comes out.

    Parameters
    ----------
    config
        With its `program`.
    program
        What `loaded_program` returned.
    """

    def __init__(self, config: ModelConfig, program: Any) -> None:
        super().__init__()
        self.config, self.program = config, program
        self.known = config.program or ProgramConfig("")
        self.geometry = tuple(ProgramGeometry(*axis) for axis in self.known.axes)

    def seams(self, size: Sequence[int]) -> str:
        """Return a sentence where what is found depends on how an image is cut, or nothing.

        Parameters
        ----------
        size
            Of the image's planes.
        """
        axes = zip(self.geometry, size, strict=True)
        if all(axis.takes(pixels, pixels) for axis, pixels in axes):
            return ""
        tile = " x ".join(str(axis.least) for axis in self.geometry)
        return (
            f"The imported network takes an image only in tiles of {tile} pixels, each looked at "
            "for itself: look twice at objects where tiles meet."
        )

    def copied(self) -> ProgramNetwork:
        """Return a copy for prediction, which shares no parameters with it."""
        with torch.no_grad():  # else a copied parameter remembers where it comes from
            return ProgramNetwork(self.config, copy.deepcopy(self.program)).eval()

    def placed(self, device: torch.device, dtype: torch.dtype = torch.float32) -> ProgramNetwork:
        """Move the network to a device.

        Raises
        ------
        UserError
            For another precision than float32, which a program need not know.
        """
        if dtype != torch.float32:
            raise UserError(
                "The imported network computes in float32 only: choose float32.",
                about="precision float32",
            )
        return self.to(device)

    def forward(self, x: Tensor, kept: Region | None = None) -> Tensor:
        """Return class logits and, in the last channel, the height.

        Parameters
        ----------
        x
            Images, normalised, float ``(N, C, *spatial)``, of a size that the geometry gives.
        kept
            Which part of the output is wanted, start and stop per axis in output pixels;
            everything when not given.

        Returns
        -------
        Float ``(N, num_classes + height, *kept size)``.
        """
        output = self._arranged(self.channels(x))
        for axis, (start, stop) in enumerate(kept or (), start=2):
            output = output.narrow(axis, start, stop - start)
        return output

    def channels(self, x: Tensor) -> Tensor:
        """Return what comes out as the package has it, float ``(N, channels, *spatial)``.

        Raises
        ------
        UserError
            If the program stops with an error.
        """
        x = processed(x, self.known.before)
        try:
            # each new size of a tile would be optimised for seconds
            with torch.jit.optimized_execution(False):  # type: ignore[attr-defined]
                output = self.program(x)
        except RuntimeError as error:
            if is_out_of_memory(error):
                raise
            raise UserError(_told(error, x.shape[2:])) from error
        output = output[0] if isinstance(output, tuple | list) else output
        return processed(output.float(), self.known.after)

    def _arranged(self, channels: Tensor) -> Tensor:
        """Return logits, and the height last, of what the channels mean."""
        parts = {name: channels[:, [at]] for at, name in enumerate(self.known.channels)}
        boundary, background = parts.pop(BOUNDARY, None), parts.pop(BACKGROUND, None)
        if not parts and boundary is not None:  # the inside is what is no boundary
            parts = {FOREGROUND: 1 - boundary}
        inside = torch.cat([*parts.values()], 1)
        classes = inside
        if boundary is not None and background is not None and len(parts) == 1:
            classes = 1 - background  # the boundary is a part of the object, too
        if background is None:
            background = 1 - classes.amax(1, keepdim=True)
        found = torch.cat([background, classes], 1).clamp(_LEAST, 1 - _LEAST)
        # softmax gives back what it is the logarithm of
        logits = (found / found.sum(1, keepdim=True)).log()
        if not self.config.height or boundary is None:
            return logits
        return torch.cat([logits, inside.amax(1, keepdim=True) - boundary], 1)


def processed(x: Tensor, steps: Sequence[PointStep]) -> Tensor:
    """Return images, float ``(N, C, *spatial)``, with done to each pixel what the steps say."""
    for name, first, second in steps:
        if name == "sigmoid":
            x = x.sigmoid()
        elif name == "softmax":
            x = x.softmax(1)
        else:
            one, other = (_per_channel(values, x) for values in (first, second))
            x = x * one + other if name == "scale" else torch.minimum(x.maximum(one), other)
    return x


def _per_channel(values: Sequence[float], x: Tensor) -> Tensor:
    return x.new_tensor(values).reshape(1, -1, *[1] * (x.ndim - 2))


def _told(error: RuntimeError, size: Sequence[int]) -> str:
    """Return a sentence on an error in a program, whose own message has its cause last."""
    lines = [line for line in str(error).splitlines() if line.strip()] or ["no reason given"]
    pixels = " x ".join(map(str, size))
    return (
        f"The imported network stops with an error for {pixels} pixels "
        f"({lines[-1].strip().removesuffix('.')}): use it in the program that it was made for."
    )
