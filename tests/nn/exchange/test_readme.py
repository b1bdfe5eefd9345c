"""The page of a package says what a person with another program needs."""

import pytest

from napari_unet.core.config import DecodeConfig, ModelConfig
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.nn.exchange.block import Block
from napari_unet.nn.exchange.readme import readme
from napari_unet.nn.model import Model, load_model, seeded_network
from napari_unet.storage.model_card import ModelCard
from napari_unet.storage.model_header import bundled_models

CARD = ModelCard(("Ada",), "MIT", "Cells in dishes")
ENTRY = {"start": "nuclei", "objects": 33, "images": ["a"], "when": "2026-01-02T03:04"}


def page(model):
    return readme(model, CARD, [Block.of(axis) for axis in model.network.geometry])


def own(**parts):
    return Model("mine", seeded_network(ModelConfig(features=2, depth=2), 0), **parts)


@pytest.mark.parametrize("name", bundled_models())
def test_the_page_of_a_bundled_model_comes_along(name):
    text = page(load_model(name))
    assert text.startswith(f"# {name}")
    assert "## Licence" in text
    assert "\n# Validation\n" in text


def test_a_model_of_your_own_says_what_is_known():
    about = {"history": [ENTRY], "validation": {"ap50": 0.8, "ap75": None, "dice": [1.0]}}
    text = page(own(about=about, decode=DecodeConfig(threshold=0.3), sizes=Sizes(None, 20.0)))
    assert text.startswith("# mine\n\nCells in dishes\n\nTrained from nuclei on 33 objects")
    assert "average precision 0.800 at IoU 0.5. Compare" in text
    assert "is\nat least 0.3; the height is smoothed" in text
    assert "a halo of 28 x 28 pixels" in text
    assert "objects of about 20 pixels" in text


def test_a_model_of_classes_was_trained_on_images():
    text = page(own(about={"history": [ENTRY | {"start": None, "objects": None}]}))
    assert "\n\nTrained from scratch on 1 image, 2026-01-02." in text


def test_what_is_not_known_is_not_said():
    text = page(own(about={"validation": None}))
    assert "None" not in text
    assert "On images" not in text
    assert "pixels across" not in text
