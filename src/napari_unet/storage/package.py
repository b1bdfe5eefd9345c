"""Packages of bioimage.io, read without running or unpickling anything that is in them.

A package that U-Net Studio has written holds its own model file beside what other programs need;
that file is taken out of it. The network of any other package is code, which is not run here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

from napari_unet.core.errors import UserError
from napari_unet.core.option import is_newer
from napari_unet.storage.atomic import replacing
from napari_unet.storage.model_header import name_in, new_model_file, read_header, renamed

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
_BROKEN = (BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError)
"""What reading ends in of a ZIP file that is cut short, changed or encrypted."""


def import_model(package: str | Path, name: str | None = None) -> Path:
    """Keep the model of a package, so that every widget and command finds it by its name.

    Nothing in the package is run, and its files are compared with the hashes that it tells.

    Parameters
    ----------
    package
        A package of bioimage.io that U-Net Studio has written, a ``.zip``.
    name
        What the model is to be called; None for its own name.

    Returns
    -------
    The model's file.

    Raises
    ------
    UserError
        If it is no such package, is damaged, changed or from a newer version, or the name is taken;
        then nothing is written.
    """
    package = Path(package)
    try:
        with ZipFile(package) as zipped:
            _refuse_strays(zipped, package.name)
            data = _model_in(zipped, package.name)
    except OSError as error:
        raise UserError(f"{package} cannot be read: {error.strerror or error}.") from error
    except _BROKEN as error:
        if isinstance(error, UserError):
            raise
        raise UserError(
            f"{package.name} is no package, or is damaged: choose the ZIP file of a bioimage.io "
            "model, or get it again."
        ) from error
    return _kept(data, package.name, name)


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


def _model_in(zipped: ZipFile, package: str) -> bytes:
    """Return the model file that a package holds, once all of the package is found as it should."""
    told = _description(zipped, package)
    ours = _ours(told, package)
    hashes = dict(_hashes(told))
    if ours["model"] not in hashes:
        raise UserError(f"{package} does not tell the hash of its model: get it again.")
    data = b""
    for name, expected in hashes.items():
        if name not in zipped.namelist():
            raise UserError(f"{package} is not whole, as {name} is missing: get it again.")
        found = zipped.read(name)
        if hashlib.sha256(found).hexdigest() != expected:
            raise UserError(
                f"{package} is damaged, or somebody has changed it, as {name} is not what it "
                "should be: get it again."
            )
        data = found if name == ours["model"] else data
    if _weights(told) != ours["weights"]:
        raise UserError(
            f"The network in {package} was trained on in another program, and U-Net Studio cannot "
            "take that over: use it there, or fine-tune the model here."
        )
    return data


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
    """Return what is said of the model file in a package; only one that we have written has it."""
    config = told.get("config")
    ours = config.get(CONFIG) if isinstance(config, dict) else None
    if not isinstance(ours, dict):
        raise UserError(
            f"{package} was made by another program: its network is code, which is not run here, "
            "so use it in that program, or train a model on its labels."
        )
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
