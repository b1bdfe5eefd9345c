"""A volume of thick planes from files to a model to objects: every part knows the voxel."""

import numpy as np
import pytest

from napari_unet.cli.main import main
from napari_unet.core.config import LinkConfig, ModelConfig, TileConfig
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.nn.model import Model, load_model, seeded_network
from napari_unet.nn.prediction.segment import segment
from napari_unet.runs.folder import Run
from shapes import make_image, make_labels

VOXEL = (1.0, 0.25, 0.25)
SHORT = "--epochs 1 --steps 1 --batch 1 --patch 16 --network-features 2 --validation 0"


@pytest.fixture
def folders(tmp_path):
    labels = make_labels(3)
    write_tiff(tmp_path / "images" / "a.tif", make_image(labels), "ZYX", VOXEL, "µm")
    write_labels(tmp_path / "labels" / "a.tif", labels, "ZYX", VOXEL, "µm")
    return ["--images", str(tmp_path / "images"), "--labels", str(tmp_path / "labels")]


@pytest.fixture(scope="module")
def model():
    config = ModelConfig(
        ndim=3,
        features=2,
        depth=2,
        pool=((1, 2, 2), (2, 2, 2)),
        kernel=((1, 3, 3), (3, 3, 3), (3, 3, 3)),
    )
    return Model("flat", seeded_network(config, 0).eval())


def test_training_from_files_takes_the_voxel_size_that_they_tell(folders, tmp_path):
    assert main(["train", *folders, "--run", str(tmp_path / "run"), *SHORT.split()]) == 0
    config = Run(tmp_path / "run").config()
    assert config.targets.spacing == (4.0, 1.0, 1.0)
    assert config.model.pool[0] == config.model.pool[1] == (1, 2, 2)
    assert config.model.kernel[0] == (1, 3, 3)
    assert load_model(tmp_path / "run" / "last.safetensors").config == config.model


def test_a_voxel_size_that_is_said_counts_more(folders, tmp_path):
    run = ["--run", str(tmp_path / "run"), "--spacing", "1,1,1"]
    assert main(["train", *folders, *run, *SHORT.split()]) == 0
    config = Run(tmp_path / "run").config()
    assert (config.targets.spacing, config.model.kernel) == ((1.0, 1.0, 1.0), ())


@pytest.mark.parametrize("axes", ["ZYX", "TZYX", "ZCYX", "YXZ"])
def test_whatever_the_order_of_axes_a_volume_has_its_objects(axes, model):
    volume = make_image(make_labels(3))
    whole = segment(volume, model, axes="ZYX").instances
    assert whole.max() > 0
    image = {
        "ZYX": volume,
        "TZYX": np.stack([volume, volume]),
        "ZCYX": volume[:, np.newaxis],
        "YXZ": volume.transpose(1, 2, 0),
    }[axes]
    found = segment(image, model, axes=axes, tiles=TileConfig(tile=20)).instances
    for each in found.reshape(-1, *volume.shape):
        np.testing.assert_array_equal(each > 0, whole > 0)
    if axes == "TZYX":
        assert found[1][found[1] > 0].min() == whole.max() + 1
        linked = segment(image, model, axes=axes, link=LinkConfig(frames=True)).instances
        np.testing.assert_array_equal(linked[0], linked[1])
