"""The picture of how far a training is."""

from __future__ import annotations

import numpy as np
import pytest

from napari_unet.core.config import ModelConfig
from napari_unet.runs.config import RunConfig
from napari_unet.runs.preview import part_of, read_preview, write_preview
from napari_unet.runs.sample import Sample
from quick_runs import sample


def test_the_preview_is_cut_where_something_is_annotated(tmp_path):
    image = np.arange(600 * 700, dtype=np.float32).reshape(1, 600, 700)
    ignored = np.ones((600, 700), bool)
    ignored[500:, 650:] = False
    sample = Sample("large", image, np.zeros((600, 700), np.int32), ignored=ignored)
    write_preview(tmp_path / "preview.npz", sample, sample.labels, RunConfig())
    with np.load(tmp_path / "preview.npz") as preview:
        np.testing.assert_array_equal(preview["image"], image[0, 88:, 188:])


def test_of_classes_the_part_is_cut_where_a_label_counts():
    labels = np.full((600, 700), 255, np.uint8)
    labels[500:, 650:] = 1
    sample = Sample("large", np.zeros((1, 600, 700), np.float32), labels)
    config = RunConfig(model=ModelConfig(height=False), semantic=True)
    np.testing.assert_array_equal(part_of(sample, config).labels, labels[88:, 188:])


@pytest.mark.parametrize("damage", ["gone", "empty", "cut short", "changed"])
def test_a_preview_that_cannot_be_read_is_none(tmp_path, damage):
    path = tmp_path / "preview.npz"
    found = sample(ndim=2)
    write_preview(path, found, found.labels, RunConfig())
    np.testing.assert_array_equal(read_preview(path)["truth"], found.labels)
    content = path.read_bytes()
    path.unlink()
    if damage == "empty":
        path.touch()
    if damage == "cut short":
        path.write_bytes(content[: len(content) // 2])
    if damage == "changed":
        path.write_bytes(content[:200] + bytes(50) + content[250:])
    assert read_preview(path) is None
