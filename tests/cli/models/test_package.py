"""Models for other programs, and back, from the shell."""

import numpy as np
import pytest
from bioimageio.spec import load_model_description

from napari_unet.cli import main
from napari_unet.io.tiff import write_tiff
from napari_unet.storage.model_header import find_model, read_header

SAID = ("--author", "Ada Lovelace", "--licence", "MIT", "--description", "Discs in noise")


def run(*words):
    return main(["model", *map(str, words)])


@pytest.fixture
def out(tmp_path):
    return tmp_path / "bioimageio-small.zip"


def test_there_and_back(small_model, out, tmp_path, capsys):
    example = tmp_path / "example.tif"
    write_tiff(example, np.random.default_rng(0).integers(0, 99, (60, 80)).astype(np.uint8))
    cited = ("--cite", "10.1038/s41592-019-0612-7")
    assert run("export", small_model, "--out", out, *SAID, *cited, "--example", example) == 0
    assert f"{out} (" in capsys.readouterr().out
    description = load_model_description(out)
    assert [author.name for author in description.authors] == ["Ada Lovelace"]
    assert str(description.license) == "MIT"
    assert str(description.cite[-1].doi) == "10.1038/s41592-019-0612-7"
    assert run("import", out, "--name", "mine") == 0
    assert "mine is among your models now" in capsys.readouterr().out
    assert read_header(find_model("mine")) == read_header(small_model) | {"name": "mine"}


@pytest.mark.parametrize("flag", ["--author", "--licence", "--description"])
def test_what_is_missing_is_named_with_its_flag(flag, small_model, out, capsys):
    where = SAID.index(flag)
    assert run("export", small_model, "--out", out, *SAID[:where], *SAID[where + 2 :]) == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert told.endswith(f"({flag}).")
    assert not out.exists()


def test_a_bundled_model_says_all_itself(out):
    assert run("export", "neurites", "--out", out) == 0
    description = load_model_description(out)
    assert str(description.license) == "CC0-1.0"
    assert description.description == "Neurons with thin neurites in bright field"


def test_a_package_is_not_replaced_unasked(small_model, out, capsys):
    out.write_text("mine")
    assert run("export", small_model, "--out", out, *SAID) == 2
    assert capsys.readouterr().err.endswith("(--overwrite).\n")
    assert out.read_text() == "mine"


def test_a_bad_package_is_told_in_one_line(tmp_path, capsys):
    (tmp_path / "a.zip").write_text("no zip")
    assert run("import", tmp_path / "a.zip") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
