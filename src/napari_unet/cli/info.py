"""``napari-unet info``: what is installed, and which device is used."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace


PACKAGES = ("napari-unet-studio", "torch", "numpy", "scipy", "scikit-image", "tifffile", "napari")


def info(arguments: Namespace) -> int:
    """Tell what is installed and which device is used; return the exit code."""
    from napari_unet.nn.device import choose_device  # noqa: PLC0415 - loads torch

    print(f"Python {platform.python_version()} on {platform.platform()}")
    for package in PACKAGES:
        print(f"{package} {_version(package)}")
    device = choose_device()
    print(f"Device: {device.name}. {device.reason}")
    return 0


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "is not installed"
