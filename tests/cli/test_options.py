"""Flags from options, and options from flags."""

import re

import pytest

from napari_unet.cli.flags.parser import build_parser
from napari_unet.cli.options import flags

COMMANDS = {
    "segment": ("segment", "a.tif", "--out", "found"),
    "train": ("train", "run"),
}


@pytest.mark.parametrize(
    ("command", "about", "told"),
    [
        ("segment", "axes", "--axes"),
        ("segment", "views mirrored", "--views mirrored"),
        ("segment", "spacing Z,Y,X", "--spacing Z,Y,X"),
        ("segment", "probabilities, uncertainty", "--probabilities, --uncertainty"),
        ("segment", "start_from", ""),
        ("segment", "", ""),
        ("train", "start_from", "--start-from"),
        ("train", "channels", ""),
    ],
)
def test_an_error_names_only_flags_that_its_command_has(command, about, told):
    assert flags(about, build_parser().parse_args(COMMANDS[command])) == told


def test_the_help_says_what_training_chooses_from_the_images(capsys):
    with pytest.raises(SystemExit):
        build_parser().parse_args(["train", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    planned = re.findall(r"--(\w+) \w+ [^-]*default chosen from the images\)", shown)
    assert planned == ["batch", "patch", "zoom"]
    assert "--epochs N Length of the training; each epoch ends with a validation. (1 to" in shown
