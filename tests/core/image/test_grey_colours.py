"""A grey image saved as a colour image is looked at in the one channel that holds it."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_unet.core.config import ModelConfig
from napari_unet.core.decoding.fit import says_doubt
from napari_unet.core.errors import UserError
from napari_unet.core.image.grey_colours import grey_channel, is_overlay
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import load_sample

GREY = np.random.default_rng(0).integers(0, 200, (40, 50)).astype(np.uint8)
NOISE = np.random.default_rng(1).integers(0, 9, (40, 50)).astype(np.uint8)
NOTHING = np.zeros_like(GREY)


@pytest.mark.parametrize(
    ("channels", "number", "told"),
    [
        ((NOTHING, NOISE, GREY), 2, "only blue is looked at"),
        ((NOTHING, GREY, NOTHING + 7, NOTHING + 255), 1, "only green is looked at"),
        ((GREY, GREY, GREY), 0, "shades of grey"),
        ((GREY, NOTHING, GREY + NOISE), 2, "shades of grey"),
    ],
)
@pytest.mark.parametrize("lead", ["", "T"])
def test_the_channel_that_holds_it_all_is_taken(channels, number, told, lead):
    image = np.stack(channels, axis=-1)[(np.newaxis,) * len(lead)]
    axes = f"{lead}YXC"
    found = grey_channel(image, axes)
    assert found is not None
    assert found.number == number
    assert told in found.told
    planes = SegmentRequest(axes=axes).arranged(image, ModelConfig(in_channels=1))[1]
    assert planes.chosen == (number,)
    assert planes.told == found.told
    several = ModelConfig(in_channels=len(channels))
    assert SegmentRequest(axes=axes).arranged(image, several)[1].chosen == ()


def test_colours_and_fluorophores_stay_to_be_chosen():
    tissue = load_sample("tissue_rgb")[0].data
    assert grey_channel(tissue, "YXC") is None
    assert grey_channel(np.stack([GREY, GREY[::-1], NOTHING], axis=-1), "YXC") is None
    fluorophores = np.stack([NOTHING, NOTHING, GREY])
    assert grey_channel(fluorophores, "CYX") is None
    with pytest.raises(UserError, match="3 channels"):
        SegmentRequest(axes="CYX").arranged(fluorophores, ModelConfig(in_channels=1))


GROUND = gaussian_filter(np.random.default_rng(2).random((200, 220)), 6)
VALUES = (255 * (GROUND - GROUND.min()) / np.ptp(GROUND)).astype(np.uint8)
"""An image in which all grey values occur."""
STEPS = np.linspace(0, 1, 256)
TABLES = {
    "hot": np.stack([np.clip(3 * STEPS - start, 0, 1) for start in range(3)], axis=1),
    "viridis": np.stack(
        [
            np.interp(STEPS, np.linspace(0, 1, 5), each)
            for each in (
                (0.27, 0.23, 0.13, 0.37, 0.99),
                (0.00, 0.32, 0.57, 0.79, 0.91),
                (0.33, 0.55, 0.55, 0.38, 0.14),
            )
        ],
        axis=1,
    ),
    "autumn": np.stack([STEPS**0, STEPS, 0 * STEPS], axis=1),
    "jet": np.clip(1.5 - np.abs(4 * STEPS[:, np.newaxis] - [3, 2, 1]), 0, 1),
}


@pytest.mark.parametrize(("table", "channel"), [("hot", 1), ("viridis", 1), ("jet", None)])
def test_grey_values_in_the_colours_of_a_table_are_doubted(table, channel):
    image = (255 * TABLES[table]).astype(np.uint8)[VALUES]
    image[:8, :40] = 255  # a scale bar
    found = grey_channel(image, "YXC")
    assert found is not None
    assert channel in (None, found.number)
    assert "colour table" in found.told
    assert "Segment the original image" in found.told
    assert says_doubt(found.told)


def test_shades_of_one_colour_are_looked_at_without_a_doubt():
    image = (np.array([1, 0.55, 0.2]) * VALUES[..., np.newaxis]).astype(np.uint8)
    found = grey_channel(image, "YXC")
    assert found is not None
    assert found.number == 0
    assert not says_doubt(found.told)


def test_a_colour_that_is_everywhere_is_not_looked_at():
    found = grey_channel((255 * TABLES["autumn"]).astype(np.uint8)[VALUES], "YXC")
    assert found is not None
    assert found.number == 1


def test_tissue_of_few_colours_is_no_table():
    tissue = load_sample("tissue_rgb")[0].data
    assert grey_channel(tissue // 24 * 24, "YXC") is None
    assert grey_channel(tissue // 48 * 48, "YXC") is None
    dim = np.stack([VALUES // 32, VALUES[::-1] // 16, np.zeros_like(VALUES)], axis=-1)
    assert grey_channel(dim, "YXC") is None


@pytest.mark.parametrize("one", [(1, 0, 0), (1, 0, 1), (0, 1, 1)])
def test_dyes_side_by_side_are_no_table(one):
    """Of two that do not overlap there are as few colours, and they lie on a curve, too."""
    above, below = (
        np.clip(VALUES.astype(int) - 128, 0, None),
        np.clip(112 - VALUES.astype(int), 0, None),
    )
    other = np.array([0, 1, 0]) if one[1] == 0 else np.array([1, 0, 0])
    image = 2 * (above[..., np.newaxis] * np.array(one) + below[..., np.newaxis] * other)
    assert grey_channel(image.astype(np.uint8), "YXC") is None


def test_blank_colours_are_one_channel():
    assert grey_channel(np.zeros((9, 9, 3), np.uint8), "YXC") is None


def test_colours_on_black_are_an_overlay_and_stained_tissue_is_none():
    spots = np.zeros((40, 50, 3), np.uint8)
    spots[5:12, 5:12, 2], spots[20:30, 8:20, 1] = 200, 120
    spots = gaussian_filter(spots, (1.5, 1.5, 0))
    assert is_overlay(spots + NOISE[..., np.newaxis], "YXC")
    assert is_overlay(spots[np.newaxis], "TYXC")
    assert not is_overlay(255 - spots, "YXC")
    assert not is_overlay(np.full_like(spots, 0), "YXC")
    assert not is_overlay(spots[..., 2:], "YXC")
    tissue = load_sample("tissue_rgb")[0].data.copy()
    assert not is_overlay(tissue, "YXC")
    y, x = np.indices(tissue.shape[:2])
    tissue[np.hypot(y / len(y) - 0.5, x / x.shape[1] - 0.5) > 0.5] = 0
    assert not is_overlay(tissue, "YXC")
    assert not is_overlay(spots[..., 2], "YX")
