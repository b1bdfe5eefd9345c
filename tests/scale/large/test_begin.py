"""What a large job writes down of itself stays what earlier jobs have written."""

import json

import pytest

from napari_unet.core.config import SizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.picture import Picture
from napari_unet.scale.large.begin import begun_steps
from napari_unet.scale.large.folder import LargeJob
from pictures import make_model, make_picture


@pytest.mark.parametrize(("asked", "noted"), [(None, None), ("yx", "YX")])
def test_a_job_is_told_apart_by_the_same_names_as_ever(tmp_path, asked, noted):
    """Others would make every job that was broken off begin anew."""
    picture = Picture(make_picture("YX", (40, 44)).data)
    request = SegmentRequest(axes=asked, spacing=(0.5, 0.25), size=SizeConfig(match="off"))
    job = LargeJob(tmp_path, "cells")
    place = drive(begun_steps(job, picture, make_model(2), request, (16, 16)))
    notes = json.loads((job.folder / "job.json").read_text("utf-8"))["asked"]
    assert notes["image"].pop("glance")
    assert notes["image"].pop("pixels")
    assert notes["model"].pop("digest")
    assert notes == {
        "image": {"place": None, "shape": [40, 44], "dtype": "<u2", "axes": noted},
        "model": {"name": place.model.name},
        "channels": [],
        "precision": "float32",
        "views": "one",
        "decode": place.model.decode.to_dict(),
        "size": {"format": 1, "match": "off", "diameter": 0.0},
        "link": {"format": 1, "planes": False, "frames": False, "overlap": 0.5},
        "spacing": None,
    }
    assert place.planes.axes == "YX"


def test_a_job_of_an_earlier_version_goes_on(tmp_path):
    """It has noted a few windows of the image alone."""
    picture, model = make_picture("YX", (40, 44)), make_model(2)
    job, request = LargeJob(tmp_path, "cells"), SegmentRequest()
    drive(begun_steps(job, picture, model, request))
    notes = json.loads((job.folder / "job.json").read_text("utf-8"))
    del notes["asked"]["image"]["pixels"]
    (job.folder / "job.json").write_text(json.dumps(notes), "utf-8")
    drive(begun_steps(job, picture, model, request))
    picture.data[0, 0] += 1
    with pytest.raises(UserError, match="another image"):
        drive(begun_steps(job, picture, model, request))


def test_another_image_with_the_same_dark_border_is_another_job(tmp_path):
    """Stitched images are black in their corners, and first and last frames of movies alike."""
    picture, model = make_picture("TYX", (5, 80, 96)), make_model(2)
    picture.data[:, :64, :64] = 0
    job, request = LargeJob(tmp_path, "cells"), SegmentRequest()
    drive(begun_steps(job, picture, model, request))
    picture.data[2, 70, 90] += 1
    with pytest.raises(UserError, match="another image"):
        drive(begun_steps(job, picture, model, request))
