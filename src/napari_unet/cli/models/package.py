"""``napari-unet model export`` and ``napari-unet model import``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from napari_unet.core.config import ModelConfig
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import bundled_example
from napari_unet.io.read import read_image
from napari_unet.storage.model_card import ModelCard
from napari_unet.storage.model_header import find_model, read_header
from napari_unet.storage.package import import_model

if TYPE_CHECKING:
    from argparse import Namespace


def export_package(arguments: Namespace) -> int:
    """Write a model as a package; return the exit code."""
    path = find_model(arguments.model)
    example = _example(arguments, read_header(path))
    card = ModelCard(
        tuple(arguments.author), arguments.licence, arguments.description, tuple(arguments.cite)
    )
    from napari_unet.nn.exchange.export import export_steps  # noqa: PLC0415 - loads torch
    from napari_unet.nn.model import load_model  # noqa: PLC0415

    steps = export_steps(
        load_model(path), arguments.out, card, example, overwrite=arguments.overwrite
    )
    written = drive(steps)
    print(f"{written} ({written.stat().st_size / 1e6:.0f} MB)")
    return 0


def import_package(arguments: Namespace) -> int:
    """Keep the model of a package; return the exit code."""
    path = import_model(arguments.package, arguments.name)
    print(f"{path.stem} is among your models now: {path}")
    return 0


def _example(arguments: Namespace, header: dict[str, Any]) -> Any:
    """Return the image that the package is tested with, ``(C, *spatial)``; None for drawn discs."""
    if arguments.example is None:
        return bundled_example(header)
    picture = read_image(arguments.example)
    _, planes = SegmentRequest(axes=picture.axes).arranged(
        picture.data, ModelConfig.from_dict(header["config"])
    )
    return planes[0]
