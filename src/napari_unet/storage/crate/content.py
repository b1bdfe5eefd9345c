"""What is in a package, and which paths may be in one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from napari_unet.core.words import counted
from napari_unet.storage.names import is_device

MODELS, RUNS, ANNOTATIONS, SETTINGS = "models", "runs", "annotations", "settings"
LAYOUT: dict[str, tuple[str, ...]] = {
    MODELS: ("*.safetensors",),
    RUNS: (
        *("*/run.json", "*/samples/*.npz", "*/replayed/*/*.npz", "*/log.jsonl", "*/progress.jsonl"),
        *("*/last.checkpoint", "*/best.safetensors", "*/last.safetensors", "*/preview.npz"),
    ),
    ANNOTATIONS: (
        *(f"*/{part}/*.tif" for part in ("images", "labels", "marks", "weights")),
        *(f"*/{part}/*.csv" for part in ("rectangles", "classes", "class_names", "proof_read")),
    ),
    SETTINGS: ("*.json",),
}
"""The folders of a package, and all that may be in each; nothing else is written or taken."""
_CALLED = {
    MODELS: ("model", "models"),
    RUNS: ("training", "trainings"),
    ANNOTATIONS: ("folder of annotations", "folders of annotations"),
    SETTINGS: ("file of settings", "files of settings"),
}
_BEGUN = re.compile(r"(\d{4}-\d\d-\d\d) \d\d\.\d\d\.[\d.]* (.+)")
_ODD = '\\:*?"<>|'
"""Letters that some system takes for more than a name."""


@dataclass(frozen=True)
class Card:
    """What is told of a package.

    Parameters
    ----------
    title
        What it is called; empty for words that say what is in it.
    authors
        Names of those who made what is in it.
    licence
        What others may do with it, as the short name of the SPDX list, such as ``"CC-BY-4.0"``.
    """

    title: str = ""
    authors: tuple[str, ...] = ()
    licence: str = ""


@dataclass(frozen=True)
class PackedFile:
    """A file in a package.

    Parameters
    ----------
    path
        In the package, with ``/`` between its parts.
    size
        Bytes.
    sha256
        Digest of all of them.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Part:
    """A model, a run, a folder of annotations, or settings.

    Parameters
    ----------
    path
        In the package: ``models/NAME.safetensors``, ``runs/NAME``, ``annotations/NAME`` or
        ``settings/NAME.json``.
    files
        The file itself, or those in the folder.
    """

    path: str
    files: tuple[PackedFile, ...]

    @property
    def kind(self) -> str:
        """Return `MODELS`, `RUNS`, `ANNOTATIONS` or `SETTINGS`."""
        return self.path.partition("/")[0]

    @property
    def name(self) -> str:
        """Return what it is called, without the ending of a file."""
        name = self.path.partition("/")[2]
        return name if self.is_folder else name.rpartition(".")[0]

    @property
    def called(self) -> str:
        """Return its name for people."""
        return for_people(self.name)

    @property
    def is_folder(self) -> bool:
        """Return whether it is several files."""
        return self.kind in (RUNS, ANNOTATIONS)

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Crate:
    """What a package says of itself.

    Parameters
    ----------
    card
        What is told of it.
    date
        When it was made, such as ``"2026-11-29T12:00:00+00:00"``.
    version
        Of the program that made it.
    parts
        What is in it.
    """

    card: Card
    date: str
    version: str
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(part.size for part in self.parts)


def for_people(name: str) -> str:
    """Return a name, and of a training that was started from napari the day instead of the time."""
    return _BEGUN.sub(r"\2 of \1", name)


def in_words(parts: tuple[Part, ...]) -> str:
    """Return how much of what there is, such as ``"1 model and 2 trainings"``."""
    kinds = [part.kind for part in parts]
    told = [counted(kinds.count(kind), *_CALLED[kind]) for kind in LAYOUT if kind in kinds]
    return " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))


def is_allowed(path: str) -> bool:
    """Tell whether a file may be in a package, and so lies inside of it wherever it is unpacked."""
    parts = PurePosixPath(path).parts
    odd = "/".join(parts) != path or ".." in parts or any(letter in path for letter in _ODD)
    if odd or not path.isprintable():
        return False
    if any(part != part.strip(" .") or is_device(part) for part in parts):
        return False
    patterns = LAYOUT.get(parts[0], ()) if parts else ()
    return any(_fits(parts[1:], pattern.split("/")) for pattern in patterns)


def _fits(parts: tuple[str, ...], wanted: list[str]) -> bool:
    if len(wanted) != len(parts):
        return False
    return all(fnmatchcase(part, each) for part, each in zip(parts, wanted, strict=True))
