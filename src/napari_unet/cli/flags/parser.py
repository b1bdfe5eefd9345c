"""What reads the flags of all commands."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from napari_unet import __version__
from napari_unet.cli.flags import models, objects, segment, share, train
from napari_unet.cli.shared import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable

    Add = Callable[[str, str], argparse.ArgumentParser]


class _Parser(argparse.ArgumentParser):
    """Refuses what it does not understand in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """End the program with a sentence."""
        self.exit(FAILED, f"napari-unet: {message}; see {self.prog} --help.\n")


def build_parser() -> argparse.ArgumentParser:
    """Make what reads the flags of all commands."""
    parser = _Parser(
        prog="napari-unet",
        description="Segment cells with a U-Net, score the result, and train it on your images.",
        epilog="'napari-unet COMMAND --help' explains a command. Start with 'napari-unet demo'.",
    )
    parser.add_argument("--version", action="version", version=f"napari-unet {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, help: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=help, description=help, formatter_class=argparse.HelpFormatter
        )

    builders = (
        *(segment.demo, segment.segment, segment.reproduce, objects.measure, objects.export),
        *(train.weights, train.check, train.train, train.evaluate),
        *(models.model, share.share, models.models, models.info),
    )
    for build in builders:
        build(add)
    return parser
