"""A convolution of volumes that learns rightly in bfloat16 on CPUs, too."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_SPOILT = 2
"""Planes of a volume for which oneDNN leaves memory unwritten in the gradient of a kernel of three
in bfloat16: it is wrong by any factor, or infinite. Of 1, and of 3 to 8, it is right."""


class Conv3d(nn.Conv3d):
    """A convolution that computes volumes of two planes in its own precision on a CPU."""

    def forward(self, x: Tensor) -> Tensor:
        """Return features, float ``(N, channels, *spatial)``, of others."""
        if x.device.type != "cpu" or x.shape[2] != _SPOILT:
            return super().forward(x)
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.to(self.weight.dtype))
