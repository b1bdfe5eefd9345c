"""A model file is enough on its own; a damaged one is refused in one sentence."""

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from napari_unet.core.config import DecodeConfig, ModelConfig, NormalizeConfig
from napari_unet.core.decoding.known import Known
from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.option import FORMAT
from napari_unet.nn.model import (
    Model,
    load_model,
    save_model,
    save_tensors,
    seeded_network,
    widened,
)
from napari_unet.storage.model_header import KEY, bundled_models

SMALL = {
    "2D": ModelConfig(features=2, depth=1, in_channels=3, classes=("nucleus", "axon")),
    "3D": ModelConfig(ndim=3, features=2, depth=1, pool=((1, 2, 2),), up="transpose"),
    "plain": ModelConfig(features=2, depth=1, norm="none", padding="valid", height=False),
}


def small_model(config):
    return Model(
        "cells",
        seeded_network(config, 1).eval(),
        NormalizeConfig(low=2),
        DecodeConfig(min_size=5),
        {"licence": "CC0", "figures": {"ap50": 0.9}},
        Sizes((0.5,) * config.ndim, 21.5),
    )


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "cells.safetensors"
    save_model(small_model(SMALL["2D"]), path)
    return path


@pytest.mark.parametrize("config", SMALL.values(), ids=SMALL.keys())
def test_a_model_comes_back_as_it_was_saved(tmp_path, config):
    model = small_model(config)
    save_model(model, tmp_path / "m.safetensors")
    loaded = load_model(tmp_path / "m.safetensors")
    assert loaded.config == config
    assert (loaded.name, loaded.normalize, loaded.decode, dict(loaded.about)) == (
        model.name,
        model.normalize,
        model.decode,
        model.about,
    )
    assert (loaded.pixel_size, loaded.object_size) == ((0.5,) * config.ndim, 21.5)
    assert not loaded.network.training
    image = torch.rand(1, config.in_channels, *[32] * config.ndim)
    with torch.inference_mode():
        assert torch.equal(loaded.network(image), model.network(image))


def test_saving_replaces_the_file_and_leaves_no_other(path):
    save_model(small_model(SMALL["3D"]), path)
    assert load_model(path).config == SMALL["3D"]
    assert list(path.parent.iterdir()) == [path]


def test_a_save_that_fails_leaves_the_old_model(path):
    with pytest.raises(Exception, match="contiguous"):
        save_tensors({"a": torch.zeros(3, 4).T}, {}, path)
    assert load_model(path).name == "cells"
    assert list(path.parent.iterdir()) == [path]


def rewritten(path, change):
    with safe_open(path, "pt") as file:
        header = json.loads(file.metadata()[KEY])
    tensors = load_file(path)
    change(header, tensors)
    save_file(tensors, path, {KEY: json.dumps(header)})


DAMAGES = {
    "no name": (lambda header, tensors: header.pop("name"), "damaged"),
    "no config": (lambda header, tensors: header.pop("config"), "damaged"),
    "config that is a list": (lambda header, tensors: header.update(config=[]), "names with"),
    "a parameter missing": (lambda header, tensors: tensors.pop("head.bias"), "damaged"),
    "a parameter too many": (
        lambda header, tensors: tensors.update(more=torch.zeros(1)),
        "damaged",
    ),
    "a parameter of another shape": (
        lambda header, tensors: tensors.update({"head.bias": torch.zeros(9)}),
        "damaged",
    ),
    "an unknown option": (
        lambda header, tensors: header["config"].update(attention=True),
        "no option attention",
    ),
    "the future": (lambda header, tensors: header.update(format=FORMAT + 1), "newer version"),
    "a part from the future": (
        lambda header, tensors: header["decode"].update(format=FORMAT + 1),
        "newer version",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_model_is_refused(path, change, sentence):
    rewritten(path, change)
    with pytest.raises(UserError, match=sentence):
        load_model(path)


@pytest.mark.parametrize("at", [-1, -400])
def test_one_wrong_bit_in_the_parameters_is_noticed(path, at):
    """A network with a wrong parameter gives labels, too."""
    load_model(path)
    bytes_ = bytearray(path.read_bytes())
    bytes_[at] ^= 1
    path.write_bytes(bytes_)
    with pytest.raises(UserError, match=r"is damaged: copy or download it again\."):
        load_model(path)


def test_a_model_of_before_says_nothing_of_its_parameters(path):
    rewritten(path, lambda header, tensors: header.pop("parameters"))
    load_model(path)


@pytest.mark.parametrize(("left", "sentence"), [(-1, "cut short"), (50, "cut short"), (0, "not a")])
def test_a_truncated_model_is_refused(path, left, sentence):
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(UserError, match=sentence):
        load_model(path)


@pytest.mark.parametrize("config", SMALL.values(), ids=SMALL.keys())
def test_a_new_network_depends_on_nothing_but_the_seed(config):
    before = torch.random.get_rng_state()
    one = seeded_network(config, 3).state_dict()
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.rand(5)
    same, other = seeded_network(config, 3).state_dict(), seeded_network(config, 4).state_dict()
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not torch.equal(one["head.weight"], other["head.weight"])


@pytest.mark.parametrize("norm", ["batch", "none"])
def test_a_widened_model_sees_the_mean_of_the_channels(ndim, norm):
    config = ModelConfig(ndim=ndim, features=2, depth=1, norm=norm)
    model = Model("one", seeded_network(config, 0).eval())
    colour = torch.rand(2, 3, *[8] * ndim)
    with torch.no_grad():
        found = widened(model, 3).network(colour)
        expected = model.network(colour.mean(dim=1, keepdim=True))
    torch.testing.assert_close(found, expected)
    assert widened(model, 1) is model
    assert widened(widened(model, 3), 4).config.in_channels == 3


def test_bundled_models_are_small_and_say_what_they_are_for():
    files = bundled_models()
    assert next(iter(files)) == "nuclei"
    assert sum(path.stat().st_size for path in files.values()) <= 45e6
    for name, path in files.items():
        model = load_model(name)
        assert path.stat().st_size <= 10e6
        assert path.with_suffix(".md").read_text().startswith(f"# {name}: ")
        assert {"description", "data", "data_licence", "licence", "recipe"} <= set(model.about)
        assert model.known != Known()
        # classes have no size, and where objects lie in others none is sure
        sized = model.config.height and name != "axons-em"
        assert (model.sizes.object is None, model.sizes.spread is None) == (not sized,) * 2
        assert all(value.dtype == torch.float32 for value in model.network.parameters())
