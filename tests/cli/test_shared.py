"""What is told of files that failed: each reason once, with the names of all that have it."""

from pathlib import Path

import pytest

from napari_unet.cli.shared import tell_failed
from shell import told


def lines_of(capsys, failed):
    tell_failed([(Path(name), said) for name, said in failed], 3)
    return told(capsys).splitlines()


def test_a_reason_that_several_have_is_told_once(capsys):
    failed = [("a.tif", "No axes."), ("b.tif", "Too large."), ("c.tif", "No axes.")]
    first, *others = lines_of(capsys, failed)
    assert first == "napari-unet: 3 of 3 files failed:"
    assert others == ["  a.tif, c.tif: No axes.", "  b.tif: Too large."]


@pytest.mark.parametrize(
    ("said", "is_named"),
    [
        ("a.tif is cut short.", True),
        ("There is no image for “a.tif”.", True),
        ("/data/a.tif: Permission denied.", True),
        ("aa.tif has other axes.", False),
        ("a.tif.bak has other axes.", False),
        ("a.tiff has other axes.", False),
        ("big-a.tif has other axes.", False),
    ],
)
def test_a_file_is_named_unless_its_sentence_does(capsys, said, is_named):
    _, line = lines_of(capsys, [("a.tif", said)])
    assert line == (f"  {said}" if is_named else f"  a.tif: {said}")
