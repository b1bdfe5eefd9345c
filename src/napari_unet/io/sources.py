"""Which images to work on: files, folders, and folders inside folders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.core.errors import UserError
from napari_unet.core.words import first_of
from napari_unet.io.listing import folder_with_images, is_job, no_images, passed_over
from napari_unet.io.numpy_file import is_of_cellpose
from napari_unet.io.pairs.names import RESULTS
from napari_unet.io.provenance.read import known_provenance
from napari_unet.io.read import READERS
from napari_unet.io.tiff.series import continues
from napari_unet.io.zarr_folder import image_name, is_zarr_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence


@dataclass(frozen=True)
class Source:
    """An image to work on.

    Parameters
    ----------
    path
        Its file, or its folder for OME-Zarr.
    name
        What results are named after: the file's name without its ending, and before it the
        folders in which it was found inside the folder that was given, such as ``"plate1/a"``.
    clash
        A sentence where another image would write results of the same name: then it is not worked
        on, and its name is its path. Empty for none.
    """

    path: Path
    name: str
    clash: str = ""


def find_sources(
    paths: Iterable[str | Path], out: Path, *, recursive: bool = False
) -> list[Source]:
    """List the images to work on, each file once, without the results of an earlier time.

    What lies in a folder is taken for a result by its name, if it lies in the folder of the
    results or beside its image, or says what it was made with. A file that is given itself is
    taken for one only in the folder of the results, beside its image or if it says so.

    Parameters
    ----------
    paths
        Files, and folders, of which all images are taken in the order of their names, but for
        hidden ones. A folder in zarr is an image, and so are several OME-TIFF files of one stack.
    out
        Folder for the results, which are not taken for images.
    recursive
        Whether to look in folders inside the folders, too.

    Raises
    ------
    UserError
        If a path does not exist, a folder has no image, there are only results, or of each image
        another one would write results of the same name.
    """
    found: dict[str, Source] = {}
    for path in map(Path, paths):
        for source in _sources(path, out, recursive):
            found.setdefault(os.path.realpath(source.path), source)
    whole = (source for source in found.values() if not _is_part(source.path, found))
    sources = [source for source in whole if not _is_known(source.path, out)]
    if not sources:
        raise UserError("There are only results of an earlier time: give the images themselves.")
    told = _without_clashes(sources)
    if all(source.clash for source in told):
        raise UserError(told[0].clash, about="out")
    return told


def _without_clashes(sources: Sequence[Source]) -> list[Source]:
    """Return sources of which none has the name of another, and what is wrong with those."""
    named: dict[str, list[Source]] = {}
    for source in sources:
        named.setdefault(source.name, []).append(source)
    return [
        source if len(named[source.name]) == 1 else _clashing(source, named[source.name])
        for source in sources
    ]


def _clashing(source: Source, alike: Sequence[Source]) -> Source:
    """Return an image that is not worked on, as others have its name."""
    other = next(each for each in alike if each is not source)
    told = (
        f"{source.path} and {other.path} would write results of the same name: give one after the "
        "other, each by its own path and with its own folder for the results."
    )
    return Source(source.path, source.path.as_posix(), told)


def left_out(paths: Iterable[str | Path], out: Path, *, recursive: bool = False) -> list[str]:
    """Return a sentence for what `find_sources` does not take for an image.

    Parameters
    ----------
    paths, out, recursive
        As for `find_sources`. Nothing is said of what surely is a result in `out`, unless it is
        given itself.
    """
    given = [Path(path) for path in paths]
    folders = [path for path in given if path.is_dir() and not is_zarr_folder(path)]
    known = [path.name for path in given if path not in folders and _is_known(path, out)]
    results = [
        file
        for folder in folders
        for file in _parted(folder, out, recursive)[1]
        if not _is_known(file, out)
    ]
    told = [
        *_told([file.name for file in results], "give the file itself"),
        *_told(known, "choose another folder for the results"),
    ]
    deeper = [] if recursive else [_not_searched(folder, out) for folder in folders]
    return [*passed_over(folders, recursive=recursive), *told, *filter(None, deeper)]


def _told(results: Sequence[str], otherwise: str) -> list[str]:
    if not results:
        return []
    return [
        f"{first_of(results)} left out: these are results, not images. To work on one all the "
        f"same, {otherwise}."
    ]


def _not_searched(folder: Path, out: Path) -> str:
    inside = folder_with_images(folder, but=out)
    if inside is None:
        return ""
    return (
        f"Folders inside {folder.name}, such as {inside.relative_to(folder)}, have images, too, "
        "and were not searched: give them as well, or have folders inside folders searched."
    )


def _sources(path: Path, out: Path, recursive: bool) -> list[Source]:
    if not path.exists():
        raise UserError(f"There is no file or folder {path}.")
    if not path.is_dir() or is_zarr_folder(path):
        return [Source(path, image_name(path))]
    images, results = _parted(path, out, recursive)
    if not images and not results:
        raise no_images(path, searched=not recursive)
    return [Source(each, _name_below(path, each)) for each in images]


def _name_below(folder: Path, path: Path) -> str:
    return (path.relative_to(folder).parent / image_name(path)).as_posix()


def _parted(folder: Path, out: Path, recursive: bool) -> tuple[list[Path], list[Path]]:
    """Part what can be read in a folder into images and results, each in order."""
    every = sorted(_images(folder, out.resolve(), recursive))
    named = {path.parent / image_name(path) for path in every}
    results = [path for path in every if _is_result(path, named, out)]
    return [path for path in every if path not in results], results


def _images(folder: Path, out: Path, recursive: bool) -> Iterator[Path]:
    """Yield the images in a folder and, if wanted, in those inside it but that of the results."""
    seen = {out} if recursive and folder.resolve() != out else set[Path]()
    folders, linked = [folder], list[Path]()
    while folders or linked:
        # the folders themselves come before links to them, which may lead round in a circle
        here = (folders or linked).pop()
        real = here.resolve()
        if real in seen:
            continue
        seen.add(real)
        for path in here.iterdir():
            if path.name.startswith("."):
                continue
            if is_zarr_folder(path):
                yield path
            elif path.is_dir():
                if recursive and not is_job(path):
                    (linked if path.is_symlink() else folders).append(path)
            elif path.suffix.lower() in READERS and not is_of_cellpose(path):
                yield path


def _is_part(path: Path, found: Collection[str]) -> bool:
    """Tell whether a file continues an image that begins in another one that was found."""
    first = continues(path)
    return first is not None and os.path.realpath(first) in found


def _is_result(path: Path, named: Collection[Path], out: Path) -> bool:
    """Tell whether a file is a result; `named` are the files beside it, without their endings."""
    if not _ending(path):
        return False
    return _image_of(path) in named or _is_written(path, out) or known_provenance(path) is not None


def _is_written(path: Path, out: Path) -> bool:
    """Tell whether a file lies in the folder of the results, and is called like one."""
    return bool(_ending(path)) and path.resolve().is_relative_to(out.resolve())


def _is_known(path: Path, out: Path) -> bool:
    """Tell whether a file in the folder of the results is one not by its name alone."""
    if not _is_written(path, out):
        return False
    image = _image_of(path)
    beside = image.parent.glob(f"{escape(image.name)}.*")
    return known_provenance(path) is not None or any(
        image_name(each) == image.name and (each.suffix.lower() in READERS or is_zarr_folder(each))
        for each in beside
    )


def _ending(path: Path) -> str:
    """Return what says in a file's name that it is a result; nothing where nothing does."""
    return next((end for end in RESULTS if image_name(path).endswith(end)), "")


def _image_of(path: Path) -> Path:
    """Return the image of a result, without the ending of its file."""
    return path.parent / image_name(path).removesuffix(_ending(path))
