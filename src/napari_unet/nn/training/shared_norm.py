"""Batch norm over a batch that several processes hold, on any device.

torch's own takes no images on a CPU. This one replaces the computing of its layers and leaves
their parameters and names as they are.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from napari_unet.nn.training.loss import Total


def share_norms(network: nn.Module, total: Total, count: int) -> None:
    """Let the batch norms of a network, while it trains, use the statistics of all processes.

    Parameters
    ----------
    network
        Changed in place.
    total
        Sums over all processes.
    count
        How many processes there are; each has equally many patches.
    """
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d | nn.BatchNorm3d):
            layer.forward = partial(_normed, layer, total, count)  # type: ignore[method-assign]


def _normed(layer: Any, total: Total, count: int, x: Tensor) -> Tensor:
    if not layer.training:
        normed: Tensor = type(layer).forward(layer, x)
        return normed
    with torch.no_grad():
        mean, variance = _statistics(layer, total, count, x)
        pixels = count * x.numel() // x.shape[1]
        unbiased = variance * (pixels / max(1, pixels - 1))
        layer.running_mean.lerp_(mean, layer.momentum)
        layer.running_var.lerp_(unbiased, layer.momentum)
        layer.num_batches_tracked += 1
    y: Tensor = _Normalise.apply(  # type: ignore[no-untyped-call]
        x, layer.weight, layer.bias, (mean, variance, layer.eps), total, pixels
    )
    return y


def _statistics(layer: Any, total: Total, count: int, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean and variance per channel over all processes, in the layer's precision."""
    # a momentum of 0 leaves the running values alone
    mean, variance = torch.batch_norm_update_stats(x, layer.running_mean, layer.running_var, 0.0)
    mean_of_all = total(mean) / count
    spread = variance + (mean - mean_of_all) ** 2
    return mean_of_all, total(spread) / count


class _Normalise(torch.autograd.Function):
    """``y = weight (x - mean) / sqrt(variance + eps) + bias`` with statistics of all processes."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, *rest: Any) -> Tensor:
        (mean, variance, ctx.eps), ctx.total, ctx.pixels = rest
        ctx.save_for_backward(x, weight, mean, variance)
        return functional.batch_norm(x, mean, variance, weight, bias, False, 0.0, ctx.eps)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, mean, variance = ctx.saved_tensors
        # as if the statistics were constants; then what comes through them
        of_x, of_weight, of_bias = torch.ops.aten.native_batch_norm_backward(
            gradients[0], x, weight, mean, variance, None, None, False, ctx.eps, [True] * 3
        )
        through_scale, through_mean = ctx.total(torch.stack([of_weight, of_bias])) / ctx.pixels
        inverse = torch.rsqrt(variance + ctx.eps)
        slope = -weight * inverse**2 * through_scale
        start = -weight * inverse * through_mean - slope * mean
        of_x += _affine(x, slope, start)
        return of_x, of_weight, of_bias, None, None, None


def _affine(x: Tensor, slope: Tensor, start: Tensor) -> Tensor:
    """Return ``slope x + start`` per channel, in one pass over memory."""
    nothing, one = torch.zeros_like(slope), torch.ones_like(slope)
    return functional.batch_norm(x, nothing, one, slope, start, False, 0.0, 0.0)
