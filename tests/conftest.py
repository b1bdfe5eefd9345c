"""A ladder of fixtures: two labelled discs, an image of them, files, folders, a small model."""

import gc
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from napari_unet.core.config import ModelConfig
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.nn.model import Model, save_model, seeded_network
from napari_unet.storage.folders import HOME
from shapes import make_image, make_labels

# napari keeps settings in the home directory else, and writes them six times for each window
os.environ["NAPARI_CONFIG"] = ""

# how long an example takes says more about the machine than about the code
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")


def pytest_collection_finish() -> None:
    """Let Python's collector pass over the libraries, which stay: half a million objects."""
    gc.freeze()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """The user's models, runs and drafts lie in a folder of the test's own."""
    monkeypatch.setenv(HOME, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(params=[2, 3], ids=["2D", "3D"])
def ndim(request):
    return request.param


@pytest.fixture
def labels(ndim):
    return make_labels(ndim)


@pytest.fixture
def image(labels):
    return make_image(labels)


@pytest.fixture
def folders(tmp_path) -> tuple[Path, Path]:
    """A folder of three images and a folder of their labels, 2D."""
    images, truths = tmp_path / "images", tmp_path / "labels"
    for seed, name in enumerate(("a", "b", "c")):
        truth = np.roll(make_labels(2), 3 * seed, axis=0)
        write_labels(truths / f"{name}.tif", truth)
        write_tiff(images / f"{name}.tif", make_image(truth, seed))
    return images, truths


@pytest.fixture
def read_only(monkeypatch) -> Callable[[], None]:
    """From when it is called on, no file can be made."""

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    return lambda: monkeypatch.setattr(Path, "touch", refuse)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory) -> Path:
    """The file of an untrained network of two levels: quick, and of no use."""
    config = ModelConfig(features=2, depth=2)
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    save_model(Model("small", seeded_network(config, 0).eval()), path)
    return path
