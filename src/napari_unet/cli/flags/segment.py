"""The flags of the commands that find objects."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.cli.flags.shared import image_flags, out_flags, progress_flags, sharing_flags
from napari_unet.cli.options import add_options
from napari_unet.core.config import DecodeConfig, GreyConfig, LinkConfig, SizeConfig, TileConfig

if TYPE_CHECKING:
    from napari_unet.cli.flags.parser import Add


def demo(add: Add) -> None:
    """Add ``napari-unet demo``."""
    parser = add("demo", "Segment the bundled samples and compare with their ground truth.")
    out_flags(parser, Path("demo"))
    progress_flags(parser)
    parser.set_defaults(run="demo:demo")


def segment(add: Add) -> None:
    """Add ``napari-unet segment``."""
    parser = add("segment", "Find cells in images; write labels that Fiji opens, and tables.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image files, or folders of them")
    parser.add_argument(
        "--recursive", action="store_true", help="take the images of folders inside folders, too"
    )
    parser.add_argument(
        "--model",
        help="a bundled model, a model file, or auto for the bundled model that fits each image "
        "best (default nuclei)",
    )
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="take the model and all values from a file of settings, a result, or a folder of "
        "results; other flags go before it",
    )
    image_flags(parser)
    sharing_flags(parser)
    parser.add_argument(
        "--probabilities", action="store_true", help="also write the probability of each class"
    )
    parser.add_argument(
        "--uncertainty",
        action="store_true",
        help="also write how far the views of an image disagree (needs --views)",
    )
    out_flags(parser)
    progress_flags(parser)
    add_options(parser, DecodeConfig, "objects (the model's own values where not given)")
    add_options(parser, SizeConfig, "size")
    add_options(parser, GreyConfig, "grey values")
    add_options(parser, LinkConfig, "stacks and time series", prefix="link-")
    add_options(parser, TileConfig, "computing")
    parser.set_defaults(run="segment:segment")


def reproduce(add: Add) -> None:
    """Add ``napari-unet reproduce``."""
    parser = add("reproduce", "Make a result again; 1 is returned if it is not the same.")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a result of segment: labels or the table"
    )
    parser.add_argument(
        "--source",
        type=Path,
        metavar="IMAGE",
        help="the image (default: where it was, or beside the result)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder to keep the new result in (default: none)"
    )
    progress_flags(parser)
    parser.set_defaults(run="objects.reproduce:reproduce")
