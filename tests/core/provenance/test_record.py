"""What a record of a result keeps, and what is said of one that cannot be believed."""

import json

import pytest

from napari_unet.core.config import DecodeConfig, LinkConfig, SizeConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import ModelFile, Provenance, SourceFile
from napari_unet.core.segment_request import SegmentRequest

MADE = Provenance(
    version="0.1.0",
    model=ModelFile("nuclei", "nuclei", "ab"),
    request=SegmentRequest(
        axes="TCYX",
        channels=(1,),
        spacing=(None, 0.5),
        tiles=TileConfig(views="mirrored"),
        decode=DecodeConfig(threshold=0.4),
        size=SizeConfig(diameter=20.5),
        link=LinkConfig(planes=False, frames=True),
    ),
    by=(0.5, 0.25),
    source=SourceFile("/größe/a.tif", 0, "cd", "all bytes"),
)


def test_it_comes_back_from_ascii():
    text = MADE.to_json()
    assert text.isascii()
    assert "\n" not in text
    assert Provenance.from_json(text, "a.tif") == MADE


def test_smallest_size_in_pixels_of_the_image():
    made = MADE.decoded(DecodeConfig(min_size=10))
    assert made.request.decode == DecodeConfig(min_size=10)
    assert made.min_size == 80


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"program": "CellProfiler"}, "not made by U-Net Studio"),
        ({"format": 2}, "newer version"),
        ({"device": "cuda"}, "edited"),
        ({"digest": "0"}, "edited"),
    ],
)
def test_what_cannot_be_believed_is_refused_in_one_sentence(change, words):
    text = json.dumps(json.loads(MADE.to_json()) | change)
    with pytest.raises(UserError, match=words) as told:
        Provenance.from_json(text, "a.tif")
    assert "a.tif" in str(told.value)


@pytest.mark.parametrize("text", ["", "[1]", "{", "null"])
def test_what_is_no_record(text):
    with pytest.raises(UserError, match="damaged"):
        Provenance.from_json(text, "a.tif")
