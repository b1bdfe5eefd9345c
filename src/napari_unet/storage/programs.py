"""The programs that the user has agreed to run: networks that came from other programs.

A program is TorchScript, which does what it likes once it runs. So a model file that holds one is
of no use by itself: its program runs only if it lies here, and it gets here only after a question.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from napari_unet.core.config import ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.storage.atomic import replacing
from napari_unet.storage.folders import data_folder
from napari_unet.storage.model_header import read_header

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any


PROGRAM = "torchscript"
"""What the program is called among the tensors of a model file."""
_SUFFIX = ".torchscript"


def programs_folder() -> Path:
    """Return the folder of the programs that the user has agreed to run."""
    return data_folder() / "programs"


def digest_of(program: bytes) -> str:
    """Return by what a program is known: its SHA-256, in hexadecimal letters."""
    return hashlib.sha256(program).hexdigest()


def trust(program: bytes) -> str:
    """Keep a program that the user has agreed to run, and return its digest."""
    digest = digest_of(program)
    path = programs_folder() / f"{digest}{_SUFFIX}"
    if not path.exists():
        with replacing(path) as temporary:
            temporary.write_bytes(program)
    return digest


def is_trusted(digest: str) -> bool:
    """Tell whether the user has agreed to run a program."""
    return (programs_folder() / f"{digest}{_SUFFIX}").is_file()


def trusted_program(digest: str) -> bytes:
    """Return a program that the user has agreed to run.

    Raises
    ------
    UserError
        If nobody has agreed to it, or it was changed since.
    """
    path = programs_folder() / f"{digest}{_SUFFIX}"
    # the digest stands in a file that may come from anybody
    program = path.read_bytes() if digest.isalnum() and path.is_file() else b""
    if digest_of(program) != digest:
        raise UserError(
            "The network of this model is a program of another maker, which nobody has agreed to "
            "run here: if you trust where it comes from, run napari-unet model trust FILE, or "
            "import its package."
        )
    return program


def question(about: Mapping[str, Any]) -> str:
    """Return what the user has to know before a program is run, the end of a sentence.

    Parameters
    ----------
    about
        What a model file, or `describe`, tells: ``authors`` are looked at.
    """
    makers = ", ".join(map(str, about.get("authors") or ())) or "somebody who is not named"
    return (
        f"its network was made by {makers} with another program, and is a program itself, which "
        "can do on this computer whatever you can: only go on if you trust where it comes from."
    )


def untrusted(header: Mapping[str, Any]) -> bool:
    """Tell whether a model file holds a program that the user has not agreed to.

    Parameters
    ----------
    header
        As `read_header` returns it.
    """
    program = ModelConfig.from_dict(header["config"]).program
    return program is not None and not is_trusted(program.digest)


def check_packable(config: ModelConfig, name: str) -> None:
    """Refuse to make a package of a model whose network came in one.

    Parameters
    ----------
    config, name
        The network's shape, and what the model is called.

    Raises
    ------
    UserError
        If the network is a program.
    """
    if config.program:
        raise UserError(
            f"The network of {name!r} came in a package of another program, which this program "
            "cannot write: give that package on, or the model file."
        )


def trust_model(path: Path) -> str:
    """Agree to run the program in a model file, and return its digest.

    Raises
    ------
    UserError
        If the file is no model, holds no program, or another one than it says.
    """
    program = ModelConfig.from_dict(read_header(path)["config"]).program
    if program is None:
        raise UserError(f"{path.name} holds no program, so that there is nothing to agree to.")
    try:
        data = np.asarray(load_file(path)[PROGRAM], np.uint8).tobytes()
    except (SafetensorError, KeyError) as error:
        raise UserError(f"{path.name} is damaged: copy or download it again.") from error
    if digest_of(data) != program.digest:
        raise UserError(
            f"{path.name} was changed, as its program is not the one that it says: get it again "
            "from where it comes from."
        )
    return trust(data)
