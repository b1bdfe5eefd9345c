"""What was accepted stays as it is, and what a person changes is noted."""

from dataclasses import replace

import numpy as np
import pytest
from napari.layers import Labels

from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.ui.annotate.annotation_layers import AnnotationLayers
from napari_unet.ui.annotate.tools.edit_tools import write
from napari_unet.ui.layers.metadata import ANNOTATION


@pytest.fixture
def layer():
    parts = AnnotationLayers(None, "", (), None, None, None, record=Record(frozenset({1, 2, 3})))
    layer = Labels(np.array([[1, 1, 2, 2, 3, 0]]), metadata={ANNOTATION: parts})
    layer.events.paint.connect(parts.note_edits)
    return layer


def accept(layer, number):
    parts = layer.metadata[ANNOTATION]
    parts.record = replace(parts.record, accepted=frozenset({number}))


def test_tools_change_others_only(layer):
    accept(layer, 2)
    write(layer, (slice(None),) * 2, np.array([[1, 2, 0, 1, 0, 2]]))
    assert layer.data.tolist() == [[1, 1, 2, 2, 0, 0]]
    with pytest.raises(UserError, match="accepted"):
        write(layer, (slice(None),) * 2, np.array([[1, 1, 0, 0, 0, 0]]))
    layer.undo()
    assert layer.data.tolist() == [[1, 1, 2, 2, 3, 0]]


def test_what_is_painted_or_corrected_is_edited(layer):
    record = layer.metadata[ANNOTATION]
    write(layer, (slice(None),) * 2, np.array([[1, 1, 2, 2, 7, 0]]))
    assert record.record.edited == {3, 7}
    layer.brush_size = 1
    layer.paint((0, 0), 9)
    assert record.record.edited == {1, 3, 7, 9}
    assert record.record.unchecked == {2}
