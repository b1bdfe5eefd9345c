"""Models for other programs, and back, from the shell."""

from io import StringIO

import numpy as np
import pytest
from bioimageio.spec import load_model_description

from napari_unet import import_model, load_model
from napari_unet.cli import main
from napari_unet.io.tiff.write import write_tiff
from napari_unet.storage.folders import HOME
from napari_unet.storage.model_header import find_model, read_header
from napari_unet.storage.programs import programs_folder
from others import described, files_of, small, write

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
    again, said = read_header(find_model("mine")), dict(zip(SAID[::2], SAID[1::2], strict=True))
    assert again["about"] == {
        "authors": [said["--author"]],
        "licence": said["--licence"],
        "description": said["--description"],
        "cite": [cited[1]],
    }
    assert again | {"about": {}} == read_header(small_model) | {"name": "mine"}


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


@pytest.fixture
def others(tmp_path):
    """A package of another program, which does not say what its two channels are."""
    random = np.random.default_rng(0)
    files = files_of(small(gives=2), random.normal(100, 20, (1, 1, 32, 32)).astype(np.float32))
    return write(tmp_path / "others.zip", described(files), files)


OUTPUTS = ("--outputs", "foreground,boundary")


def test_a_network_of_others_runs_only_where_it_is_trusted(others, tmp_path, capsys):
    assert run("import", others) == 2
    assert capsys.readouterr().err.endswith("(--outputs).\n")
    assert run("import", others, *OUTPUTS) == 2
    (told,) = capsys.readouterr().err.splitlines()
    assert "Ada Lovelace, Grace Hopper" in told
    assert told.endswith("only go on if you trust where it comes from (--trust).")
    assert not programs_folder().exists()
    assert run("import", others, *OUTPUTS, "--trust", "--name", "discs") == 0
    assert "discs is among your models now" in capsys.readouterr().out
    assert main(["models"]) == 0
    listed = capsys.readouterr().out
    assert "discs: Finds discs" in listed
    assert "licence: MIT" in listed


@pytest.mark.parametrize("answer", ["y", "", "no"])
def test_on_a_terminal_it_is_asked(answer, others, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", StringIO(f"{answer}\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    kept = run("import", others, *OUTPUTS)
    told = capsys.readouterr()
    assert "Run it? [y/N]" in told.out
    assert kept == (0 if answer == "y" else 2)
    assert programs_folder().exists() == (answer == "y")


def test_it_segments_files_and_learns_there(others, folders, tmp_path, capsys):
    images, labels = folders
    assert run("import", others, *OUTPUTS, "--trust", "--name", "discs") == 0
    out = tmp_path / "out"
    assert main(["segment", str(images), "--model", "discs", "--out", str(out)]) == 0
    assert len(list(out.glob("*_instances.tif"))) == 3
    told = ["--images", str(images), "--labels", str(labels), "--start-from", "discs"]
    short = ["--epochs", "1", "--steps", "2", "--batch", "1"]
    assert main(["train", *told, "--run", str(tmp_path / "run"), *short]) == 0
    assert load_model(tmp_path / "run" / "best.safetensors").config.program


def test_a_model_file_of_a_colleague(others, monkeypatch, tmp_path, capsys, small_model):
    path = import_model(others, "discs", trust=True, outputs=("foreground", "boundary"))
    monkeypatch.setenv(HOME, str(tmp_path / "colleague"))
    assert run("trust", path) == 2
    assert capsys.readouterr().err.endswith("(--trust).\n")
    assert run("trust", path, "--trust") == 0
    assert load_model(path).config.program
    assert run("trust", small_model) == 2
    assert "holds no program" in capsys.readouterr().err
