"""Where to paint next, in a window that also holds images which the model cannot segment."""

import numpy as np
import pytest

from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.ui.annotate.add_annotation import add_annotation
from napari_unet.ui.finetune.result.searched_images import chunked_images
from napari_unet.ui.finetune.result.suggestions import suggestion_steps
from napari_unet.ui.open.split_channels import join_channels
from napari_unet.ui.work.copies import at_once


def suggested(bare_viewer, model):
    return drive(suggestion_steps(at_once(chunked_images(bare_viewer, model)), model, TileConfig()))


def test_images_that_do_not_fit_are_passed_over(bare_viewer, nuclei, models):
    bare_viewer.add_image(
        np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8), rgb=True
    )
    bare_viewer.add_image(np.zeros((64, 64)), name="blank")
    bare_viewer.add_image(nuclei[0], name="cells")
    found = suggested(bare_viewer, models["flat"])
    assert found
    assert {each.name for each in found} == {"cells"}


def test_of_a_file_the_channel_that_was_annotated_is_looked_at(bare_viewer, nuclei, models):
    layers = bare_viewer.add_image(nuclei, channel_axis=0, name=["nuclei", "cytoplasm"])
    join_channels(layers)
    assert {each.name for each in suggested(bare_viewer, models["flat"])} == {"nuclei", "cytoplasm"}
    add_annotation(bare_viewer, layers[0])
    assert {each.name for each in suggested(bare_viewer, models["flat"])} == {"nuclei"}


def test_nothing_is_to_be_painted_where_nothing_is_to_be_seen(bare_viewer, models):
    bare_viewer.add_image(np.zeros((64, 64)), name="blank")
    assert suggested(bare_viewer, models["flat"]) == []


def test_no_image_that_fits_is_said(bare_viewer, models):
    bare_viewer.add_image(
        np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8), rgb=True
    )
    with pytest.raises(UserError, match="channels"):
        suggested(bare_viewer, models["flat"])
