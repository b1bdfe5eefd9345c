"""Segment cells with a U-Net, in napari, from Python and from the shell.

Importing this loads neither torch nor Qt; the names below are loaded when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_unet.core.config import (
        DecodeConfig,
        LinkConfig,
        ModelConfig,
        NormalizeConfig,
        SizeConfig,
        TargetConfig,
        TileConfig,
        TrainConfig,
    )
    from napari_unet.core.metrics import evaluate
    from napari_unet.core.segmentation import Segmentation
    from napari_unet.core.weight_map import border_weight_map
    from napari_unet.nn.loss import build_target
    from napari_unet.nn.model import load_model
    from napari_unet.nn.prepare import prepare
    from napari_unet.nn.run import RunConfig, Sample, create_run
    from napari_unet.nn.segment import segment
    from napari_unet.nn.train import train
    from napari_unet.nn.unet import UNet

__version__ = "0.1.0"
__all__ = [
    "DecodeConfig",
    "LinkConfig",
    "ModelConfig",
    "NormalizeConfig",
    "RunConfig",
    "Sample",
    "Segmentation",
    "SizeConfig",
    "TargetConfig",
    "TileConfig",
    "TrainConfig",
    "UNet",
    "border_weight_map",
    "build_target",
    "create_run",
    "evaluate",
    "load_model",
    "prepare",
    "segment",
    "train",
]

_HOME = {
    "DecodeConfig": "core.config",
    "LinkConfig": "core.config",
    "ModelConfig": "core.config",
    "NormalizeConfig": "core.config",
    "RunConfig": "nn.run",
    "Sample": "nn.run",
    "Segmentation": "core.segmentation",
    "SizeConfig": "core.config",
    "TargetConfig": "core.config",
    "TileConfig": "core.config",
    "TrainConfig": "core.config",
    "UNet": "nn.unet",
    "border_weight_map": "core.weight_map",
    "build_target": "nn.loss",
    "create_run": "nn.run",
    "evaluate": "core.metrics",
    "load_model": "nn.model",
    "prepare": "nn.prepare",
    "segment": "nn.segment",
    "train": "nn.train",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
