"""What a batch writes down of itself stays what earlier batches have written."""

from napari_unet.core.config import DecodeConfig, SizeConfig, TileConfig
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.scale.batch.batch import Batch


def test_the_settings_of_a_record_are_told_apart_by_the_same_names_as_ever(tmp_path, small_model):
    """Others would make every batch that was broken off begin anew."""
    request = SegmentRequest(
        axes="zyx",
        channels=(1, 0),
        spacing=(2, 1, 1),
        tiles=TileConfig(tile=64, device="cpu", views="mirrored"),
        decode=DecodeConfig(min_size=3),
        size=SizeConfig(match="pixel size"),
    )
    settings = Batch(tmp_path, small_model, request).settings()
    assert len(settings.pop("sha256")) == 64
    assert settings == {
        "model": "small",
        "axes": "zyx",
        "channels": [1, 0],
        "spacing": [2, 1, 1],
        "precision": "float32",
        "views": "mirrored",
        "decode": {"format": 1, "threshold": 0.5, "split": 0.2, "min_size": 3},
        "size": {"format": 1, "match": "pixel size", "diameter": 0.0},
        "link": {"format": 1, "planes": None, "frames": False, "overlap": 0.5},
    }
