"""Packages of bioimage.io, read without running or unpickling anything that is in them.

A package that U-Net Studio has written holds its own model file beside what other programs need;
that file is taken out of it. Packages of other programs are for `nn.foreign`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZipFile

from napari_unet.core.errors import UserError
from napari_unet.core.option import is_newer
from napari_unet.storage.atomic import replacing
from napari_unet.storage.model_header import name_in, new_model_file, read_header, renamed
from napari_unet.storage.zip_errors import telling

CONFIG = "napari_unet"
"""Where a package says what is ours in it."""
SUFFIX = ".zip"
_DESCRIPTIONS = ("rdf.yaml", "bioimageio.yaml")
_NEWEST = (0, 5)
"""Of the forms of packages that are known."""
_LONGEST = 10_000_000
"""Bytes of a description."""
_DEEPEST = 12
"""How far parts of a description lie in one another."""


@dataclass(frozen=True)
class Package:
    """A package that was looked at: whole, unchanged, and with nothing in it run.

    Parameters
    ----------
    path
        The ZIP file.
    told
        What it says about itself.
    """

    path: Path
    told: Mapping[str, Any]

    @property
    def is_own(self) -> bool:
        """Whether U-Net Studio has written it."""
        config = self.told.get("config")
        return isinstance(config, dict) and isinstance(config.get(CONFIG), dict)

    def read(self, name: str) -> bytes:
        """Return a file in the package.

        Raises
        ------
        UserError
            If there is none of that name.
        """
        with _opened(self.path) as zipped:
            if name not in zipped.namelist():
                raise _missing(self.path.name, name)
            return zipped.read(name)


def read_package(path: str | Path) -> Package:
    """Look at a package: what it says, and whether its files are those that it says.

    Parameters
    ----------
    path
        A package of bioimage.io, a ``.zip``.

    Raises
    ------
    UserError
        If it is no such package, is damaged or changed, or of a newer form.
    """
    path = Path(path)
    with _opened(path) as zipped:
        _refuse_strays(zipped, path.name)
        told = _description(zipped, path.name)
        for name, expected in dict(_hashes(told)).items():
            _check_hash(zipped, path.name, name, expected)
    return Package(path, told)


def keep_own(package: Package, name: str | None = None) -> Path:
    """Keep the model of a package that U-Net Studio has written; return the model's file.

    Nothing in the package is run.

    Parameters
    ----------
    package
        One that `is_own`.
    name
        What the model is to be called; None for its own name.

    Raises
    ------
    UserError
        If it is from a newer version, does not say which file the model is, or the name is taken;
        then nothing is written.
    """
    file = package.path.name
    ours = _ours(package.told, file)
    if ours["model"] not in dict(_hashes(package.told)):
        raise UserError(f"{file} does not tell the hash of its model: get it again.")
    if _weights(package.told) != ours["weights"]:
        raise UserError(
            f"The network in {file} was trained on in another program, and U-Net Studio cannot "
            "take that over: use it there, or fine-tune the model here."
        )
    return _kept(package.read(ours["model"]), file, name)


@contextmanager
def _opened(package: Path) -> Iterator[ZipFile]:
    """Open a package, and say of one that cannot be read what to do."""
    broken = (
        f"{package.name} is no package, or is damaged: choose the ZIP file of a bioimage.io model, "
        "or get it again."
    )
    with telling(package, broken), ZipFile(package) as zipped:
        yield zipped


def _check_hash(zipped: ZipFile, package: str, name: str, expected: str) -> None:
    if name not in zipped.namelist():
        raise _missing(package, name)
    if hashlib.sha256(zipped.read(name)).hexdigest() != expected:
        raise UserError(
            f"{package} is damaged, or somebody has changed it, as {name} is not what it "
            "should be: get it again."
        )


def _missing(package: str, name: str) -> UserError:
    return UserError(f"{package} is not whole, as {name} is missing: get it again.")


def _kept(data: bytes, package: str, name: str | None) -> Path:
    """Write a model under its name, whole or not at all."""
    name = name_in(data) if name is None else name
    path = new_model_file(name)
    with replacing(path) as temporary:
        temporary.write_bytes(renamed(data, name))
        try:
            read_header(temporary)
        except UserError as error:
            raise UserError(str(error).replace(temporary.name, package)) from error
    return path


def _refuse_strays(zipped: ZipFile, package: str) -> None:
    """Refuse a package with files that would lie outside of it where somebody unpacks it."""
    for name in zipped.namelist():
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
            raise UserError(
                f"{package} holds a file that would lie outside of it ({name}), so it is not to be "
                "trusted: get it again from where it was published."
            )


def _description(zipped: ZipFile, package: str) -> Mapping[str, Any]:
    """Return what a package says about itself."""
    name = next((each for each in _DESCRIPTIONS if each in zipped.namelist()), None)
    if name is None or zipped.getinfo(name).file_size > _LONGEST:
        raise UserError(
            f"{package} is no package of bioimage.io, for it has no {_DESCRIPTIONS[0]}: choose "
            "another file."
        )
    try:
        import yaml  # noqa: PLC0415 - may not be installed
    except ImportError as error:
        raise UserError(
            "Packages of bioimage.io need PyYAML, which is not installed: run "
            "pip install 'napari-unet-studio[exchange]'."
        ) from error
    try:
        told = yaml.safe_load(zipped.read(name))
    except (yaml.YAMLError, RecursionError) as error:
        told = f"{package} is damaged, as its {name} cannot be read: get it again."
        raise UserError(told) from error
    if not isinstance(told, dict) or told.get("type") != "model":
        raise UserError(f"{package} holds no model, but something else: choose another file.")
    form = re.match(r"(\d+)\.(\d+)", str(told.get("format_version")))
    if form and (int(form[1]), int(form[2])) > _NEWEST:
        raise UserError(
            f"{package} is of a newer form than is known here ({told['format_version']}): update "
            "napari-unet-studio to use it."
        )
    return told


def _ours(told: Mapping[str, Any], package: str) -> dict[str, Any]:
    """Return what is said of the model file in a package that we have written."""
    ours = dict(told["config"][CONFIG])
    if is_newer(ours.get("format")):
        raise UserError(
            f"{package} was written by a newer version: update napari-unet-studio to use it."
        )
    if not all(isinstance(ours.get(each), str) for each in ("model", "weights")):
        raise UserError(f"{package} is damaged, as it does not name its model: get it again.")
    return ours


def _weights(told: Mapping[str, Any]) -> Any:
    """Return the hash of the weights that other programs use."""
    try:
        return told["weights"]["pytorch_state_dict"]["sha256"]
    except (KeyError, TypeError):
        return None


def _hashes(told: Any, deep: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the files in a package that a description names with their hashes."""
    if deep > _DEEPEST:
        return
    if isinstance(told, dict):
        source, expected = told.get("source"), told.get("sha256")
        if isinstance(source, str) and isinstance(expected, str) and "://" not in source:
            yield source, expected
        told = list(told.values())
    if isinstance(told, list):
        for each in told:
            yield from _hashes(each, deep + 1)
