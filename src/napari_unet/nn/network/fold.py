"""Batch norm folded into the convolutions, for prediction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from napari_unet.nn.network.unet import Level, UNet


def fold_batch_norm(network: UNet) -> UNet:
    """Return a network for prediction with batch norm folded into the convolutions.

    The result gives the same output up to rounding, with fewer passes over memory.
    """
    config = network.config.replace(norm="none")
    folded = UNet(config)
    folded.load_state_dict(dict(_folded(network)))
    return folded.eval()


def _folded(network: UNet) -> Iterator[tuple[str, Tensor]]:
    blocks = [module for module in network.modules() if isinstance(module, Level)]
    inside = {id(child) for block in blocks for child in block.modules()}
    names = {id(module): name for name, module in network.named_modules()}
    for name, parameter in network.named_parameters():
        owner = network.get_submodule(name.rpartition(".")[0])
        if id(owner) not in inside:
            yield name, parameter.detach()
    for block in blocks:
        convolutions = [m for m in block if isinstance(m, nn.Conv2d | nn.Conv3d)]
        norms: list[Any] = [m for m in block if isinstance(m, nn.BatchNorm2d | nn.BatchNorm3d)]
        for index, conv in enumerate(convolutions):
            weight, bias = _fold(conv, norms[index] if norms else None)
            prefix = f"{names[id(block)]}.{2 * index}"
            yield f"{prefix}.weight", weight
            yield f"{prefix}.bias", bias


def _fold(conv: Any, norm: Any) -> tuple[Tensor, Tensor]:
    if norm is None:
        return conv.weight.detach(), conv.bias.detach()
    scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weight = conv.weight.double() * scale.reshape(-1, *[1] * (conv.weight.ndim - 1))
    bias = norm.bias.double() - norm.running_mean.double() * scale
    return weight.float().detach(), bias.float().detach()
