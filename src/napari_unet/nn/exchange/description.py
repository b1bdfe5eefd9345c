"""What a package says of its network, in the words of bioimage.io's specification."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from bioimageio.spec import save_bioimageio_package
from bioimageio.spec.common import FileDescr, ValidationError
from bioimageio.spec.model import v0_5 as spec

from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.normalize import BEYOND
from napari_unet.core.option import FORMAT
from napari_unet.nn.exchange.block import Block
from napari_unet.nn.exchange.files import Files
from napari_unet.nn.exchange.network import arguments_of
from napari_unet.nn.exchange.plain_unet import PlainUNet
from napari_unet.nn.model import Model
from napari_unet.storage.model_card import ModelCard
from napari_unet.storage.package import CONFIG

_PAPER = spec.CiteEntry(
    text="Ronneberger, Fischer, Brox: U-Net. MICCAI 2015.",
    doi=spec.Doi("10.1007/978-3-319-24574-4_28"),
)
_TOLERANCE = 1e-3
"""How far another machine's output may be from ours, at most, and of its value."""
_SHORTEST = 5
"""Letters of a name, as the specification wants it."""


def licence_id(name: str) -> spec.LicenseId:
    """Return a licence as the specification knows it, in whatever letters it is given.

    Raises
    ------
    UserError
        If it does not know it.
    """
    known = spec.LicenseId.root_model.model_json_schema()["enum"]
    found = next((each for each in known if each.casefold() == name.casefold()), None)
    if found is None:
        raise UserError(
            f"{name!r} is not the short name of a licence: give one of the SPDX list, such as "
            "CC-BY-4.0 or MIT.",
            about="licence",
        )
    return spec.LicenseId(found)


def cited(dois: Sequence[str], model: Model) -> list[spec.CiteEntry]:
    """Return what is to be cited: the paper of the network first.

    Raises
    ------
    UserError
        If one is no DOI.
    """
    found = [_PAPER]
    for doi in dois:
        try:
            text = str(model.about.get("data") or "What the model was made with.")
            found.append(spec.CiteEntry(text=text, doi=spec.Doi(doi)))
        except ValidationError as error:
            raise UserError(
                f"{doi!r} is no DOI, such as 10.1038/nmeth.2019: copy it from the paper.",
                about="cite",
            ) from error
    return found


def describe(
    model: Model, card: ModelCard, blocks: Sequence[Block], files: Files
) -> spec.ModelDescr:
    """Return the description of a package.

    Parameters
    ----------
    model, card, files
        What it is about; the files are there.
    blocks
        Along each spatial axis.
    """
    licence, cite = licence_id(card.licence), cited(card.cite, model)
    version = spec.Version(torch.__version__.partition("+")[0])
    architecture = spec.ArchitectureFromFileDescr(
        source=files.source,
        callable=spec.Identifier(PlainUNet.__name__),
        kwargs=arguments_of(model.config),
    )
    weights = spec.WeightsDescr(
        pytorch_state_dict=spec.PytorchStateDictWeightsDescr(
            source=files.state_dict, architecture=architecture, pytorch_version=version
        ),
        torchscript=spec.TorchscriptWeightsDescr(
            source=files.script, parent="pytorch_state_dict", pytorch_version=version
        ),
    )
    return spec.ModelDescr(
        name=_name(model.name),
        description=card.description,
        authors=[spec.Author(name=name.replace("/", " ")) for name in card.authors],
        license=licence,
        cite=cite,
        covers=[FileDescr(source=files.cover)],
        documentation=FileDescr(source=files.readme),
        attachments=[FileDescr(source=files.model)],
        tags=["unet", "segmentation", f"{model.config.ndim}d", "napari", *model.config.classes],
        inputs=[_input(model, blocks, files)],
        outputs=_outputs(model, blocks, files),
        weights=weights,
        config=_config(model, files),
    )


def save_package(description: spec.ModelDescr, path: Path) -> None:
    """Write a package, and have the specification look at it."""
    save_bioimageio_package(description, output_path=path)


def _name(name: str) -> str:
    """Return a name of letters and at a length that the specification takes."""
    allowed = re.sub(r"[^A-Za-z0-9_+\- ()]", "_", name)[:64]
    return allowed if len(allowed) >= _SHORTEST else f"{allowed} U-Net"


def _input(model: Model, blocks: Sequence[Block], files: Files) -> spec.InputTensorDescr:
    letters = SPATIAL[model.config.ndim].lower()
    channels = [f"channel {number}" for number in range(model.config.in_channels)]
    # a pass over a volume is long enough, and its memory large enough, for one at a time
    batch = spec.BatchAxis() if model.config.ndim == 2 else spec.BatchAxis(size=1)
    axes: list[Any] = [batch, spec.ChannelAxis(channel_names=channels)]
    for letter, block, scale in zip(letters, blocks, _scales(model), strict=True):
        size = spec.ParameterizedSize(min=block.smallest, step=block.step)
        axis = spec.SpaceInputAxis(id=spec.AxisId(letter), size=size, concatenable=True, **scale)
        axes.append(axis)
    scaled = spec.ScaleRangeDescr(
        kwargs=spec.ScaleRangeKwargs(
            axes=[spec.AxisId(letter) for letter in letters],
            min_percentile=model.normalize.low,
            max_percentile=model.normalize.high,
        )
    )
    cut = spec.ClipDescr(kwargs=spec.ClipKwargs(min=-BEYOND, max=1 + BEYOND))
    return spec.InputTensorDescr(
        id=spec.TensorId("image"),
        axes=axes,
        data=spec.IntervalOrRatioDataDescr(type="float32"),
        preprocessing=[scaled, cut],
        # said in words, as what is not is left out of the file
        pad=spec.ReflectPadding(mode="reflect"),
        test_tensor=FileDescr(source=files.image),
    )


def _outputs(model: Model, blocks: Sequence[Block], files: Files) -> list[spec.OutputTensorDescr]:
    classes = ["background", *model.config.classes]
    wanted = [("probabilities", classes, files.probabilities), ("height", ["height"], files.height)]
    return [
        spec.OutputTensorDescr(
            id=spec.TensorId(name),
            axes=[
                spec.BatchAxis() if model.config.ndim == 2 else spec.BatchAxis(size=1),
                spec.ChannelAxis(channel_names=channels),
                *_output_axes(model, blocks),
            ],
            data=spec.IntervalOrRatioDataDescr(type="float32"),
            test_tensor=FileDescr(source=path),
        )
        for name, channels, path in wanted
        if path is not None
    ]


def _output_axes(model: Model, blocks: Sequence[Block]) -> list[Any]:
    axes: list[Any] = []
    letters = SPATIAL[model.config.ndim].lower()
    for letter, block, scale in zip(letters, blocks, _scales(model), strict=True):
        axis = spec.AxisId(letter)
        size = spec.SizeReference(
            tensor_id=spec.TensorId("image"), axis_id=axis, offset=-block.lost
        )
        if block.halo:
            axes.append(spec.SpaceOutputAxisWithHalo(id=axis, size=size, halo=block.halo, **scale))
        else:
            axes.append(spec.SpaceOutputAxis(id=axis, size=size, **scale))
    return axes


def _scales(model: Model) -> list[dict[str, Any]]:
    """Return the size of a pixel along each axis, where it is known."""
    if model.pixel_size is None:
        return [{}] * model.config.ndim
    return [{"scale": size, "unit": "micrometer"} for size in model.pixel_size]


def _config(model: Model, files: Files) -> spec.Config:
    # the specification wants it small against what comes out
    absolute = max(0.0, min(_TOLERANCE, files.most / 200))
    tolerance = spec.ReproducibilityTolerance(
        relative_tolerance=_TOLERANCE, absolute_tolerance=absolute
    )
    told = spec.BioimageioConfig(
        reproducibility_tolerance=[tolerance],
        architecture_type=f"{model.config.ndim}D U-Net",
        target_structure=list(model.config.classes),
        task="instance segmentation" if model.config.height else "semantic segmentation",
        model_parameter_count=sum(each.numel() for each in model.network.parameters()),
    )
    ours: Any = {
        "format": FORMAT,
        "model": files.model.name,
        "weights": sha256(files.state_dict.read_bytes()).hexdigest(),
    }
    return spec.Config(bioimageio=told, **{CONFIG: ours})
