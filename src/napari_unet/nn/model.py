"""A model: the network, and everything needed to use it, in one safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from napari_unet.core.config import DecodeConfig, ModelConfig, NormalizeConfig
from napari_unet.core.decoding.known import Known
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.option import FORMAT
from napari_unet.core.provenance.record import ModelFile
from napari_unet.nn.network.make import Network, new_network
from napari_unet.storage.atomic import replacing
from napari_unet.storage.digests import file_digest
from napari_unet.storage.model_header import (
    KEY,
    find_model,
    known_sizes,
    lasting_name,
    read_header,
)
from napari_unet.storage.programs import PROGRAM, trusted_program


@dataclass(frozen=True)
class Model:
    """A trained network and what it needs to be used.

    Parameters
    ----------
    name
        What users call it.
    network
        The parameters, on the CPU, in evaluation mode.
    normalize
        How images come in.
    decode
        How objects come out.
    about
        Provenance: data, licence, recipe, figures; anything JSON can hold.
    sizes
        At what size of pixels and objects it was trained, as far as that is known.
    file
        The file that it was read from.
    """

    name: str
    network: Network
    normalize: NormalizeConfig = NormalizeConfig()
    decode: DecodeConfig = DecodeConfig()
    about: Mapping[str, Any] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=Sizes)
    file: ModelFile = field(default_factory=ModelFile)

    @property
    def config(self) -> ModelConfig:
        """The network's shape."""
        return self.network.config

    @property
    def pixel_size(self) -> tuple[float, ...] | None:
        """Size of the pixels that it was trained on, in µm per spatial axis; None for unknown."""
        return self.sizes.pixel

    @property
    def known(self) -> Known:
        """What is usual in images that it knows."""
        noted = self.about.get("validation")
        foreign = self.config.program is not None and not noted
        return Known.of_any_grey() if foreign else Known.from_dict(noted)

    @property
    def object_size(self) -> float | None:
        """Median diameter of the objects that it was trained on, in px; None for unknown."""
        return self.sizes.object


def save_model(model: Model, path: str | Path) -> None:
    """Write a model file; a file of that name is replaced in one step."""
    header = {
        "format": FORMAT,
        "name": model.name,
        "config": model.config.to_dict(),
        "normalize": model.normalize.to_dict(),
        "decode": model.decode.to_dict(),
        "about": dict(model.about),
        "pixel_size": model.sizes.pixel,
        "object_size": model.sizes.object,
        "object_spread": model.sizes.spread,
        "working": model.sizes.working,
    }
    if model.sizes.sides:
        header["sides"] = model.sizes.sides
    tensors = {key: value.contiguous() for key, value in model.network.state_dict().items()}
    if model.config.program:
        program = bytearray(trusted_program(model.config.program.digest))
        tensors[PROGRAM] = torch.frombuffer(program, dtype=torch.uint8)
    header["parameters"] = _digest(tensors)
    save_tensors(tensors, {KEY: json.dumps(header)}, path)


def load_model(name_or_path: str | Path) -> Model:
    """Load a bundled model by its name, or any model file.

    Raises
    ------
    UserError
        If there is no such file, or it is damaged, no model, or from a newer version; or its
        network is a program that nobody has agreed to run.
    """
    path = find_model(name_or_path)
    header = read_header(path)
    try:
        network = new_network(ModelConfig.from_dict(header["config"]))
        tensors = load_file(path)
        if header.get("parameters") not in (None, _digest(tensors)):
            raise SafetensorError("The parameters are not those that were written.")
        tensors.pop(PROGRAM, None)
        network.load_state_dict(tensors)
        return Model(
            name=header["name"],
            network=network.eval(),
            normalize=NormalizeConfig.from_dict(header["normalize"]),
            decode=DecodeConfig.from_dict(header["decode"]),
            about=header["about"],
            sizes=known_sizes(header),
            file=ModelFile(header["name"], lasting_name(path), file_digest(path)),
        )
    except (RuntimeError, SafetensorError) as error:
        raise UserError(f"{path.name} is damaged: copy or download it again.") from error


def _digest(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of all parameters: a few wrong ones still give labels, but wrong ones."""
    found = sha256()
    for name, values in sorted(tensors.items()):
        found.update(name.encode())
        found.update(values.reshape(-1).view(torch.uint8).numpy().tobytes())
    return found.hexdigest()


def widened(model: Model, in_channels: int) -> Model:
    """Return a model of one channel as one that takes more, and sees their mean.

    Parameters
    ----------
    model
        Returned as it is unless it takes one channel.
    in_channels
        Channels of the images.

    Raises
    ------
    UserError
        If the network is a program, which takes what it was made for.
    """
    if model.config.in_channels != 1 or in_channels == 1:
        return model
    if model.config.program:
        raise UserError(
            f"Model {model.name!r} takes one channel, not {in_channels}: choose one channel of the "
            "images, or another model."
        )
    network = new_network(model.config.replace(in_channels=in_channels))
    parameters = model.network.state_dict()
    first = next(
        key for key, value in network.state_dict().items() if value.shape[1:2] == (in_channels,)
    )
    spread = [1, in_channels] + [1] * model.config.ndim
    parameters[first] = parameters[first].repeat(spread) / in_channels
    network.load_state_dict(parameters)
    return replace(model, network=network.eval(), file=ModelFile(model.name))


def save_tensors(tensors: dict[str, Tensor], metadata: dict[str, str], path: str | Path) -> None:
    """Write a safetensors file, whole or not at all.

    Parameters
    ----------
    tensors
        By name, of any shape and dtype.
    metadata
        What is said about them, texts by name.
    path
        The file; one that is there is replaced.

    Raises
    ------
    UserError
        If it cannot be written, such as on a full disk.
    """
    with replacing(Path(path)) as temporary:
        temporary.write_bytes(save({key: value.cpu() for key, value in tensors.items()}, metadata))


def seeded_network(config: ModelConfig, seed: int) -> Network:
    """Return a new network whose random parameters depend on nothing but the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return new_network(config)
