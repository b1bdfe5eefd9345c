"""What a package of another program says of its network, in our own words; nothing in it is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.config import NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.program_config import PointStep
from napari_unet.core.words import counted
from napari_unet.nn.foreign.meaning import CHOICES, checked, meaning
from napari_unet.nn.foreign.processing import postprocessing, preprocessing
from napari_unet.nn.foreign.sizes import Size, kinds, sizes
from napari_unet.storage.package import Package
from napari_unet.storage.programs import digest_of

_WEIGHTS = {
    "pytorch_state_dict": "PyTorch weights with Python source",
    "onnx": "ONNX",
    "keras_hdf5": "Keras",
    "keras_v3": "Keras",
    "tensorflow_saved_model_bundle": "TensorFlow",
    "tensorflow_js": "TensorFlow.js",
}
_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Described:
    """A package of another program, of which nothing was run yet.

    Parameters
    ----------
    name
        Of the model.
    about
        Authors, licence, description and where it comes from, as a model file keeps them.
    program
        The TorchScript.
    channels
        What each channel that it gives is, see `meaning`; empty where it is not clear.
    normalize, before, after
        What is done to what goes in, and to what comes out.
    sizes
        What the network takes along each spatial axis.
    test_input, test_output
        Float32 ``(N, C, *spatial)``, what goes in, not yet normalised, and what must come out.
    tolerance
        How far another machine's output may be from that: of its value, and absolutely.
    """

    name: str
    about: Mapping[str, Any]
    program: bytes
    channels: tuple[str, ...]
    normalize: NormalizeConfig
    before: tuple[PointStep, ...]
    after: tuple[PointStep, ...]
    sizes: tuple[Size, ...]
    test_input: NDArray[np.float32]
    test_output: NDArray[np.float32]
    tolerance: tuple[float, float]

    @property
    def digest(self) -> str:
        """By what the program is known."""
        return digest_of(self.program)

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.sizes)

    @property
    def usual_channels(self) -> tuple[tuple[str, ...], ...]:
        """What so many channels usually are."""
        return CHOICES.get(self.test_output.shape[1], ())

    def giving(self, outputs: Sequence[str]) -> Described:
        """Return the same with what the user says that the channels are.

        Raises
        ------
        UserError
            If they are not as many as there are channels, or not different.
        """
        return replace(self, channels=checked(outputs, self.test_output.shape[1]))

    def check(self) -> None:
        """Refuse a network of which it is not clear what it gives.

        Raises
        ------
        UserError
            If neither the package nor the user has said it.
        """
        if not self.channels:
            raise UserError(
                f"{self.name} gives {counted(self.test_output.shape[1], 'channel')} and does not "
                "say what they are: look on its page, and name each: background, foreground, "
                "boundary, or a class.",
                about="outputs",
            )


def describe(package: Package, outputs: Sequence[str] = ()) -> Described:
    """Return what a package says, and refuse it where its network cannot be used here.

    Parameters
    ----------
    package
        One that another program has written.
    outputs
        What the user says that its channels are; empty for nothing.

    Raises
    ------
    UserError
        If it has no TorchScript, takes or gives something else than one image with channels, or
        wants something to be done that is not known here.
    """
    try:
        return _described(package, outputs)
    except UserError as error:
        raise error.of(package.path.name) from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise UserError(
            f"{package.path.name} is damaged, or not as bioimage.io has it ({error!r}): get it "
            "again, or tell who made it."
        ) from error


def _described(package: Package, outputs: Sequence[str]) -> Described:
    told = package.told
    program = _program(package)
    given, comes = (_only(told, key) for key in ("inputs", "outputs"))
    letters = kinds(given["axes"])
    ndim = len(letters) - 2
    if letters != f"bc{SPATIAL[ndim].lower()}" or kinds(comes["axes"]) != letters:
        raise UserError(
            f"Its axes are {letters} and {kinds(comes['axes'])}, but only bcyx and bczyx are "
            "known here: use it in the program that it was made for."
        )
    normalize, before = preprocessing(given.get("preprocessing") or (), letters[2:])
    after = postprocessing(comes.get("postprocessing") or ())
    seen, found = _tested(package, given, "test_inputs"), _tested(package, comes, "test_outputs")
    about = _about(told)
    words = " ".join(map(str, (told.get("name"), about["description"], told.get("tags"))))
    return Described(
        name=str(told["name"]),
        about=about,
        program=program,
        channels=meaning(_names(comes["axes"]), words, found, outputs),
        normalize=normalize,
        before=before,
        after=after,
        sizes=sizes(given, comes, seen.shape[2:], found.shape[2:]),
        test_input=seen,
        test_output=found,
        tolerance=_tolerance(told),
    )


def _program(package: Package) -> bytes:
    """Return the TorchScript of a package, once it is sure that it is what it says."""
    weights = package.told.get("weights") or {}
    script = weights.get("torchscript")
    if not script:
        there = list(dict.fromkeys(_WEIGHTS.get(name, name) for name in weights)) or ["no weights"]
        raise UserError(
            f"It has {' and '.join(there)}, of which nothing is run here: get a version of it with "
            "TorchScript, or use it in the program that it was made for."
        )
    program = package.read(script["source"])
    if digest_of(program) != script.get("sha256", digest_of(program)):
        raise UserError("It was changed while it was read: try again.")
    return program


def _only(told: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found: Sequence[Mapping[str, Any]] = told[key]
    if len(found) != 1:
        raise UserError(
            f"It has {len(found)} {key}, but networks of one are known here: use it in the program "
            "that it was made for."
        )
    return found[0]


def _tested(package: Package, tensor: Mapping[str, Any], key: str) -> NDArray[np.float32]:
    """Return what goes in, or comes out, in the package's own test."""
    test = tensor.get("test_tensor") or package.told[key][0]
    source = test["source"] if isinstance(test, Mapping) else test
    array = np.load(BytesIO(package.read(str(source))), allow_pickle=False)
    if (
        not isinstance(array, np.ndarray)
        or array.ndim not in (4, 5)
        or not np.isfinite(array).all()
    ):
        raise UserError(f"Its test file {source} holds no image: get it again.")
    return array.astype(np.float32)


def _names(axes: Any) -> list[str]:
    """Return the names of the channels, which only the form 0.5 has."""
    if isinstance(axes, str):
        return []
    named = [axis.get("channel_names") for axis in axes if axis.get("type") == "channel"]
    return list(map(str, named[0] or ()))


def _about(told: Mapping[str, Any]) -> dict[str, Any]:
    authors = [str(author.get("name", "")) for author in told.get("authors") or ()]
    cited = " ".join(str(entry.get("doi") or "") for entry in told.get("cite") or ())
    names = "name", "id", "nickname", "version"
    return {
        "description": str(told.get("description") or "no description"),
        "authors": authors,
        "licence": str(told.get("license") or "not stated"),
        "data": f"A package of bioimage.io, made by another program. {cited}".strip(),
        "package": {name: str(told[name]) for name in names if told.get(name)},
    }


def _tolerance(told: Mapping[str, Any]) -> tuple[float, float]:
    """Return the largest tolerance that the package tells, relative and absolute."""
    config = (told.get("config") or {}).get("bioimageio") or {}
    listed = config.get("reproducibility_tolerance") or [{}]
    relative = max(float(each.get("relative_tolerance", _TOLERANCE)) for each in listed)
    absolute = max(float(each.get("absolute_tolerance", _TOLERANCE)) for each in listed)
    return relative, absolute
