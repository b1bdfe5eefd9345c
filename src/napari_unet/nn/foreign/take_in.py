"""A package made into a model of ours: its network is tried, and kept if it does what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import torch

from napari_unet.core.config import DecodeConfig, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.normalize import limits, normalize
from napari_unet.core.program_config import ProgramConfig
from napari_unet.core.progress import Progress, Steps, drive
from napari_unet.nn.foreign.describe import Described, describe
from napari_unet.nn.foreign.probe import can_learn, features_of, geometry
from napari_unet.nn.model import Model, save_model
from napari_unet.nn.network.program import ProgramNetwork, loaded_program
from napari_unet.nn.network.program_geometry import ProgramGeometry
from napari_unet.storage.model_header import new_model_file
from napari_unet.storage.names import file_name
from napari_unet.storage.package import keep_own, read_package
from napari_unet.storage.programs import question
from napari_unet.storage.programs import trust as trust_program

_STAGES = 3
_MISFITS = 1e-4
"""Share of the pixels that may be beyond the tolerance, as bioimage.io has it."""


def import_model(
    package: str | Path,
    name: str | None = None,
    *,
    trust: bool = False,
    outputs: Sequence[str] = (),
) -> Path:
    """Keep the model of a package, so that every widget and command finds it by its name.

    The files of a package are compared with the hashes that it tells. Nothing is run of one that
    U-Net Studio has written. The network of any other is a program, TorchScript, which is run only
    if you trust it; then it must give what the package says that it gives.

    Parameters
    ----------
    package
        A package of bioimage.io, a ``.zip``.
    name
        What the model is to be called; None for its own name.
    trust
        Whether a program that somebody else has made may be run on this computer.
    outputs
        What the network of another program gives, where the package does not say it: for each
        channel ``"background"``, ``"foreground"``, ``"boundary"`` or the name of a class.

    Returns
    -------
    The model's file.

    Raises
    ------
    UserError
        If it is no package, is damaged, changed, from a newer version, of a kind that cannot be
        used here, or not trusted, or the name is taken; then nothing is kept.
    """
    looked = read_package(package)
    if looked.is_own:
        return keep_own(looked, name)
    described = describe(looked, outputs)
    described.check()
    if not trust:
        raise UserError(f"{looked.path.name}: {question(described.about)}", about="trust")
    return drive(take_in_steps(described, name))


def take_in_steps(described: Described, name: str | None = None) -> Steps[Path]:
    """Try the network of a package of another program, and keep it; the user has agreed to it.

    Parameters
    ----------
    described
        The package.
    name
        What the model is to be called; None for its own name.

    Yields
    ------
    Progress with what is done.

    Raises
    ------
    UserError
        If it is not clear what comes out of it, it does not give what it should, or the name is
        taken; then nothing is kept.
    """
    described.check()
    path = new_model_file(name or file_name(described.name, "model"))
    yield Progress("testing the network", 0, _STAGES)
    program = loaded_program(described.program)
    config = _config(described, program)
    _check_test(described, ProgramNetwork(config, program))
    yield Progress("measuring what it sees", 1, _STAGES)
    network = _measured(described, config, program)
    yield Progress("keeping the model", 2, _STAGES)
    trust_program(described.program)
    package = {**described.about["package"], "digest": described.digest}
    about = {**described.about, "package": package}
    save_model(Model(path.stem, network, described.normalize, DecodeConfig(), about), path)
    return path


def _config(described: Described, program: Any) -> ModelConfig:
    known = ProgramConfig(
        described.digest,
        described.channels,
        tuple(astuple(ProgramGeometry(s.tested, 0, s.lead, 0, 1)) for s in described.sizes),
        described.before,
        described.after,
    )
    return ModelConfig(
        ndim=described.ndim,
        in_channels=described.test_input.shape[1],
        classes=known.classes,
        features=features_of(program),
        height=known.height,
        program=known,
    )


def _check_test(described: Described, network: ProgramNetwork) -> None:
    """Refuse a network that does not give what its package says that it gives."""
    wanted = described.test_output
    with torch.inference_mode():
        found = torch.cat([network.channels(each) for each in _seen(described)]).numpy()
    if found.shape != wanted.shape:
        raise UserError(
            f"The network of {described.name} gives {found.shape} where its package says "
            f"{wanted.shape}: get it again, or tell who made it."
        )
    relative, absolute = described.tolerance
    away = np.abs(found - wanted)
    if np.mean(~(away <= absolute + relative * np.abs(wanted))) > _MISFITS:
        raise UserError(
            f"The network of {described.name} does not give what its package says (it is up to "
            f"{np.nanmax(away):.2g} away): get it again, or tell who made it."
        )


def _seen(described: Described) -> list[torch.Tensor]:
    """Return what goes into the network in the package's test, normalised, one image each."""
    images = described.test_input
    known = described.normalize
    normed = (normalize(each, limits(each, known), known) for each in images)
    return [torch.from_numpy(each[np.newaxis]) for each in normed]


def _measured(described: Described, config: ModelConfig, program: Any) -> ProgramNetwork:
    """Return the network with how it is cut for, and whether it can learn."""
    axes = geometry(config, program, described.sizes)
    test = _seen(described)[0].numpy()
    known = config.program and config.program.replace(
        axes=tuple(map(astuple, axes)), trainable=can_learn(ProgramNetwork(config, program), test)
    )
    return ProgramNetwork(config.replace(program=known), program).eval()
