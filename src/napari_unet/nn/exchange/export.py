"""A model file made into a package of bioimage.io."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.progress import Progress, Steps, drive
from napari_unet.nn.exchange.block import Block
from napari_unet.nn.exchange.example import drawn, middle_of
from napari_unet.nn.exchange.files import write_files
from napari_unet.nn.model import Model, load_model
from napari_unet.nn.network.geometry import Geometry
from napari_unet.storage.atomic import check_folder, replacing
from napari_unet.storage.model_card import ModelCard, completed
from napari_unet.storage.programs import check_packable

_STAGES = 2


def export_model(
    model: str | Path | Model,
    path: str | Path,
    card: ModelCard | None = None,
    example: Any = None,
    *,
    overwrite: bool = False,
) -> Path:
    """Write a model as a package of bioimage.io, which other programs can run.

    Parameters
    ----------
    model
        Name of a bundled model, path of a model file, or a loaded `Model`.
    path
        The package to write, a ``.zip``.
    card
        What others are told of it; what is left out is taken from the model file.
    example
        ``(C, *spatial)``, an image that the model is good at and everybody may see; its middle
        goes into the package and onto its cover. None for drawn discs.
    overwrite
        Whether a file of that name may be replaced.

    Returns
    -------
    The package.

    Raises
    ------
    UserError
        If bioimageio.spec is not installed, something about the model is missing, the example does
        not fit it, or the file is there or cannot be written.

    Examples
    --------
    >>> from napari_unet import export_model
    >>> package = export_model("nuclei", "nuclei.zip")
    """
    if not isinstance(model, Model):
        model = load_model(model)
    return drive(export_steps(model, Path(path), card, example, overwrite=overwrite))


def export_steps(
    model: Model,
    path: Path,
    card: ModelCard | None = None,
    example: Any = None,
    *,
    overwrite: bool = False,
) -> Steps[Path]:
    """Write a package step by step: `export_model` is this, driven to its end.

    Yields
    ------
    Progress with what is done.
    """
    _check(model, path, example, overwrite)
    card = card or ModelCard()
    whole = completed(card, {"name": model.name, "about": model.about})
    model = replace(model, about={**model.about, **card.stated()})
    # loaded late: it may not be installed, and takes a second
    from napari_unet.nn.exchange import description  # noqa: PLC0415

    description.licence_id(whole.licence)
    description.cited(whole.cite, model)
    yield Progress("writing the network", 0, _STAGES)
    blocks = [Block.of(Geometry.of(model.config, axis)) for axis in range(model.config.ndim)]
    size = [block.smallest for block in blocks]
    image = drawn(model, size) if example is None else middle_of(example, size)
    # bioimageio.spec leaves files open, which Windows does not let go of
    with TemporaryDirectory(prefix="bioimageio-", ignore_cleanup_errors=True) as folder:
        files = write_files(model, whole, blocks, image, Path(folder))
        yield Progress("packing", 1, _STAGES)
        described = description.describe(model, whole, blocks, files)
        packed = Path(folder) / "packed.zip"
        description.save_package(described, packed)
        with replacing(path) as temporary:
            shutil.copyfile(packed, temporary)
    return path


def _check(model: Model, path: Path, example: Any, overwrite: bool) -> None:
    if find_spec("bioimageio") is None:
        raise UserError(
            "Packages of bioimage.io need bioimageio.spec, which is not installed: run "
            "pip install 'napari-unet-studio[exchange]'."
        )
    check_packable(model.config, model.name)
    if path.suffix.lower() != ".zip":
        raise UserError(f"A package is a ZIP file: call it {path.stem}.zip.", about="out")
    check_folder(path.absolute().parent)
    if path.exists() and not overwrite:
        raise UserError(f"{path} exists: choose another name, or replace it.", about="overwrite")
    if example is None:
        return
    check_image(example)
    channels, ndim = model.config.in_channels, model.config.ndim
    if example.ndim != 1 + ndim or example.shape[0] != channels:
        raise UserError(
            f"The example has shape {example.shape}: model {model.name!r} takes {channels} "
            f"channels and {ndim} axes."
        )
