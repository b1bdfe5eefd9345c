"""The command ``napari-unet``: what was asked for is found, run, and its end told.

What the commands do is in the modules beside this one, each loaded only when its command runs, so
that help is there at once.
"""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import TYPE_CHECKING

from napari_unet.cli.flags.parser import build_parser
from napari_unet.cli.options import flags
from napari_unet.cli.shared import FAILED, STOPPED, nobody_reads
from napari_unet.core.errors import about, called, sentence
from napari_unet.core.progress import Stop
from napari_unet.processes.errors import show_traceback

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    arguments
        What stands after the command's name; None for the process's own.

    Returns
    -------
    The exit code: 0 for done, 1 if `check` found errors or `reproduce` a difference, 2 if something
    was wrong, 130 if stopped before the end.
    """
    _write_any_name()
    parsed = build_parser().parse_args(arguments)
    for chatty in ("tifffile", "asyncio"):  # what they tell is told here in one line
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    module, function = parsed.run.split(":")
    try:
        done: int = getattr(import_module(f"napari_unet.cli.{module}"), function)(parsed)
        # at its end Python would tell that nobody reads what is left; there may be no output at all
        print(end="", flush=True)
        return done
    except (Stop, KeyboardInterrupt):
        print("napari-unet: stopped.", file=sys.stderr)
        return STOPPED
    except Exception as error:
        if nobody_reads(error):
            with open(os.devnull, "w", encoding="utf-8") as nobody:  # or Python tells it at its end
                os.dup2(nobody.fileno(), 1)
            return STOPPED
        # the last resort of every command: nothing is above it but Python's traceback, so also
        # what nobody foresaw is told in one line
        show_traceback()
        told = called(sentence(error), flags(about(error), parsed))
        print(f"napari-unet: {told}", file=sys.stderr)
        return FAILED


def _write_any_name() -> None:
    """Let no name end the work: a pipe may lack its letters, as on Windows, where files have any.

    The letters that are lacking are written as their numbers.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # another program may have put anything there
            stream.reconfigure(errors="backslashreplace")
