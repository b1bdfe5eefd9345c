"""The table of objects: which rows it shows, and in which order."""

import numpy as np
from qtpy.QtCore import Qt

from napari_unet.ui.measure.table import ObjectRows


def test_words_that_only_some_objects_have_can_be_sorted(qapp):
    """As a column of classes is that came with a file and does not know every object."""
    rows = ObjectRows()
    words = np.array(["round", np.nan, "flat"], object)
    rows.show_columns([("label", np.arange(3)), ("class", words)], np.ones(3, bool))
    rows.sort(1, Qt.SortOrder.DescendingOrder)
    assert rows.order.tolist() == [0, 1, 2]
    rows.sort(1)
    assert rows.order.tolist() == [2, 1, 0]
