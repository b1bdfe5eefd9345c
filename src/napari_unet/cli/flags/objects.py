"""The flags of the commands that take labels: measured, and written for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.cli.flags.shared import (
    classes_flags,
    ndim_flags,
    out_flags,
    overwrite_flags,
    progress_flags,
)
from napari_unet.cli.options import add_options, numbers, words
from napari_unet.core.pairing.config import PairConfig
from napari_unet.io.exchange.formats import FORMATS

if TYPE_CHECKING:
    import argparse

    from napari_unet.cli.flags.parser import Add


def measure(add: Add) -> None:
    """Add ``napari-unet measure``."""
    parser = add("measure", "Measure objects: size, shape, grey values, neighbours, doubt.")
    parser.add_argument("labels", nargs="+", metavar="LABELS", help="label files or folders")
    parser.add_argument(
        "--image",
        type=Path,
        metavar="I",
        help="image whose grey values are measured, or a folder of images of the same names",
    )
    parser.add_argument(
        "--nuclei",
        type=Path,
        metavar="NUCLEI",
        help="labels of the nuclei, or a folder of them of the same names: LABELS are cells then, "
        "and each is measured with its nucleus",
    )
    _axes_flag(parser)
    ndim_flags(parser)
    parser.add_argument(
        "--spacing",
        type=numbers,
        default=(),
        metavar="N,N",
        help="size of a pixel in µm along each axis of space, such as 2,0.5,0.5, in the order of "
        "the axes (else as the labels say, or the image)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", required=True, help="table to write, CSV"
    )
    overwrite_flags(parser)
    progress_flags(parser)
    add_options(parser, PairConfig, "nuclei and cells")
    parser.set_defaults(run="objects.measure:measure")


def export(add: Add) -> None:
    """Add ``napari-unet export``."""
    parser = add("export", "Write label images in the formats of Fiji, QuPath, COCO and others.")
    parser.add_argument(
        "labels", nargs="+", metavar="LABELS", help="label files, or folders of them"
    )
    parser.add_argument(
        "--to",
        type=words,
        required=True,
        metavar="FORMAT,FORMAT",
        help=f"what is written: {', '.join(FORMATS)}",
    )
    parser.add_argument(
        "--image",
        type=Path,
        metavar="IMAGE",
        help="image, or folder of images of the same names, for pictures and OME-Zarr",
    )
    parser.add_argument(
        "--semantic",
        type=Path,
        metavar="CLASSES",
        help="label file of the classes, or folder of files of the same names",
    )
    parser.add_argument(
        "--nuclei",
        type=Path,
        metavar="NUCLEI",
        help="label file of the cells' nuclei, each with its cell's number, or folder of files of "
        "the same names, for QuPath",
    )
    classes_flags(parser)
    _axes_flag(parser)
    ndim_flags(parser)
    out_flags(parser)
    progress_flags(parser)
    parser.set_defaults(run="objects.export:export")


def _axes_flag(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--axes",
        help="the image's axes, and those of labels that do not tell theirs or tell others, of "
        "the letters T, Z, C, Y, X",
    )
