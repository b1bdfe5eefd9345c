"""A painted weight map is looked at before anything is learnt by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.errors import UserError

if TYPE_CHECKING:
    from napari_unet.core.annotation.annotation import Annotation


def check_weight(annotation: Annotation, what: str = "The weight map") -> None:
    """Check the weight map of an annotation where pixels count; without one all is well.

    Parameters
    ----------
    annotation
        What was painted.
    what
        How the sentence names the weight map.

    Raises
    ------
    UserError
        If it has negative numbers, NaN or infinity, or nothing but 0.
    """
    if annotation.weight is None:
        return
    counting = np.asarray(annotation.weight)[~annotation.ignored()]
    if not np.isfinite(counting).all():
        wrong = "holds NaN or infinity"
    elif (counting < 0).any():
        wrong = "holds negative numbers"
    elif counting.size and not counting.any():
        wrong = "is 0 wherever something is annotated"
    else:
        return
    raise UserError(
        f"{what} {wrong}: give each pixel a weight from 0 up, more than 0 where it is to be "
        "learnt, or leave the weight map out."
    )
