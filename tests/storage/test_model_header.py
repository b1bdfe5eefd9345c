"""A model file's header is read without torch, and what is no model is refused plainly."""

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import save_file

from napari_unet.core.errors import UserError
from napari_unet.core.image.pixel_size import Sizes
from napari_unet.core.option import FORMAT
from napari_unet.storage.folders import models_folder
from napari_unet.storage.model_header import (
    KEY,
    bundled_models,
    find_model,
    free_model_name,
    known_sizes,
    lasting_name,
    new_model_file,
    read_header,
)

ABOUT = {
    "format": FORMAT,
    "name": "cells",
    "config": {},
    "normalize": {},
    "decode": {},
    "about": {"licence": "CC0"},
}


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "cells.safetensors"
    save_file({"weight": np.zeros(100, np.float32)}, path, {KEY: json.dumps(ABOUT)})
    return path


def test_the_header_is_what_was_written(model):
    assert read_header(model) == ABOUT
    assert read_header(str(model)) == ABOUT


KNOWN = {
    "an older file": ({}, Sizes()),
    "unknown": ({"pixel_size": None, "object_size": None}, Sizes()),
    "both": ({"pixel_size": [0.5, 0.25], "object_size": 20}, Sizes((0.5, 0.25), 20)),
    "a spread": ({"object_spread": [30, 9.5]}, Sizes(spread=(9.5, 30))),
    "of another dimension": ({"pixel_size": [1, 1, 1]}, Sizes()),
    "zero": ({"pixel_size": [0, 1.0], "object_size": 0, "object_spread": [0, 9]}, Sizes()),
    "words": ({"pixel_size": "ab", "object_size": "large"}, Sizes()),
    "NaN": ({"pixel_size": [float("nan"), 1], "object_size": float("nan")}, Sizes()),
}


@pytest.mark.parametrize(("stated", "sizes"), KNOWN.values(), ids=KNOWN.keys())
def test_what_is_no_size_is_not_known(stated, sizes):
    assert known_sizes({"config": {"ndim": 2}, **stated}) == sizes


def test_the_bundled_model_knows_the_size_of_its_objects():
    sizes = known_sizes(read_header(find_model("nuclei")))
    assert (sizes.object, sizes.spread) == (20.87, (9.57, 20.87))


def stored(header):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text


def with_metadata(about):
    return stored({"__metadata__": {KEY: about}})


BAD = {
    "empty": (b"", "not a U-Net Studio model: choose a model file"),
    "five bytes": (b"12345", "not a U-Net Studio model"),
    "a text": (b"hello, this is a text and no model", "not a U-Net Studio model"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a U-Net Studio model"),
    "zeros": (bytes(100), "not a U-Net Studio model"),
    "no JSON": (stored(b"\xff\xfe nothing"), "not a U-Net Studio model"),
    "a JSON list": (stored([1, 2]), "not a U-Net Studio model"),
    "another program's": (stored({"__metadata__": {"made": "by"}}), "not a U-Net Studio model"),
    "no metadata": (stored({}), "not a U-Net Studio model"),
    "odd tensors": (stored({"weight": [1]}), "not a U-Net Studio model"),
    "offsets that are words": (
        stored({"weight": {"data_offsets": "ab"}}),
        "not a U-Net Studio model",
    ),
    "about that is no JSON": (with_metadata("{"), "not a U-Net Studio model"),
    "about that is a list": (with_metadata("[1]"), "not a U-Net Studio model"),
    "the future": (with_metadata(json.dumps({**ABOUT, "format": FORMAT + 1})), "newer version"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD.keys())
def test_what_is_no_model_is_refused(tmp_path, content, sentence):
    path = tmp_path / "odd.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError, match=rf"^odd\.safetensors .*{sentence}"):
        read_header(path)


DAMAGES = {
    "no format": ({"format": None}, "is damaged: copy or download it again"),
    "an older format": ({"format": 0}, "is damaged"),
    "a word for a format": ({"format": "new"}, "is damaged"),
    "no name": ({"name": None}, "is damaged"),
    "no provenance": ({"about": None}, "is damaged"),
    "nothing for a shape": ({"config": None}, ": ModelConfig must be names with values"),
    "a number for classes": ({"config": {"classes": 3}}, ": classes must name"),
    "a number for levels": ({"config": {"pool": 3}}, ": ModelConfig is not complete"),
    "an unknown option": ({"decode": {"colour": 1}}, ": DecodeConfig has no option colour"),
    "out of range": ({"normalize": {"low": 300}}, ": low must be a number"),
}


@pytest.mark.parametrize(("change", "sentence"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_model_is_refused_by_name(tmp_path, change, sentence):
    path = tmp_path / "odd.safetensors"
    path.write_bytes(with_metadata(json.dumps(ABOUT | change)))
    with pytest.raises(UserError, match=rf"^odd\.safetensors ?{sentence}"):
        read_header(path)


@pytest.mark.parametrize("part", ABOUT)
def test_a_model_without_one_of_its_parts_is_damaged(tmp_path, part):
    path = tmp_path / "odd.safetensors"
    left = {name: value for name, value in ABOUT.items() if name != part}
    path.write_bytes(with_metadata(json.dumps(left)))
    with pytest.raises(UserError, match=r"^odd\.safetensors is damaged"):
        read_header(path)


@pytest.mark.parametrize("left", [-1, -200, 100, 20])
def test_a_truncated_model_is_said_to_be_cut_short(model, left):
    model.write_bytes(model.read_bytes()[:left])
    with pytest.raises(UserError, match="cut short: copy or download it again"):
        read_header(model)


def test_a_folder_cannot_be_read(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        read_header(tmp_path)


def test_models_are_found_by_name_and_by_path(model, tmp_path, monkeypatch):
    monkeypatch.setattr("napari_unet.storage.model_header._FOLDER", tmp_path)
    assert bundled_models() == {"cells": model}
    assert find_model("cells") == model
    assert find_model(str(model)) == model
    assert find_model(model) == model


def test_a_name_means_the_model_whatever_lies_in_the_working_directory(
    model, tmp_path, monkeypatch
):
    monkeypatch.setattr("napari_unet.storage.model_header._FOLDER", tmp_path)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / "cells").mkdir()
    assert find_model("cells") == model
    (here / "cells").rmdir()
    (here / "cells").write_bytes(model.read_bytes())
    assert find_model("cells") == model
    assert find_model("./cells") == find_model(find_model("./cells")) == here / "cells"


def test_the_lasting_name_of_a_model_finds_it_from_everywhere(model, tmp_path, monkeypatch):
    other = tmp_path / "other" / "v1.2.safetensors"
    other.parent.mkdir()
    other.write_bytes(model.read_bytes())
    monkeypatch.chdir(other.parent)
    assert lasting_name(other.name) == lasting_name(other) == str(other.resolve())
    monkeypatch.setattr("napari_unet.storage.model_header._FOLDER", tmp_path)
    assert lasting_name("cells") == lasting_name(f"../{model.name}") == "cells"
    with pytest.raises(UserError, match="There is no model"):
        lasting_name("nowhere")


def test_a_model_that_there_is_not_lists_those_there_are(model, tmp_path, monkeypatch):
    monkeypatch.setattr("napari_unet.storage.model_header._FOLDER", tmp_path)
    with pytest.raises(UserError, match=r"no model 'nucleus': give the path .* or one of cells\."):
        find_model("nucleus")
    with pytest.raises(UserError, match=r"no model file .*gone.*: choose one .* such as cells\."):
        find_model(tmp_path / "gone.safetensors")
    with pytest.raises(UserError, match="There is no model"):
        find_model(tmp_path)


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("new", "new"),
        ("auto", "auto 2"),
        ("scratch", "scratch 2"),
        ("nuclei", "nuclei 2"),
        ("hela", "hela 3"),
        ("beside", "beside 2"),
    ],
)
def test_a_name_that_is_proposed_is_one_that_a_model_can_have(name, free):
    models_folder().mkdir(parents=True)
    for taken in ("HeLa", "hela 2"):
        (models_folder() / f"{taken}.safetensors").touch()
    assert free_model_name(name, ["Beside"]) == free
    assert new_model_file(free).name == f"{free}.safetensors"
