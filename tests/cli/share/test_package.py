"""Models, trainings, annotations and settings given to others and opened, from the shell."""

import json

import numpy as np
import pytest

from napari_unet.cli import main
from napari_unet.io.tiff.write import write_tiff
from napari_unet.storage.folders import HOME
from napari_unet.storage.model_header import find_model
from quick_runs import quick_run


def run(*words):
    return main(["share", *map(str, words)])


def test_there_and_back(tmp_path, small_model, capsys, monkeypatch):
    folder = quick_run(tmp_path / "run", start_from=str(small_model)).folder
    out = tmp_path / "it.zip"
    told = ("--title", "Discs", "--author", "Ada", "--author", "Grace", "--licence", "CC BY 4.0")
    assert run("pack", out, "--model", small_model, "--run", folder, *told) == 0
    assert capsys.readouterr().out == f"{out} (0.1 MB): 1 model and 1 training.\n"
    monkeypatch.setenv(HOME, str(tmp_path / "other(2)"))
    assert run("open", out, "--to", tmp_path / "to") == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("Discs (packed on 20")
    assert first.endswith(" by Ada, Grace, licence CC-BY-4.0)")
    assert lines[0].startswith("  models/small.safetensors  ")
    moved = tmp_path / "other(2)" / "runs" / "run"
    assert lines[2:] == [
        f"The model “small” is now at {find_model('small')}.",
        f"The training “run” is now at {moved}.",
        f'Continue it with: napari-unet train "{moved}"',
    ]
    assert (moved / "samples" / "0000.npz").is_file()
    assert not (tmp_path / "to").exists()


def test_for_programs(tmp_path, small_model, capsys):
    out = tmp_path / "it"
    assert run("pack", out, "--model", small_model, "--progress", "jsonl") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0]["stage"] == "packing"
    assert lines[-1]["result"]["parts"] == ["models/small.safetensors"]
    assert run("open", out, "--progress", "jsonl") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kept = str(find_model("small"))
    assert lines[-1]["result"]["parts"]["models/small.safetensors"] == {"path": kept, "new": True}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("pack", "it.zip"), "There is nothing to share"),
        (("pack", "it.zip", "--run", "."), "is not a run"),
        (("open", "it.zip"), "it.zip cannot be read"),
    ],
)
def test_one_sentence(tmp_path, monkeypatch, capsys, words, told):
    monkeypatch.chdir(tmp_path)
    assert run(*words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_replaced_only_where_asked(tmp_path, capsys):
    out = tmp_path / "it.zip"
    out.write_text("mine")
    assert run("pack", out, "--model", "nuclei") == 2
    assert capsys.readouterr().err.endswith("(--overwrite).\n")
    assert run("pack", out, "--model", "nuclei", "--overwrite") == 0


def test_settings_of_a_result_are_taken_over(tmp_path, small_model, capsys):
    """From the result itself, and from the file in a package, with flags before them."""
    image = tmp_path / "image.tif"
    write_tiff(image, np.random.default_rng(0).integers(0, 99, (40, 40)).astype(np.uint8))

    def segment(out, *words):
        assert main(["segment", str(image), "--out", str(tmp_path / out), *map(str, words)]) == 0
        lines = (tmp_path / out / "segment.jsonl").read_text().splitlines()
        return json.loads(lines[-1])["settings"]

    asked = ("--model", small_model, "--threshold", "0.3", "--match", "off", "--invert")
    first = segment("one", *asked)
    result = tmp_path / "one" / "image_instances.tif"
    assert segment("two", "--settings", result) == first
    assert segment("three", "--settings", tmp_path / "one") == first
    assert run("pack", tmp_path / "it.zip", "--settings", result) == 0
    assert run("open", tmp_path / "it.zip") == 0
    written = tmp_path / "it" / "settings" / "image.json"
    assert f"napari-unet segment IMAGES --settings {written}" in capsys.readouterr().out
    assert segment("four", "--settings", written) == first
    words = ("--settings", str(written), "--model", "auto", "--out", str(tmp_path / "six"))
    assert main(["segment", str(image), *words]) == 2
    assert "in a way of its own" in capsys.readouterr().err
    changed = segment("five", "--settings", written, "--threshold", "0.6", "--no-invert")
    assert changed["decode"] == first["decode"] | {"threshold": 0.6}
    assert "grey" in first
    assert "grey" not in changed
    assert changed["size"] == first["size"]
