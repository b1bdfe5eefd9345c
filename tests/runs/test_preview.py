"""The picture of how far a training is."""

from __future__ import annotations

import numpy as np

from napari_unet.runs.config import RunConfig
from napari_unet.runs.preview import write_preview
from napari_unet.runs.sample import Sample


def test_the_preview_is_cut_where_something_is_annotated(tmp_path):
    image = np.arange(600 * 700, dtype=np.float32).reshape(1, 600, 700)
    ignored = np.ones((600, 700), bool)
    ignored[500:, 650:] = False
    sample = Sample("large", image, np.zeros((600, 700), np.int32), ignored=ignored)
    write_preview(tmp_path / "preview.npz", sample, sample.labels, RunConfig())
    with np.load(tmp_path / "preview.npz") as preview:
        np.testing.assert_array_equal(preview["image"], image[0, 88:, 188:])
