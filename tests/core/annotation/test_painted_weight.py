"""A painted weight map that would spoil a training is refused; ignored pixels may hold anything."""

from dataclasses import replace

import numpy as np
import pytest

from napari_unet.core.annotation.annotation import IGNORED, Annotation
from napari_unet.core.annotation.painted_weight import check_weight
from napari_unet.core.errors import UserError

LABELS = np.eye(6, 8, dtype=np.uint8)
WRONG = {
    -1.0: "holds negative numbers",
    np.nan: "holds NaN or infinity",
    np.inf: "holds NaN or infinity",
    0.0: "is 0 wherever",
}


@pytest.mark.parametrize(("value", "sentence"), WRONG.items())
def test_only_what_counts_is_checked(value, sentence):
    wrong = Annotation(LABELS, weight=np.full(LABELS.shape, value, np.float32))
    with pytest.raises(UserError, match=f"^The weight map {sentence}"):
        check_weight(wrong)
    marks = np.full(LABELS.shape, IGNORED, np.uint8)
    check_weight(replace(wrong, marks=marks))
    check_weight(Annotation(LABELS, weight=np.eye(6, 8, dtype=np.float32)))
    check_weight(Annotation(LABELS))
