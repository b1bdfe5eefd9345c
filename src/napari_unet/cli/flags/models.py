"""The flags of the commands about models, and about the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.cli.flags.shared import overwrite_flags
from napari_unet.cli.options import words

if TYPE_CHECKING:
    import argparse

    from napari_unet.cli.flags.parser import Add


def model(add: Add) -> None:
    """Add ``napari-unet model``."""
    parser = add("model", "Give a model to other programs (bioimage.io), or take one back.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, help, build in (
        ("export", "Write a model as a package of bioimage.io, to run elsewhere.", _model_export),
        ("import", "Keep the model of a package, so that it is found by its name.", _model_import),
        ("trust", "Agree to run the network in a model file of another maker.", _model_trust),
    ):
        build(commands.add_parser(name, help=help, description=help))


def _model_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a model by its name, or its file")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the package to write, a .zip"
    )
    overwrite_flags(parser)
    card = parser.add_argument_group("what others are told, where the model does not say it")
    card.add_argument(
        "--author", action="append", default=[], metavar="NAME", help="who made it; may be repeated"
    )
    card.add_argument(
        "--licence", default="", metavar="NAME", help="what others may do, such as CC-BY-4.0"
    )
    card.add_argument("--description", default="", metavar="TEXT", help="what it finds")
    card.add_argument(
        "--cite", action="append", default=[], metavar="DOI", help="to be cited; may be repeated"
    )
    card.add_argument(
        "--example",
        type=Path,
        metavar="IMAGE",
        help="an image that everybody may see, for the cover and the test (default: the sample of "
        "a bundled model, drawn discs for any other)",
    )
    parser.set_defaults(run="models.package:export_package")


def _model_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("package", type=Path, metavar="PACKAGE", help="a .zip of bioimage.io")
    parser.add_argument("--name", help="what to call the model (default: its own name)")
    parser.add_argument(
        "--outputs",
        type=words,
        default=(),
        metavar="NAME,NAME",
        help="what a network of another program gives, where its package does not say so: "
        "background, foreground, boundary or a class for each channel",
    )
    _trust(parser)
    parser.set_defaults(run="models.package:import_package")


def _model_trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the model file")
    _trust(parser)
    parser.set_defaults(run="models.package:trust_file")


def _trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--trust",
        action="store_true",
        help="run the program that the network of another maker is, without being asked",
    )


def models(add: Add) -> None:
    """Add ``napari-unet models``."""
    parser = add("models", "List the models that come with the program, and those you have kept.")
    parser.set_defaults(run="models.list:models")


def info(add: Add) -> None:
    """Add ``napari-unet info``."""
    parser = add("info", "Tell what is installed, and which device is used and why.")
    parser.set_defaults(run="info:info")
