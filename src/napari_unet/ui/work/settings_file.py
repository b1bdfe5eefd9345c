"""The file that napari keeps our page in, which users may edit by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError
from napari_unet.storage.disk import nearest

COMPUTING = ("device", "precision", "memory")


def nonsense_in(file: Path) -> str:
    """Return a sentence about values that cannot be, or about a file that cannot be read.

    Parameters
    ----------
    file
        The file, with names and values as YAML. Names that are not ours are passed over.

    Returns
    -------
    Nothing where all is well.
    """
    try:
        written = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, ValueError, yaml.YAMLError):
        written = None
    if not isinstance(written, dict):
        return f"{file.name} holds no settings and is passed over: {_REMEDY}"
    wrong = " ".join(_problems(written))
    return f"{file.name} has values that are passed over. {wrong} {_REMEDY}" if wrong else ""


def folder_of(named: str) -> Path | None:
    """Return the folder that somebody means; None for the usual one.

    Parameters
    ----------
    named
        A path, ``~`` or one in the home of the user; empty for the usual one.

    Raises
    ------
    UserError
        If it cannot be one.
    """
    if not isinstance(named, str) or "\0" in named:
        raise UserError(f"The folder cannot be {named!r}: give the path of a folder.")
    named = named.strip()
    if not named:
        return None
    try:
        folder = Path.home() / Path(named).expanduser()
        there = nearest(folder)
    except (RuntimeError, OSError) as error:
        raise UserError(f"The folder {named} cannot be found: give its whole path.") from error
    if not there.is_dir():
        raise UserError(f"The folder cannot be {named}: {there} is a file.")
    return folder


def _problems(written: dict[str, Any]) -> Iterator[str]:
    for part, check in {"computing": _check_computing, "folders": _check_folders}.items():
        values = written.get(part, {})
        if not isinstance(values, dict):
            yield f"{part} must be names with values, not {values!r}."
            continue
        for name, value in values.items():
            yield from _problem(check, name, value)


def _problem(check: Callable[[str, Any], object], name: str, value: Any) -> Iterator[str]:
    try:
        check(name, value)
    except UserError as error:
        yield str(error)


def _check_computing(name: str, value: Any) -> None:
    if name in COMPUTING:
        TileConfig(**{name: value})


def _check_folders(name: str, value: Any) -> None:
    if name == "data":
        folder_of(value)


_REMEDY = "Set it anew on the page U-Net Studio of napari's preferences."
