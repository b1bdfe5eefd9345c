"""One request for all surfaces: it survives JSON, and refuses what cannot be."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_unet.core.config import DecodeConfig, LinkConfig, SizeConfig, TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.option import FORMAT
from napari_unet.core.segment_request import RequestFields, SegmentRequest

sizes = st.floats(0.01, 100)
requests = st.builds(
    SegmentRequest,
    axes=st.none() | st.permutations("TZCYX").map("".join),
    channels=st.lists(st.integers(0, 9), max_size=3, unique=True),
    spacing=st.just(()) | st.tuples(sizes, sizes, sizes),
    tiles=st.builds(TileConfig, tile=st.integers(0, 4096), memory=st.floats(0, 64)),
    decode=st.none() | st.builds(DecodeConfig, threshold=st.floats(0.01, 0.99)),
    size=st.builds(SizeConfig, match=st.sampled_from(["off", "pixel size", "object size"])),
    link=st.builds(LinkConfig, planes=st.booleans(), frames=st.booleans()),
)


@given(requests)
def test_a_request_survives_json(request):
    assert SegmentRequest.from_dict(json.loads(json.dumps(request.to_dict()))) == request


def test_the_fields_by_name_are_those_of_the_request():
    fields = [entry.name for entry in dataclasses.fields(SegmentRequest)]
    assert list(RequestFields.__annotations__) == fields


def test_fields_change_a_request_and_none_leaves_them():
    base = SegmentRequest(axes="ZYX", decode=DecodeConfig(min_size=3))
    assert SegmentRequest.of(base, axes=None, decode=None) == base
    assert SegmentRequest.of(base, channels=np.array([2, 0])).channels == (2, 0)
    assert SegmentRequest.of(axes="yx") == SegmentRequest(axes="yx")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"axes": "QYX"}, "hold 'Q', which is no axis"),
        ({"axes": "YXX"}, "name X twice"),
        ({"axes": "TZ"}, "Y and X must be among them"),
        ({"axes": ""}, "Y and X must be among them"),
        ({"channels": (0, -1)}, "counted from 0, so -1 is none"),
        ({"channels": (0.5,)}, "counted from 0, so 0.5 is none"),
        ({"spacing": (0, 1)}, "cannot be 0, 1 µm .* above 0"),
        ({"spacing": (1, float("nan"))}, "above 0"),
        ({"spacing": ("a", "b")}, "above 0"),
        ({"channels": 0}, r"listed, as in \[0\]"),
        ({"spacing": (1.0,)}, "two or three numbers"),
        ({"spacing": 0.5}, "two or three numbers .*, not 0.5"),
        ({"spacing": (2, 1, 1), "axes": "TYX"}, "3 pixel sizes .* one for each of Y, X"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(fields, words):
    with pytest.raises(UserError, match=words):
        SegmentRequest(**fields)
    with pytest.raises(UserError, match=words):
        SegmentRequest.from_dict({"format": FORMAT, **fields})


def test_a_size_is_for_its_axis_whatever_the_order():
    assert SegmentRequest(axes="XYZ", spacing=(1, 2, 3)).pixel("XYZ").of("ZYX") == (3, 2, 1)
    told = SegmentRequest(spacing=(3, 2, 1))
    assert told.pixel("XYZ").of("XYZ") == (1, 2, 3)
    assert told.pixel("CYX").of("YX") == (2, 1)
    assert not SegmentRequest().pixel("YX")
    with pytest.raises(UserError, match="three numbers"):
        SegmentRequest(spacing=(2, 1)).pixel("TZYX")


def test_parts_are_refused_as_they_are_alone():
    with pytest.raises(UserError, match=r"TileConfig has no option colour\."):
        SegmentRequest.from_dict({"tiles": {"colour": 1}})
    with pytest.raises(UserError, match="TileConfig must be names with values, not None"):
        SegmentRequest.from_dict({"tiles": None})
