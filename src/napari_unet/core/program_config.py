"""What is known of a network that came as a program, in the package of another program."""

from __future__ import annotations

from dataclasses import dataclass

from napari_unet.core.errors import UserError
from napari_unet.core.option import Config
from napari_unet.core.words import counted

BACKGROUND, FOREGROUND, BOUNDARY = "background", "foreground", "boundary"
"""What a channel may be besides a class."""
PointStep = tuple[str, tuple[float, ...], tuple[float, ...]]
"""What is done to each pixel on its own: ``"sigmoid"`` or ``"softmax"`` with nothing more,
``"scale"`` with factors and what is then added, ``"clip"`` with the lowest and highest value; one
number for all channels, or one for each."""


@dataclass(frozen=True)
class ProgramConfig(Config):
    """A network that is a TorchScript program: which one, what it takes and what it gives.

    Parameters
    ----------
    digest
        SHA-256 of the program, in hexadecimal letters.
    channels
        What each channel that it gives is: `BACKGROUND`, `FOREGROUND`, `BOUNDARY`, or the name of a
        class.
    axes
        What a `ProgramGeometry` is made of along each spatial axis.
    before, after
        What is done to what goes in, once it is normalised, and to what comes out.
    trainable
        Whether it can learn: its parameters are none where it was frozen.
    """

    digest: str
    channels: tuple[str, ...] = (FOREGROUND,)
    axes: tuple[tuple[int, ...], ...] = ()
    before: tuple[PointStep, ...] = ()
    after: tuple[PointStep, ...] = ()
    trainable: bool = True

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the foreground classes; what is only told from its boundary is an object."""
        rest = tuple(name for name in self.channels if name not in (BACKGROUND, BOUNDARY))
        return tuple("object" if name == FOREGROUND else name for name in rest) or ("object",)

    @property
    def height(self) -> bool:
        """Whether objects that touch can be parted by their boundary."""
        return BOUNDARY in self.channels

    def check_learns(self, classes: int, wanted: int) -> None:
        """Refuse a training that the program cannot do.

        Parameters
        ----------
        classes, wanted
            Foreground classes that it gives, and that shall be learnt.

        Raises
        ------
        UserError
            If it cannot learn at all, or not so many classes.
        """
        if not self.trainable:
            raise UserError(
                "The imported network is frozen and cannot learn: train from another model, or get "
                "a package of it that is not frozen."
            )
        if classes != wanted:
            raise UserError(
                f"The imported network gives {counted(classes, 'class', 'classes')} and cannot "
                f"learn {wanted}: annotate as many as it gives, or train from another model."
            )
