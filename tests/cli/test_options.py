"""Flags from options, and options from flags."""

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
