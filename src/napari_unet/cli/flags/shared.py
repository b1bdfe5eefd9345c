"""Flags that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.cli.options import numbers, whole_numbers, words
from napari_unet.cli.progress import KINDS

if TYPE_CHECKING:
    import argparse


def image_flags(parser: argparse.ArgumentParser) -> None:
    """Add what an image is, where its file does not say it."""
    parser.add_argument(
        "--axes", help="the images' axes, of the letters T, Z, C, Y, X, such as ZCYX (else guessed)"
    )
    parser.add_argument(
        "--channels",
        type=whole_numbers,
        default=(),
        metavar="N,N",
        help="channels that the model looks at, counted from 0, such as 0,2 (default all)",
    )
    parser.add_argument(
        "--spacing",
        type=numbers,
        default=(),
        metavar="N,N",
        help="size of a pixel in µm along Z, Y and X, such as 2,0.5,0.5, in the order of the axes "
        "(else as the image says)",
    )


def sharing_flags(parser: argparse.ArgumentParser) -> None:
    """Add who works, and on how much at once."""
    parser.add_argument(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="work on so many images at once; they share cores, memory and GPUs (default 1)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="share the blocks of a large image among so many processes of one thread each",
    )
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="share them among the workers of this dask scheduler, such as tcp://10.0.0.5:8786",
    )


def out_flags(parser: argparse.ArgumentParser, default: Path | None = None) -> None:
    """Add the folder for the results, and whether they may replace others."""
    shown = f" (default {default})" if default else ""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=default,
        required=default is None,
        help=f"folder for the results{shown}",
    )
    overwrite_flags(parser)


def overwrite_flags(parser: argparse.ArgumentParser) -> None:
    """Add whether files may be replaced."""
    parser.add_argument("--overwrite", action="store_true", help="replace results that exist")


def progress_flags(parser: argparse.ArgumentParser) -> None:
    """Add how progress is shown."""
    parser.add_argument(
        "--progress",
        choices=KINDS,
        default="bar",
        help="a bar on a terminal, lines of JSON for other programs, or none (default bar)",
    )


def learning_flags(parser: argparse._ActionsContainer) -> None:
    """Add what is learnt from: images with their labels, or annotations."""
    parser.add_argument("--images", type=Path, metavar="DIR", help="folder of images")
    parser.add_argument(
        "--labels", type=Path, metavar="DIR", help="folder of labels of the same names"
    )
    parser.add_argument(
        "--annotations",
        type=Path,
        metavar="DIR",
        help="folder with images, labels and what else was annotated, as napari's widget saves it, "
        "instead of both",
    )
    semantic_flags(parser)
    parser.add_argument(
        "--ignore", type=int, metavar="N", help="label of pixels that do not count (classes: 255)"
    )
    classes_flags(parser)


def semantic_flags(parser: argparse._ActionsContainer) -> None:
    """Add whether labels are classes."""
    parser.add_argument(
        "--semantic", action="store_true", help="labels are classes, not one number per object"
    )


def classes_flags(parser: argparse._ActionsContainer) -> None:
    """Add the names of classes."""
    parser.add_argument(
        "--classes", type=words, metavar="A,B", help="names of the classes from 1 on"
    )


def ndim_flags(parser: argparse._ActionsContainer) -> None:
    """Add along how many axes objects extend."""
    parser.add_argument(
        "--ndim",
        type=int,
        choices=(2, 3),
        help="2: each plane of a stack on its own, 3: volumes (default: as the labels show)",
    )


def spacing_flags(parser: argparse._ActionsContainer) -> None:
    """Add the size of a pixel, for weight maps."""
    parser.add_argument(
        "--spacing",
        type=numbers,
        metavar="N,N",
        help="size of a pixel along each axis, in the unit of sigma, such as 2,1,1 (else, of "
        "volumes, as the file says it, with a voxel's shortest side as 1; of planes 1)",
    )
