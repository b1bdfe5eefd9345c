"""What to do where a model does not fit an image, for those who have no buttons that offer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from napari_unet.core.decoding.fit import Fit


@dataclass(frozen=True)
class Advice:
    """What to do where labels may be wrong.

    Parameters
    ----------
    told
        A sentence; empty where the model fits.
    about
        The option that it is about, as in `UserError`.
    """

    told: str = ""
    about: str = ""

    @classmethod
    def on(cls, fit: Fit, *, exchanged: bool = False) -> Advice:
        """Return what to do about how well a model fits an image.

        Parameters
        ----------
        fit
            How well it does.
        exchanged
            Whether it saw the image with dark and bright exchanged.
        """
        if not fit.doubtful:
            return cls()
        if fit.inverted:
            return cls.exchange(exchanged=exchanged)
        first = "Annotate a few objects" if fit.found else "If there are objects, annotate a few"
        return cls(f"{first} and train, or try another model.", about="model")

    @classmethod
    def exchange(cls, *, exchanged: bool = False) -> Advice:
        """Return the advice to exchange dark and bright, or not to where that was done."""
        if exchanged:
            return cls("Try it without exchanging dark and bright.", about="no-invert")
        return cls("Try it with dark and bright exchanged.", about="invert")
