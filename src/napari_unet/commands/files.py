"""What the commands that write files have in common."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.io.pairs import RESULTS
from napari_unet.io.read import image_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path


def inputs(paths: Iterable[str | Path], out: Path) -> list[Path]:
    """List the images to work on, without the results of an earlier time in the same folder.

    Raises
    ------
    UserError
        If two would write results of the same name, or there are none.
    """
    files = [
        file
        for file in image_files(paths)
        if not (file.parent.resolve() == out.resolve() and file.stem.endswith(RESULTS))
    ]
    if not files:
        raise UserError("There are only results of an earlier time: give the images themselves.")
    seen: dict[str, Path] = {}
    for file in files:
        if file.stem in seen:
            raise UserError(
                f"{seen[file.stem]} and {file} would write results of the same name: "
                "give them in two goes with a folder each."
            )
        seen[file.stem] = file
    return files


def refuse_existing(paths: Iterable[Path], overwrite: bool) -> None:
    """Keep what exists.

    Raises
    ------
    UserError
        If one of the files is there and may not be replaced.
    """
    there = [] if overwrite else [path for path in paths if path.exists()]
    if there:
        raise UserError(f"{there[0]} exists: give another folder, or --overwrite to replace it.")


def each(files: Sequence[Path], work: Callable[[Path], object]) -> int:
    """Work on one file after the other, go on past a bad one, and tell at the end which failed.

    Returns
    -------
    The exit code.
    """
    failed = []
    for file in files:
        try:
            work(file)
        except UserError as error:
            told = str(error)
            failed.append(told if file.name in told else f"{file.name}: {told}")
    if len(failed) == 1 == len(files):
        print(f"napari-unet: {failed[0]}", file=sys.stderr)
    elif failed:
        print(f"napari-unet: {len(failed)} of {len(files)} files failed:", file=sys.stderr)
        print(*(f"  {line}" for line in failed), sep="\n", file=sys.stderr)
    return 2 if failed else 0
