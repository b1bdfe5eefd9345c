"""Packages pass the official tests, and give what our own prediction gives."""

import errno
import shutil

import numpy as np
import pytest
from bioimageio.core import create_prediction_pipeline
from bioimageio.core import test_model as official_test
from bioimageio.core.digest_spec import create_sample_for_model
from bioimageio.spec import load_model_description
from numpy.testing import assert_allclose, assert_array_equal

from napari_unet.core.config import PRESETS, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.normalize import limits, normalize
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.io.bundled import bundled_example
from napari_unet.nn.exchange.export import export_model
from napari_unet.nn.foreign.take_in import import_model
from napari_unet.nn.model import Model, load_model, seeded_network
from napari_unet.nn.prediction.segment import segment
from napari_unet.storage.model_card import ModelCard, known_card
from napari_unet.storage.model_header import bundled_models, read_header

CARD = ModelCard(("Ada Lovelace",), "CC-BY-4.0", "Discs in noise")
SHAPES = {
    "2D": ModelConfig(features=4, depth=2),
    "classes, colour": ModelConfig(features=4, depth=1, in_channels=3, classes=("a", "b")),
    "no height": ModelConfig(features=4, depth=2, height=False),
    "valid": PRESETS["ronneberger2015"].replace(features=4, depth=2),
    "valid, interpolated": ModelConfig(features=4, depth=2, padding="valid"),
    "3D": ModelConfig(ndim=3, features=2, depth=1),
    "planes of volumes": ModelConfig(
        ndim=3, features=2, depth=1, pool=((1, 2, 2),), kernel=((1, 3, 3), (1, 3, 3))
    ),
}


def small(config: ModelConfig, **known) -> Model:
    return Model("my small model", seeded_network(config, 0).eval(), **known)


@pytest.fixture
def package(tmp_path):
    return export_model(small(SHAPES["2D"]), tmp_path / "bioimageio-small.zip", CARD)


@pytest.mark.parametrize("config", SHAPES.values(), ids=SHAPES)
def test_a_package_passes_the_official_test(config, tmp_path):
    package = export_model(small(config), tmp_path / "bioimageio-small.zip", CARD)
    summary = official_test(package)
    assert summary.status == "passed", summary.format()


@pytest.mark.parametrize("name", bundled_models())
def test_bundled_models_pass_and_come_back_the_same(name, tmp_path):
    path = bundled_models()[name]
    package = export_model(
        name, tmp_path / "bioimageio-model.zip", example=bundled_example(read_header(path))
    )
    # the other format has passed for every shape, and a large network takes seconds each time
    summary = official_test(package, weight_format="torchscript")
    assert summary.status == "passed", summary.format()
    again = import_model(package, "again")
    # they are written in half as many bytes
    differs = {"name": "again", "parameters": read_header(again)["parameters"]}
    assert read_header(again) == read_header(path) | differs
    back, there = (load_model(each).network.state_dict() for each in (again, path))
    assert all((back[key] == there[key]).all() for key in there)


def test_a_package_comes_back_with_the_same_labels(package, image_with_discs):
    model = small(SHAPES["2D"])
    again = import_model(package, "again")
    assert_array_equal(
        segment(image_with_discs, again, axes="YX").instances,
        segment(image_with_discs, model, axes="YX").instances,
    )


def test_who_made_it_and_what_it_finds_come_back_too(package, tmp_path):
    again = import_model(package, "again")
    assert known_card(read_header(again)) == CARD
    twice = import_model(export_model("again", tmp_path / "bioimageio-again.zip"), "twice")
    assert known_card(read_header(twice)) == CARD


@pytest.fixture
def image_with_discs():
    random = np.random.default_rng(3)
    y, x = np.mgrid[:148, :172]
    discs = (np.hypot(y % 30 - 15, x % 30 - 15) < 10) * 120
    return (discs + random.integers(0, 60, discs.shape)).astype(np.uint8)


def test_what_the_description_tells(package):
    description = load_model_description(package)
    (image,), (probabilities, height) = description.inputs, description.outputs
    assert image.pad.mode == "reflect"
    assert [axis.id for axis in image.axes] == ["batch", "channel", "y", "x"]
    assert probabilities.axes[1].channel_names == ["background", "object"]
    assert [axis.halo for axis in height.axes[2:]] == [28, 28]
    assert description.covers[0].source.path.name == "cover.png"
    assert b"# Validation" in description.documentation.get_reader().read()
    assert not any(step.id == "custom" for step in probabilities.postprocessing)


def test_the_size_of_pixels_is_told_where_it_is_known(tmp_path):
    model = small(SHAPES["3D"], sizes=Sizes(pixel=(2.0, 0.5, 0.25)))
    package = export_model(model, tmp_path / "bioimageio-small.zip", CARD)
    description = load_model_description(package)
    for tensor in (*description.inputs, *description.outputs):
        assert [axis.scale for axis in tensor.axes[2:]] == [2, 0.5, 0.25]
        assert {axis.unit for axis in tensor.axes[2:]} == {"micrometer"}
        assert tensor.axes[0].size == 1


def test_a_licence_may_be_given_in_small_letters(tmp_path):
    card = ModelCard(("Ada",), "cc-by-4.0", "Discs")
    package = export_model(small(SHAPES["2D"]), tmp_path / "bioimageio-small.zip", card)
    assert str(load_model_description(package).license) == "CC-BY-4.0"


def run_in_blocks(package, image, blocks):
    """Probabilities, as bioimageio.core makes them."""
    description = load_model_description(package)
    with create_prediction_pipeline(description, weight_format="torchscript") as pipeline:
        sample = create_sample_for_model(
            description, inputs={"image": image[np.newaxis, np.newaxis]}
        )
        if blocks is None:
            result = pipeline.predict_sample_without_blocking(sample)
        else:
            result = pipeline.predict_sample_with_blocking(sample, ns=blocks)
    return result.members["probabilities"].data.to_numpy()[0]


def test_blocks_with_the_halo_fit_together(package, image_with_discs):
    """The tile law, as another program follows it."""
    whole = run_in_blocks(package, image_with_discs, None)
    in_blocks = run_in_blocks(package, image_with_discs, 3)
    assert_allclose(in_blocks, whole, atol=1e-5)


def test_away_from_the_border_others_see_what_we_see(package, image_with_discs):
    ours = segment(image_with_discs, small(SHAPES["2D"]), axes="YX").probabilities
    halo = load_model_description(package).outputs[0].axes[2].halo
    inside = (slice(None), *(slice(halo, size - halo) for size in image_with_discs.shape))
    theirs = run_in_blocks(package, image_with_discs, 3)
    assert ours[inside].size > 10_000
    assert_allclose(theirs[inside], ours[inside], atol=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_grey_values_are_brought_to_the_same_range(dtype, package, image_with_discs):
    image = image_with_discs.astype(dtype)
    if dtype == "float32":
        image /= 255
    description = load_model_description(package)
    with create_prediction_pipeline(description, weight_format="torchscript") as pipeline:
        sample = create_sample_for_model(
            description, inputs={"image": image[np.newaxis, np.newaxis]}
        )
        pipeline.apply_preprocessing(sample)
    theirs = sample.members["image"].data.to_numpy()[0]
    config = small(SHAPES["2D"]).normalize
    ours = normalize(image[None], limits(image[None], config), config)
    assert_allclose(theirs, ours, atol=1e-5)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"authors": ()}, "name its author"),
        ({"authors": (" ",)}, "name its author"),
        ({"licence": ""}, "give a licence"),
        ({"licence": "mine"}, "not the short name of a licence"),
        ({"description": ""}, "describe it in a sentence"),
        ({"cite": ("nature",)}, "is no DOI"),
    ],
)
def test_what_is_missing_or_odd_is_named(changes, told, tmp_path):
    card = ModelCard(**{**vars(CARD), **changes})
    with pytest.raises(UserError, match=told):
        export_model(small(SHAPES["2D"]), tmp_path / "bioimageio-small.zip", card)
    assert not list(tmp_path.glob("*.zip"))


def test_nothing_is_overwritten_unasked(package):
    before = package.read_bytes()
    with pytest.raises(UserError, match="exists"):
        export_model(small(SHAPES["2D"]), package, CARD)
    assert package.read_bytes() == before
    export_model(small(SHAPES["no height"]), package, CARD, overwrite=True)
    assert package.read_bytes() != before


def test_an_example_must_fit(tmp_path):
    with pytest.raises(UserError, match="takes 1 channels and 2 axes"):
        export_model(small(SHAPES["2D"]), tmp_path / "a.zip", CARD, np.eye(9))


def test_a_full_disk_leaves_what_was_there(package, monkeypatch):
    before = package.read_bytes()

    copyfile = shutil.copyfile

    def full(source, target, **options):
        if str(target).endswith(".zip"):
            raise OSError(errno.ENOSPC, "No space left on device")
        return copyfile(source, target, **options)

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(UserError, match="No space left"):
        export_model(small(SHAPES["2D"]), package, CARD, overwrite=True)
    assert package.read_bytes() == before
    assert [path.name for path in package.parent.glob("*.zip")] == [package.name]


def test_a_folder_must_take_it(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file"):
        export_model(small(SHAPES["2D"]), tmp_path / "file" / "a.zip", CARD)


def test_what_must_be_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("napari_unet.nn.exchange.export.find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"napari-unet-studio\[exchange\]"):
        export_model(small(SHAPES["2D"]), tmp_path / "a.zip", CARD)


def test_a_package_is_called_zip(tmp_path):
    with pytest.raises(UserError, match=r"call it a\.zip"):
        export_model(small(SHAPES["2D"]), tmp_path / "a.tif", CARD)
