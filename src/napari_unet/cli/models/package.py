"""``napari-unet model export``, ``napari-unet model import`` and ``napari-unet model trust``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from napari_unet.cli.progress import Bar
from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.core.words import megabytes
from napari_unet.io.bundled import bundled_example
from napari_unet.io.read import read_image
from napari_unet.storage.model_card import ModelCard
from napari_unet.storage.model_header import find_model, read_header
from napari_unet.storage.package import Package, keep_own, read_package
from napari_unet.storage.programs import question, trust_model, untrusted

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping
    from pathlib import Path


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
    print(f"{written} ({megabytes(written.stat().st_size)})")
    return 0


def import_package(arguments: Namespace) -> int:
    """Keep the model of a package; return the exit code."""
    package = read_package(arguments.package)
    path = keep_own(package, arguments.name) if package.is_own else _taken_in(package, arguments)
    print(f"{path.stem} is among your models now: {path}")
    return 0


def _taken_in(package: Package, arguments: Namespace) -> Path:
    """Keep the model of another program's package, once the user has agreed to run it."""
    from napari_unet.nn.foreign.describe import describe  # noqa: PLC0415 - loads torch
    from napari_unet.nn.foreign.take_in import take_in_steps  # noqa: PLC0415

    described = describe(package, arguments.outputs)
    described.check()
    _agree(arguments, package.path.name, described.about)
    bar = Bar()
    path = drive(take_in_steps(described, arguments.name), bar)
    bar.finish({})
    return path


def trust_file(arguments: Namespace) -> int:
    """Agree to run the program in a model file; return the exit code."""
    header = read_header(arguments.file)
    if untrusted(header):
        _agree(arguments, arguments.file.name, header["about"])
    trust_model(arguments.file)
    print(f"The network in {arguments.file} is run from now on.")
    return 0


def _agree(arguments: Namespace, name: str, about: Mapping[str, Any]) -> None:
    """Ask on a terminal whether a program may be run; elsewhere the command has to say so."""
    told = f"{name}: {question(about)}"
    if arguments.trust:
        return
    if not sys.stdin.isatty():
        raise UserError(told, about="trust")
    if input(f"{told}\nRun it? [y/N] ").strip().lower() not in ("y", "yes"):
        raise UserError("Nothing was run, and nothing is kept.")


def _example(arguments: Namespace, header: dict[str, Any]) -> Any:
    """Return the image that the package is tested with, ``(C, *spatial)``; None for drawn discs."""
    if arguments.example is None:
        return bundled_example(header)
    picture = read_image(arguments.example)
    _, planes = SegmentRequest(axes=picture.axes).arranged(
        picture.data, ModelConfig.from_dict(header["config"])
    )
    return planes[0]
