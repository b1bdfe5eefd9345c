"""What the commands that write files have in common."""

from __future__ import annotations

import re
import select
import sys
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError, sentence
from napari_unet.core.progress import Stop
from napari_unet.processes.errors import show_traceback
from napari_unet.storage.atomic import check_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path


OK, FAILED, STOPPED = 0, 2, 130
"""Exit codes: done; something could not be done; somebody has stopped it before its end."""


def refuse_existing(paths: Iterable[Path], overwrite: bool) -> None:
    """Keep what exists, and refuse names that are too long to be written.

    Raises
    ------
    UserError
        If one of the files is there and may not be replaced, or has such a name.
    """
    paths = list(paths)
    for path in paths:
        check_name(path)
    there = [] if overwrite else [path for path in paths if path.exists()]
    if there:
        raise UserError(f"{there[0]} exists: give another folder, or --overwrite to replace it.")


def check_file(path: Path, ending: str, overwrite: bool) -> None:
    """Keep what exists, and refuse a folder, or a file that would have another ending.

    Raises
    ------
    UserError
        If it is one of these, there and not to be replaced, or too long a name.
    """
    check_name(path)
    if path.suffix.lower() != ending or path.is_dir():
        inside = path.is_dir() or not path.suffix
        one = path / f"results{ending}" if inside else path.with_suffix(ending)
        raise UserError(f"{path} does not name a {ending} file: give one, such as {one}.")
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists: give another file, or --overwrite to replace it.")


def each(files: Sequence[Path], work: Callable[[Path], object]) -> int:
    """Work on one file after the other, go on past a bad one, and tell at the end which failed.

    Returns
    -------
    The exit code. After a `Stop` nothing more is worked on, and what is done stays.
    """
    failed, code = [], OK
    for file in files:
        try:
            work(file)
        except Stop:
            print("napari-unet: stopped.", file=sys.stderr)
            code = STOPPED
            break
        except Exception as error:  # the last resort of a file: whatever it is, the others go on
            if nobody_reads(error):
                raise
            show_traceback()
            failed.append((file, sentence(error)))
            code = FAILED
    tell_failed(failed, len(files))
    return code


def nobody_reads(error: Exception) -> bool:
    """Tell whether an error only says that who reads the output has ended, as in ``| head``.

    Any other pipe that breaks, such as that to a worker, is an error like all others.
    """
    if not isinstance(error, BrokenPipeError) or not hasattr(select, "poll"):
        return False
    output = select.poll()
    output.register(1, 0)  # that it is broken is told unasked
    return bool(output.poll(0))


def tell_failed(failed: Sequence[tuple[Path, str]], total: int) -> None:
    """Tell on standard error which files failed and why, a line for each reason.

    Parameters
    ----------
    failed
        Files, each with a sentence.
    total
        How many files there were.
    """
    alike: dict[str, list[str]] = {}
    for file, said in failed:
        alike.setdefault(said, []).append(file.name)
    told = [_of_files(names, said) for said, names in alike.items()]
    if len(failed) == 1 == total:
        print(f"napari-unet: {told[0]}", file=sys.stderr)
    elif told:
        print(f"napari-unet: {len(failed)} of {total} files failed:", file=sys.stderr)
        print(*(f"  {line}" for line in told), sep="\n", file=sys.stderr)


def _of_files(names: Sequence[str], said: str) -> str:
    """Return a sentence led by the names of the files that it is about, where it has them not."""
    if len(names) == 1 and re.search(rf"(?<![\w.-]){re.escape(names[0])}(?!\w|[.-]\w)", said):
        return said
    return f"{', '.join(names)}: {said}"


def tell_notes(notes: Iterable[str]) -> None:
    """Tell on standard error what is worth knowing, a line for each sentence."""
    for note in notes:
        print(note, file=sys.stderr)


def refuse_all(problems: Sequence[str], total: int) -> None:
    """Refuse to begin while there are problems, and tell all of them.

    Parameters
    ----------
    problems
        A sentence for each image that cannot be used.
    total
        How many images there are.

    Raises
    ------
    UserError
        If there is a problem.
    """
    if len(problems) == 1:
        raise UserError(problems[0])
    if problems:
        first = f"{len(problems)} of {total} images cannot be used:"
        raise UserError("\n  ".join([first, *problems]))
