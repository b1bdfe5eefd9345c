"""The command line as a whole: its help, and every error in one line."""

import os
import shutil
import subprocess
import sys
from functools import partial

import pytest

from napari_unet import __version__
from napari_unet.core.errors import TRACEBACK
from napari_unet.storage.folders import models_folder
from napari_unet.storage.model_header import bundled_models
from shell import run, told


def test_version(capsys):
    with pytest.raises(SystemExit) as end:
        run("--version")
    assert end.value.code == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "segment",
        "measure",
        "weights",
        "check",
        "train",
        "evaluate",
        "model",
        "models",
        "info",
    ],
)
def test_every_command_has_help(capsys, command):
    with pytest.raises(SystemExit) as end:
        run(command, "--help")
    assert end.value.code == 0
    assert f"napari-unet {command}" in capsys.readouterr().out


MISUSES = {
    "no command": ((), "COMMAND", "napari-unet --help"),
    "an unknown command": (("paint",), "'paint'", "napari-unet --help"),
    "an unknown option": (("models", "--colour"), "--colour", "--help"),
    "what is missing": (("segment", "a.tif"), "--out", "napari-unet segment --help"),
    "a slip in an option": (
        ("segment", "a.tif", "--outt", "r"),
        "--outt, but --out;",
        "napari-unet segment --help",
    ),
    "a part of an option": (
        ("segment", "a.tif", "--out", "r", "--thresh=0.4"),
        "--thresh, but --threshold;",
        "napari-unet segment --help",
    ),
    "an option like no other": (
        ("train", "--out", "r"),
        "no flag --out;",
        "napari-unet train --help",
    ),
    "an option twice": (
        ("measure", "a.tif", "--out", "a.csv", "--image", "b.tif", "--image", "c.tif"),
        "--image was given twice: give it once;",
        "napari-unet measure --help",
    ),
    "a word for a number": (("train", "--epochs", "many"), "'many'", "napari-unet train --help"),
    "words for numbers": (("train", "--spacing", "x"), "as 2,0.5", "napari-unet train --help"),
}


@pytest.mark.parametrize(("words", "named", "advice"), MISUSES.values(), ids=MISUSES.keys())
def test_what_is_not_understood_is_told_in_one_line(capsys, words, named, advice):
    with pytest.raises(SystemExit) as end:
        run(*words)
    assert end.value.code == 2
    line = told(capsys)
    assert line.startswith("napari-unet: ")
    assert named in line
    assert line.endswith(f"{advice}.\n")
    assert line.count("\n") == 1


def test_info_names_the_device(capsys):
    assert run("info") == 0
    assert "Device: " in capsys.readouterr().out


def test_models_are_listed_past_a_damaged_one(home, small_model, capsys):
    kept = home / "models"
    kept.mkdir(parents=True)
    (kept / "good.safetensors").write_bytes(small_model.read_bytes())
    (kept / "bad.safetensors").write_bytes(small_model.read_bytes()[:-100])
    assert run("models") == 2
    said = capsys.readouterr()
    listed = [line.split(":")[0] for line in said.out.splitlines()[::2]]
    assert listed == ["good", *bundled_models()]
    assert "bad.safetensors is cut short" in said.err
    (kept / "bad.safetensors").unlink()
    assert run("models") == 0


UNFORESEEN = {
    "an error of ours": (KeyError("x"), "An error that should not be (KeyError: 'x')"),
    "of several lines": (RuntimeError("one\ntwo"), "(RuntimeError: one): please report it."),
    "no memory": (MemoryError(), "Memory does not suffice"),
    "a full disk": (OSError(28, "No space left on device", "a.tif"), "a.tif: No space left"),
    "a worker's pipe": (BrokenPipeError(32, "Broken pipe"), "A file: Broken pipe."),
    "a file without words": (OSError("it is gone"), "A file: it is gone."),
}


@pytest.mark.parametrize(("error", "words"), UNFORESEEN.values(), ids=UNFORESEEN.keys())
def test_whatever_goes_wrong_is_told_in_one_line(monkeypatch, capsys, error, words):
    def broken():
        raise error

    monkeypatch.setattr("napari_unet.nn.device.choose_device", broken)
    assert run("info") == 2
    line = told(capsys)
    assert line.startswith("napari-unet: ")
    assert words in line
    assert line.count("\n") == 1
    monkeypatch.setenv(TRACEBACK, "1")
    assert run("info") == 2
    said = told(capsys)
    assert said.startswith("Traceback")
    assert said.endswith(f"\n{line}")


def test_a_name_that_a_pipe_has_no_letters_for_ends_nothing(small_model):
    for name in ("клетки", "zellen"):
        path = models_folder() / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(small_model, path)
    done = subprocess.run(
        [sys.executable, "-m", "napari_unet", "models"],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )
    assert done.stderr == b""
    assert rb"\u043a\u043b\u0435\u0442\u043a\u0438: no" in done.stdout
    assert b"zellen: no" in done.stdout


@pytest.mark.skipif(os.name != "posix", reason="closes a pipe as a shell does")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_who_has_read_enough_is_told_nothing(home, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    asked = [sys.executable, "-m", "napari_unet", "models"]
    env = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    child = subprocess.run(asked, check=False, stdout=writer, stderr=subprocess.PIPE, env=env)
    os.close(writer)
    assert child.stderr == b""
    assert child.returncode == 130


@pytest.mark.skipif(os.name != "posix", reason="closes the output as a shell does")
def test_a_command_without_any_output_ends_well(home):
    asked = [sys.executable, "-m", "napari_unet", "models"]
    closed = partial(os.close, 1)
    child = subprocess.run(asked, check=False, stderr=subprocess.PIPE, preexec_fn=closed)
    assert (child.returncode, child.stderr) == (0, b"")
