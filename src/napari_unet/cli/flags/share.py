"""The flags of the command that gives to others, and opens what they gave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.cli.flags.shared import overwrite_flags, progress_flags

if TYPE_CHECKING:
    import argparse

    from napari_unet.cli.flags.parser import Add


def share(add: Add) -> None:
    """Add ``napari-unet share``."""
    parser = add("share", "Give models, trainings and annotations to others, or open theirs.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, help, build in (
        ("pack", "Write models, trainings, annotations and settings as one package.", _share_pack),
        ("open", "Lay what is in a package where it belongs on this machine.", _share_open),
    ):
        build(commands.add_parser(name, help=help, description=help))


def _share_pack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="the package to write: a .zip, else a folder"
    )
    overwrite_flags(parser)
    progress_flags(parser)
    what = parser.add_argument_group("what is in it; each may be repeated")
    for flag, dest, metavar, help in (
        ("--model", "model", "M", "a model by its name, or its file"),
        ("--run", "run_folder", "RUN", "a run folder; the models that it starts from come along"),
        ("--annotations", "annotations", "DIR", "a folder in which annotations were saved"),
        ("--settings", "settings", "FILE", "a result, a folder of results, or a file of settings"),
    ):
        what.add_argument(flag, dest=dest, action="append", default=[], metavar=metavar, help=help)
    told = parser.add_argument_group("what is told of it")
    told.add_argument("--title", default="", metavar="TEXT", help="what it is about")
    told.add_argument(
        "--author", action="append", default=[], metavar="NAME", help="who made it; may be repeated"
    )
    told.add_argument(
        "--licence", default="", metavar="NAME", help="what others may do, such as CC-BY-4.0"
    )
    parser.set_defaults(run="share.package:pack")


def _share_open(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "package", type=Path, metavar="PACKAGE", help="a package that share pack has written"
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        help="folder for annotations and settings (default: one beside the package)",
    )
    progress_flags(parser)
    parser.set_defaults(run="share.package:open_package")
