"""A model's network as other programs run it: its weights in two formats, and its source."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from napari_unet.core.config import ModelConfig
from napari_unet.nn.exchange import plain_unet
from napari_unet.nn.exchange.plain_unet import PlainUNet
from napari_unet.nn.network.make import Network

SOURCE = Path(plain_unet.__file__)
"""The file that defines `PlainUNet`, and nothing else is needed for it but PyTorch."""


def plain_network(network: Network) -> PlainUNet:
    """Return a network of the same parameters without anything of this package around it.

    Parameters
    ----------
    network
        A `UNet`, on the CPU.
    """
    plain = PlainUNet(**arguments_of(network.config))
    plain.load_state_dict(network.state_dict())
    return plain.eval()


def arguments_of(config: ModelConfig) -> dict[str, Any]:
    """Return what `PlainUNet` is made with for a network's shape, ready for YAML."""
    levels = range(config.depth + 1)
    return {
        "in_channels": config.in_channels,
        "classes": config.num_classes,
        "height": config.height,
        "widths": [min(config.features * 2**level, config.max_features) for level in levels],
        "pools": [list(level) for level in config.pooling],
        "kernels": [list(level) for level in config.kernels],
        "valid": config.padding == "valid",
        "transposed": config.up == "transpose",
        "normed": config.norm == "batch",
    }


def write_weights(plain: PlainUNet, example: Tensor, state_dict: Path, script: Path) -> None:
    """Write a network's weights.

    Parameters
    ----------
    plain
        The network.
    example
        An image that it takes, float ``(1, C, *spatial)``.
    state_dict
        Gets the parameters by name, as ``torch.load(..., weights_only=True)`` reads them.
    script
        Gets network and parameters as TorchScript.
    """
    traced = torch.jit.trace(plain, example, check_trace=False)  # type: ignore[no-untyped-call]
    # torch does not say of a full disk that it is full
    parameters, program = BytesIO(), BytesIO()
    torch.save(plain.state_dict(), parameters)
    torch.jit.save(traced, program)
    state_dict.write_bytes(parameters.getvalue())
    script.write_bytes(program.getvalue())
