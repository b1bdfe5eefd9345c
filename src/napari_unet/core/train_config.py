"""How a network is trained: the frozen configuration, its options described as in `core.config`."""

from __future__ import annotations

from dataclasses import dataclass

from napari_unet.core.errors import UserError
from napari_unet.core.option import Config, option

PLANNED = ("patch", "batch", "zoom")
"""Options that a new training chooses from its images, unless somebody gives them."""


@dataclass(frozen=True)
class TrainConfig(Config):
    """How a network is trained."""

    epochs: int = option(
        30, "Length of the training; each epoch ends with a validation.", low=1, high=100_000
    )
    steps: int = option(
        100, "Batches in an epoch. Lower it to see figures sooner.", low=1, high=100_000
    )
    minutes: float = option(
        0.0,
        "Length of the training, from which epochs and batches follow; 0 to count epochs.",
        unit="min",
        low=0,
        high=100_000,
        zero="count epochs",
    )
    batch: int = option(8, "Patches in a batch. Lower it where memory runs out.", low=1, high=1024)
    patch: int = option(
        192,
        "Edge of a training patch. Raise it where objects are wider than half of it, lower it "
        "where memory runs out.",
        unit="px",
        low=8,
        high=4096,
    )
    learning_rate: float = option(
        2e-3,
        "Largest step of the optimiser. Lower it where the loss jumps about.",
        low=1e-7,
        high=1,
    )
    weight_decay: float = option(
        1e-4,
        "Pull of the parameters towards zero. Raise it where few images are learnt by heart.",
        low=0,
        high=1,
    )
    warmup: float = option(
        0.1,
        "Share of the training in which the steps grow. Raise it where "
        "the loss jumps at the start.",
        low=0,
        high=0.9,
    )
    average: float = option(
        0.998,
        "Memory of the running average of the parameters; 0 for none. Lower it for "
        "very short trainings.",
        low=0,
        high=0.99999,
    )
    patience: int = option(
        0,
        "Epochs without a better validation before training ends early; 0 for never. Set it "
        "for long trainings that nobody watches.",
        low=0,
        high=100_000,
    )
    validation: float = option(
        0.15,
        "Share of the images kept for validation, where none are named. Raise it where "
        "figures jump about between epochs.",
        low=0,
        high=0.9,
    )
    replay: float = option(
        0.25,
        "Share of the patches that show what the bundled model to start from knows, so that it "
        "remembers; 0 for none. Lower it where only your own images matter.",
        low=0,
        high=0.5,
        zero="none",
    )
    cross_entropy: float = option(
        1.0,
        "Weight of the loss per pixel, which the weight map acts on. Raise it "
        "where gaps are missed.",
        low=0,
        high=100,
    )
    dice: float = option(
        1.0,
        "Weight of the loss per area (Dice). Raise it where little of an image is objects.",
        low=0,
        high=100,
    )
    height: float = option(
        1.0,
        "Weight of the height, which touching objects are parted by. Raise it where they stay one, "
        "lower it where one object falls into pieces.",
        low=0,
        high=100,
    )
    working_size: str = option(
        "automatic",
        "Learn from images of large objects at a smaller size, so that a patch holds many and a "
        "step is quick. Choose off where fine detail is all that tells objects apart.",
        choices=("automatic", "off"),
    )
    rotate: bool = option(
        True, "Augment by rotation. Untick it where objects have one direction that matters."
    )
    flip: bool = option(
        True, "Augment by mirroring. Untick it where the mirror image is another thing."
    )
    zoom: float = option(
        1.4,
        "Augment by size, up to this factor; 1 for never. Raise it for images at several "
        "magnifications.",
        low=1,
        high=4,
    )
    elastic: float = option(
        6.0,
        "Augment by elastic deformation, this strong. Lower it where shapes are always the same.",
        unit="px",
        low=0,
        high=100,
    )
    intensity: float = option(
        0.3,
        "Augment grey values, this strong. Raise it where other images are brighter or darker.",
        low=0,
        high=1,
    )
    blur: float = option(
        1.0,
        "Augment by blur, up to this sigma. Raise it where other images are out of focus.",
        unit="px",
        low=0,
        high=10,
    )
    noise: float = option(
        0.08,
        "Augment by noise, up to this strength. Raise it where other images are noisier.",
        low=0,
        high=1,
    )
    precision: str = option(
        "auto",
        "Numbers that training computes with; auto takes bfloat16 where the hardware has it.",
        choices=("auto", "float32", "bfloat16"),
    )
    device: str = option(
        "auto",
        "Where the network is trained. Choose the CPU where a graphics card is too "
        "small or in use.",
        choices=("auto", "cpu", "cuda", "mps"),
    )
    seed: int = option(
        0,
        "Number that all chance is drawn from. Change it to see how much of a result is chance.",
        low=0,
        high=2**31,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.cross_entropy and not self.dice:
            raise UserError("Cross entropy and dice cannot both weigh 0: nothing would be learnt.")
