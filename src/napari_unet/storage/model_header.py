"""What a model file says about itself, read without loading its parameters or torch.

A model is a safetensors file: eight bytes with the length of a JSON header, the header, the
parameters. Everything but the parameters stands in the header's metadata under one key.
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from napari_unet.core.config import PRESETS, DecodeConfig, ModelConfig, NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.option import FORMAT, Config, is_newer
from napari_unet.storage.folders import models_folder
from napari_unet.storage.names import is_device, numbered

KEY = "napari_unet"
SUFFIX = ".safetensors"
AUTO = "auto"
"""Stands for the bundled model that fits an image best."""
RESERVED = (AUTO, "automatic", "scratch")
"""Words that stand for no model of their own where a model is asked for."""
_USUAL = "nuclei"
_PARTS: dict[str, type[Config]] = {
    "config": ModelConfig,
    "normalize": NormalizeConfig,
    "decode": DecodeConfig,
}
_LONGEST = 100_000_000
_ALIGNED = 8
"""Where parameters begin in the file, they do at a multiple of so many bytes."""
_FOLDER = Path(__file__).parent.parent / "models"


def bundled_models() -> dict[str, Path]:
    """Return the models that come with the package, name to path, the usual one first."""
    names = sorted(_FOLDER.glob(f"*{SUFFIX}"), key=lambda path: (path.stem != _USUAL, path.stem))
    return {path.stem: path for path in names}


def known_models() -> dict[str, Path]:
    """Return the bundled models and those that the user has trained and kept, name to path."""
    own = {path.stem: path for path in sorted(models_folder().glob(f"*{SUFFIX}"))}
    return own | bundled_models()


def find_model(name_or_path: str | Path) -> Path:
    """Return the whole path of a bundled model, of one that was kept, or of a model file.

    A name means the model, whatever is called so in the working directory; ``./nuclei`` means a
    file there.

    Raises
    ------
    UserError
        If there is none; the sentence lists those that have a name.
    """
    known = known_models()
    if not isinstance(name_or_path, str | PathLike):
        raise UserError(
            f"A model cannot be {type(name_or_path).__name__}: give a loaded model, the path of a "
            f"model file or one of {', '.join(known)}."
        )
    if str(name_or_path) in known:
        return known[str(name_or_path)]
    path = Path(name_or_path).absolute()
    if not path.is_file() and path.suffix == SUFFIX:
        raise UserError(
            f"There is no model file {str(name_or_path)!r}: choose one that is there, such as "
            f"{', '.join(known)}."
        )
    if not path.is_file():
        raise UserError(
            f"There is no model {str(name_or_path)!r}: give the path of a model file "
            f"or one of {', '.join(known)}."
        )
    return path


def new_model_file(name: str) -> Path:
    """Return the file for a model that the user keeps under a name.

    Parameters
    ----------
    name
        Letters, digits, spaces, dots, hyphens and underscores.

    Raises
    ------
    UserError
        If the name is not one, or is taken.
    """
    if not name.strip():
        raise UserError("The model has no name: type one.", about="name")
    fits = re.fullmatch(r"[\w][\w .-]*", name) and name == name.strip(" .")
    if not fits or name.endswith(SUFFIX):
        raise UserError(
            f"{name!r} cannot be a model's name: use letters, digits, spaces and hyphens.",
            about="name",
        )
    if is_device(name):
        raise UserError(
            f"{name!r} cannot be a model's name, as Windows has no such files: choose another one.",
            about="name",
        )
    path = models_folder() / f"{name}{SUFFIX}"
    if name in (*RESERVED, *bundled_models()) or path.exists():
        raise UserError(f"There is a model {name!r} already: choose another name.", about="name")
    return path


def free_model_name(name: str, besides: Collection[str] = ()) -> str:
    """Return a name, with a number if a model has it, also where capitals make no difference.

    Parameters
    ----------
    name
        What the model shall be called.
    besides
        Names that are taken, too.
    """
    taken = {each.casefold() for each in (*RESERVED, *known_models(), *besides)}
    return next(each for each in numbered(name) if each.casefold() not in taken)


def lasting_name(name_or_path: str | Path) -> str:
    """Return by what `find_model` finds a model from every folder: its name or its whole path.

    A name also finds it on another machine, if it is bundled.

    Raises
    ------
    UserError
        If there is no such model.
    """
    path = find_model(name_or_path).resolve()
    names = {known.resolve(): name for name, known in known_models().items()}
    return names.get(path, str(path))


def read_header(path: str | Path) -> dict[str, Any]:
    """Return a model file's metadata: name, config, normalize, decode, about and sizes.

    ``pixel_size`` (µm per spatial axis), ``object_size`` and ``object_spread`` (px) and ``working``
    (see `Sizes`) are None where they are not known, and are not there in older files; ``sides`` is
    there only where it is known.

    Raises
    ------
    UserError
        If the file is no model, is cut short or damaged, or was written by a newer version.
    """
    path = Path(path)
    header = _safetensors_header(path)
    try:
        about: dict[str, Any] = dict(json.loads(header["__metadata__"][KEY]))
    except (KeyError, TypeError, ValueError) as error:
        raise _no_model(path) from error
    if is_newer(about.get("format")):
        raise UserError(
            f"{path.name} was written by a newer version: update napari-unet-studio to use it."
        )
    try:
        whole = _is_whole(about)
    except UserError as error:
        raise error.of(path.name) from error
    if not whole:
        raise UserError(f"{path.name} is damaged: copy or download it again.")
    return about


def name_in(data: bytes) -> str:
    """Return the name that a model file has inside; empty where it has none.

    Parameters
    ----------
    data
        All of the file.
    """
    try:
        _, _, about = _parts(data)
    except (KeyError, TypeError, ValueError, struct.error):
        return ""
    return str(about.get("name", ""))


def renamed(data: bytes, name: str) -> bytes:
    """Return a model file with another name inside, and the same otherwise.

    Parameters
    ----------
    data
        All of the file; what is no model is returned as it is.
    name
        The name.
    """
    try:
        length, header, about = _parts(data)
    except (KeyError, TypeError, ValueError, struct.error):
        return data
    header["__metadata__"][KEY] = json.dumps({**about, "name": name})
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % _ALIGNED)
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


def _parts(data: bytes) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Return the length of a model file's header, the header, and what stands under our key."""
    length = struct.unpack("<Q", data[:8])[0]
    header = dict(json.loads(data[8 : 8 + length]))
    return length, header, dict(json.loads(header["__metadata__"][KEY]))


def scratch_header(preset: str) -> dict[str, Any]:
    """Return what a model of one of the `PRESETS` says of itself before it has learnt anything."""
    parts = {"config": PRESETS[preset], "normalize": NormalizeConfig(), "decode": DecodeConfig()}
    return {"name": preset} | {name: part.to_dict() for name, part in parts.items()}


def _no_model(path: Path) -> UserError:
    return UserError(
        f"{path.name} is not a U-Net Studio model: choose a model file that this program has "
        "written."
    )


def _is_whole(about: Mapping[str, Any]) -> bool:
    """Tell whether nothing is missing that every model file has; a `UserError` says what is odd."""
    if about.get("format") != FORMAT or not set(_PARTS) <= set(about):
        return False
    for part, config in _PARTS.items():
        config.from_dict(about[part])
    return isinstance(about.get("name"), str) and isinstance(about.get("about"), dict)


def known_sizes(header: Mapping[str, Any]) -> Sizes:
    """Return at what size of pixels and objects a model was trained.

    Parameters
    ----------
    header
        As `read_header` returns it; what is no size is passed over.
    """
    size, ndim = header.get("object_size"), header.get("config", {}).get("ndim", 2)
    pixel, working, sides = (
        _several(header.get(name), ndim) for name in ("pixel_size", "working", "sides")
    )
    low_high = _several(header.get("object_spread"), 2)
    spread = (min(low_high), max(low_high)) if low_high else None
    return Sizes(pixel, size if _is_size(size) else None, working, spread, sides)


def _several(stated: Any, count: int) -> tuple[float, ...] | None:
    sizes = stated if isinstance(stated, list) and all(map(_is_size, stated)) else []
    return tuple(map(float, sizes)) if len(sizes) == count else None


def _is_size(value: Any) -> bool:
    return isinstance(value, int | float) and 0 < value < math.inf


def _safetensors_header(path: Path) -> dict[str, Any]:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            text = file.read(length) if length < _LONGEST else b""
    except OSError as error:
        raise UserError(f"{path.name} cannot be read: {error.strerror}.") from error
    cut_short = UserError(f"{path.name} is cut short: copy or download it again.")
    if text.startswith(b"{") and len(text) < length:
        raise cut_short
    try:
        header: dict[str, Any] = dict(json.loads(text))
        tensors = [value for key, value in header.items() if key != "__metadata__"]
        needed = 8 + length + max((tensor["data_offsets"][1] for tensor in tensors), default=0)
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise _no_model(path) from error
    if size < needed:
        raise cut_short
    return header
