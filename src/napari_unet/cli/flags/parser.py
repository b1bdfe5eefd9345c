"""What reads the flags of all commands."""

from __future__ import annotations

import argparse
import sys
from difflib import get_close_matches
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NoReturn

from napari_unet import __version__
from napari_unet.cli.flags import models, objects, segment, share, train
from napari_unet.cli.shared import FAILED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Add = Callable[[str, str], argparse.ArgumentParser]

_CLOSE = 0.7
"""How alike a flag must be to one that is not known, 1 for the same, to be meant by it."""


class _Once(argparse.Action):
    """Keeps the value of a flag, which counts once: of two, one would be lost."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Keep the value."""
        if option_string and getattr(namespace, self.dest) is not self.default:
            parser.error(f"{option_string} was given twice: give it once")
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    """Refuses what it does not understand in one line, without the usage."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about, allow_abbrev=False)
        self.register("action", None, _Once)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Read what is known, and refuse flags that are not before others are found missing."""
        if self.get_default("run"):  # other parsers hand the flags on
            self._refuse_unknown(sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def _refuse_unknown(self, given: Sequence[str]) -> None:
        known = self._option_string_actions
        flags = (word.partition("=")[0] for word in given if " " not in word)
        for flag in takewhile("--".__ne__, flags):
            if flag.startswith("--") and flag not in known:
                near = get_close_matches(flag, known, 1, _CLOSE)
                but = "".join(f", but {each}" for each in near)
                self.error(f"there is no flag {flag}{but}")

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
