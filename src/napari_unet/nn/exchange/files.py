"""The files of a package, written into a folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from napari_unet.core.decoding.decode import decode
from napari_unet.core.image.normalize import limits, normalize
from napari_unet.nn.exchange.block import Block
from napari_unet.nn.exchange.example import cover, middle_of
from napari_unet.nn.exchange.network import SOURCE, plain_network, write_weights
from napari_unet.nn.exchange.readme import readme
from napari_unet.nn.model import Model, save_model
from napari_unet.storage.model_card import ModelCard
from napari_unet.storage.model_header import SUFFIX
from napari_unet.storage.names import file_name


@dataclass(frozen=True)
class Files:
    """The files of a package.

    Parameters
    ----------
    model
        Our own model file.
    state_dict, script, source
        The weights in two formats, and the file that defines the network.
    image, probabilities, height
        What goes in and comes out, ``.npy``; no height of a model without one.
    cover, readme
        Its picture and its page.
    most
        The least of the largest values that come out; a tolerance must be small against it.
    """

    model: Path
    state_dict: Path
    script: Path
    source: Path
    image: Path
    probabilities: Path
    height: Path | None
    cover: Path
    readme: Path
    most: float


def write_files(
    model: Model, card: ModelCard, blocks: Sequence[Block], image: NDArray[Any], folder: Path
) -> Files:
    """Write the files of a package.

    Parameters
    ----------
    model, card
        What it is about.
    blocks
        Along each spatial axis.
    image
        ``(C, *spatial)``, what the package is tested with, of a size that the network takes.
    folder
        Where they are written; it is there.
    """
    plain = plain_network(model.network)
    grey = limits(image, model.normalize)
    seen = torch.from_numpy(normalize(image, grey, model.normalize)[np.newaxis])
    with torch.no_grad():
        outputs = plain(seen) if model.config.height else (plain(seen),)
    probabilities, *heights = (output.numpy() for output in outputs)
    files = Files(
        model=folder / f"{file_name(model.name, 'model')}{SUFFIX}",
        state_dict=folder / "weights.pt",
        script=folder / "weights_torchscript.pt",
        source=Path(shutil.copy(SOURCE, folder)),
        image=_saved(folder / "test_image.npy", image[np.newaxis]),
        probabilities=_saved(folder / "test_probabilities.npy", probabilities),
        height=_saved(folder / "test_height.npy", heights[0]) if heights else None,
        cover=folder / "cover.png",
        readme=folder / "README.md",
        most=min(float(output.max()) for output in (probabilities, *heights)),
    )
    save_model(model, files.model)
    smallest = (slice(axis.input_size(1)) for axis in model.network.geometry)
    write_weights(plain, seen[:, :, *smallest], files.state_dict, files.script)
    files.readme.write_text(readme(model, card, blocks), encoding="utf-8")
    found, _ = decode(probabilities[0], heights[0][0, 0] if heights else None, model.decode)
    Image.fromarray(cover(middle_of(image, found.shape), found)).save(files.cover)
    return files


def _saved(path: Path, array: NDArray[Any]) -> Path:
    np.save(path, array)
    return path
