"""Settings leave out what is true of one image only, and are read with care."""

import json

import pytest

from napari_unet.core.config import DecodeConfig, LinkConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.provenance.record import ModelFile, Provenance
from napari_unet.core.provenance.settings import Settings
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.provenance.settings import read_settings

REQUEST = SegmentRequest(
    axes="ZYX",
    channels=(2,),
    spacing=(2, 0.5, 0.5),
    tiles=TileConfig(tile=256, device="cpu", views="mirrored"),
    decode=DecodeConfig(threshold=0.4),
    link=LinkConfig(planes=True, frames=True),
)
MADE = Provenance(model=ModelFile("nuclei", "nuclei", "0" * 64), request=REQUEST)


def test_what_is_true_of_one_image_is_left_out():
    assert Settings.of(MADE).request == SegmentRequest(
        channels=(2,),
        tiles=TileConfig(views="mirrored"),
        decode=DecodeConfig(threshold=0.4),
        link=LinkConfig(frames=True),
    )


@pytest.mark.parametrize(
    ("axes", "planes", "kept"),
    [("ZYX", True, None), ("ZYX", False, False), ("YX", False, None), (None, False, None)],
)
def test_planes_are_left_apart_where_somebody_chose_that(axes, planes, kept):
    request = SegmentRequest(axes=axes, link=LinkConfig(planes=planes))
    assert Settings.of(MADE.replace(request=request)).request.link.planes is kept


def test_there_and_back(tmp_path):
    settings, file = Settings.of(MADE), tmp_path / "it.json"
    file.write_text(settings.to_json(), encoding="utf-8")
    assert read_settings(file) == settings


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"program": "other"}, "holds no settings of U-Net Studio"),
        ({"format": 99}, "newer version"),
        ({"colour": "red"}, "has no option colour"),
        ({"request": {"channels": [-1]}}, r"it\.json: Channels are counted from 0"),
        ({"request": None}, r"it\.json: SegmentRequest must be"),
    ],
)
def test_odd(tmp_path, change, told):
    file = tmp_path / "it.json"
    values = json.loads(Settings.of(MADE).to_json()) | change
    file.write_text(json.dumps(values), encoding="utf-8")
    with pytest.raises(UserError, match=told):
        read_settings(file)


@pytest.mark.parametrize("text", ["", "[1]", "{}", "[" * 100_000, "\udcff"])
def test_no_settings(tmp_path, text):
    (tmp_path / "it.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserError, match="holds no settings"):
        read_settings(tmp_path / "it.json")
    with pytest.raises(UserError, match="cannot be read"):
        read_settings(tmp_path / "none.json")
