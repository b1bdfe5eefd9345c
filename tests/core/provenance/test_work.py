"""Work copied as a command and as Python gives the same labels when it is run."""

import shlex
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.cli.flags.parser import build_parser
from napari_unet.cli.main import main
from napari_unet.cli.segment import batch_of
from napari_unet.core.config import (
    DecodeConfig,
    GreyConfig,
    LinkConfig,
    SizeConfig,
    TileConfig,
)
from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import ModelFile, Provenance, SourceFile
from napari_unet.core.provenance.work import Work
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.read import read_image, read_label_image
from napari_unet.io.tiff.write import write_tiff
from napari_unet.nn.prediction.segment import segment
from shapes import make_image, make_labels

DECODE = DecodeConfig(threshold=0.2478, split=0.0, min_size=0)
REQUESTS = st.builds(
    SegmentRequest,
    axes=st.sampled_from([None, "CYX", "ZCYX"]),
    channels=st.sampled_from([(), (0,), (2, 1)]),
    tiles=st.builds(
        TileConfig,
        tile=st.integers(0, 65536),
        precision=st.sampled_from(["float32", "bfloat16"]),
        views=st.sampled_from(["one", "mirrored", "mirrored and rotated"]),
    ),
    decode=st.builds(DecodeConfig, threshold=st.floats(0.01, 0.99), split=st.floats(0, 1)),
    size=st.builds(
        SizeConfig,
        match=st.sampled_from(["automatic", "off", "pixel size", "object size"]),
        diameter=st.floats(0, 1e4),
    ),
    grey=st.builds(GreyConfig, invert=st.booleans()),
    link=st.builds(LinkConfig, planes=st.sampled_from([None, True, False]), frames=st.booleans()),
)


@given(REQUESTS)
def test_the_command_asks_for_the_same(request):
    command = Work(("a b.tif",), "nuclei", request, "out").command()
    parsed = build_parser().parse_args(shlex.split(command)[1:])
    assert parsed.paths == ["a b.tif"]
    assert batch_of(parsed).request == request


@given(REQUESTS)
def test_the_python_asks_for_the_same(request):
    names = {}
    lines = Work(("a.tif",), "nuclei", request).python().splitlines()
    exec("\n".join(line for line in lines if not line.startswith(("image", "result"))), names)
    assert names["request"] == request


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1))
def test_any_path_is_one_word(path):
    command = Work((path,), "nuclei").command()
    assert shlex.split(command)[2] == path


def test_paths_of_windows_stand_in_double_quotes():
    assert '"C:\\My data\\a.tif"' in Work(("C:\\My data\\a.tif",), "nuclei").command()


def test_both_give_the_same_labels(tmp_path, monkeypatch, small_model):
    monkeypatch.chdir(tmp_path)
    image = tmp_path / "an image.tif"
    write_tiff(image, make_image(make_labels(2)), "YX", (0.5, 0.25), "µm")
    request = SegmentRequest(axes="YX", decode=DECODE, grey=GreyConfig(invert=True))
    expected = segment(read_image(image).data, small_model, request)
    assert expected.instances.max() > 1
    made = expected.made.replace(source=SourceFile(str(image)))
    one = Work.of(made)
    names = {}
    exec(one.python(), names)
    np.testing.assert_array_equal(names["result"].instances, expected.instances)
    assert main(shlex.split(one.command())[1:]) == 0
    written = read_label_image(Path("results") / "an image_instances.tif").data
    np.testing.assert_array_equal(written, expected.instances)
    many = Work((str(tmp_path),), str(small_model), request, "out", recursive=False)
    exec(many.python(), names)
    again = read_label_image(Path("out") / "an image_instances.tif").data
    np.testing.assert_array_equal(again, expected.instances)
    exec(Work.of(made.replace(blocks=True)).python().replace("'results'", "'large'"), names)
    large = read_label_image(names["result"].instances).data
    np.testing.assert_array_equal(large, expected.instances)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (Provenance(source=SourceFile("a.tif", part="T3")), "part"),
        (Provenance(), "no file"),
        (Provenance(source=SourceFile("a.tif"), model=ModelFile("mine")), "'mine' is in no file"),
    ],
)
def test_what_no_command_does(made, words):
    with pytest.raises(UserError, match=words):
        Work.of(made)
