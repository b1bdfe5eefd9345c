"""Names and colours of channels, as OME, ImageJ and OME-Zarr say them, and as damaged files do."""

from xml.etree import ElementTree

import numpy as np
import pytest

from napari_unet.core.image.channels import (
    Channel,
    channels_of_imagej,
    channels_of_ome,
    channels_of_omero,
    named,
)

GREEN = ((0.0, 0.0, 0.0), (0.0, 1.0, 0.0))
OME = (
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image><Pixels>'
    '<Channel Name="DAPI"/></Pixels></Image><Image><Pixels>'
    '<Channel Name="GFP" Color="16711935"/><Channel Color="-16776961"/><Channel Color="x"/>'
    "</Pixels></Image></OME>"
)


def test_channels_of_ome_have_names_and_colours():
    one, other = ElementTree.fromstring(OME).iterfind(".//{*}Pixels")
    assert channels_of_ome(one) == (Channel("DAPI"),)
    found = channels_of_ome(other)
    assert found == (Channel("GFP", GREEN), Channel("", ((0, 0, 0), (1, 0, 0))), Channel())
    assert channels_of_ome(ElementTree.Element("Pixels")) == ()


def test_look_up_tables_of_imagej_are_two_colours_where_these_say_all():
    ramp = np.arange(256, dtype=np.uint8)
    green, fire = np.zeros((2, 3, 256), np.uint8)
    green[1], fire[0] = ramp, np.sqrt(ramp / 255) * 255
    even, uneven = channels_of_imagej([green, fire])
    assert even.colours == GREEN
    assert len(uneven.colours) == 256
    assert uneven.colours[-1] == (1, 0, 0)
    assert channels_of_imagej([ramp]) == (Channel(),)


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ({"label": "GFP", "color": "00FF00"}, Channel("GFP", GREEN)),
        ({"label": None, "color": "#00ff00"}, Channel("", GREEN)),
        ({"color": "000000"}, Channel()),
        ({"color": "green"}, Channel()),
        ("damaged", Channel()),
    ],
)
def test_channels_of_omero(about, expected):
    assert channels_of_omero({"channels": [about]}) == (expected,)
    assert channels_of_omero({}) == channels_of_omero({"channels": 2}) == ()


def test_each_channel_has_a_name_of_its_own():
    channels = [Channel("GFP"), Channel(" "), Channel("A"), Channel("A")]
    expected = ("GFP", "channel 1", "A channel 2", "A channel 3", "channel 4")
    assert named(channels, 5) == expected
    assert named(channels, 1) == ("GFP",)
