"""Networks of other programs give here what they give there, however the image is cut."""

from io import BytesIO

import numpy as np
import pytest
import torch
import yaml
from bioimageio.core import predict
from bioimageio.core import test_model as official_test
from bioimageio.spec import load_model_description
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage

from napari_unet.core.config import TileConfig
from napari_unet.core.errors import UserError
from napari_unet.core.image.normalize import limits, normalize
from napari_unet.nn.exchange.export import export_model
from napari_unet.nn.foreign.take_in import import_model
from napari_unet.nn.model import load_model, save_model, widened
from napari_unet.nn.prediction.segment import segment
from napari_unet.storage.folders import models_folder
from napari_unet.storage.model_header import read_header
from napari_unet.storage.programs import programs_folder, trust_model
from others import described, described_04, files_of, npy, script, sha256, small, write

TWO = ["foreground", "boundary"]


def blobs(*shape, seed=0):
    """Return an image in which there is something to see, with noise."""
    random = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(random.normal(size=shape), 3, axes=(-2, -1))
    return (100 + 800 * smooth + random.normal(0, 5, shape)).astype(np.float32)


def packed(path, image, shape=None, **told):
    files = files_of(small(**(shape or {})), image)
    return write(path, described(files, image.ndim - 2, **told), files)


@pytest.fixture
def package(tmp_path):
    return packed(
        tmp_path / "bioimageio-others.zip", blobs(1, 1, 64, 64), {"gives": 2}, channels=TWO
    )


CASES = {
    "2D": ((64, 64), {}, {}),
    "with boundary": ((64, 64), {"gives": 2}, {"channels": TWO}),
    "valid": ((68, 68), {"valid": True}, {"least": 20}),
    "whole tiles": ((64, 64), {"norm": True}, {}),
    "one size": ((64, 64), {}, {"least": 64, "step": 0}),
    "colours": ((64, 64), {"takes": 3}, {}),
    "3D": ((16, 24, 24), {"ndim": 3}, {"least": 8}),
}


@pytest.mark.parametrize(("size", "shape", "told"), CASES.values(), ids=CASES)
def test_it_gives_what_the_package_says_it_gives(tmp_path, size, shape, told):
    image = blobs(1, shape.get("takes", 1), *size)
    path = import_model(packed(tmp_path / "a.zip", image, shape, **told), "a", trust=True)
    model = load_model(path)
    with torch.no_grad():
        seen = normalize(image[0], limits(image[0], model.normalize), model.normalize)[np.newaxis]
        wanted = small(**shape)(torch.from_numpy(seen))[0].numpy()
    found = segment(image[0], model, axes="C" + "ZYX"[-len(size) :])
    inside = tuple(
        slice((there - one) // 2, (there + one) // 2)
        for there, one in zip(size, wanted.shape[1:], strict=True)
    )
    assert_allclose(found.probabilities[(1, *inside)], wanted[0], atol=2e-6)
    if len(wanted) > 1:
        assert_allclose(found.height, wanted[0] - wanted[1], atol=2e-6)
    assert not found.seams


@pytest.mark.parametrize(("size", "shape", "told"), CASES.values(), ids=CASES)
def test_tiles_change_nothing(tmp_path, size, shape, told):
    channels, ndim = shape.get("takes", 1), len(size)
    package = packed(tmp_path / "a.zip", blobs(1, channels, *size), shape, **told)
    model = load_model(import_model(package, "a", trust=True))
    image = blobs(channels, *((150, 131) if ndim == 2 else (30, 41, 37)), seed=1)
    axes = "C" + "ZYX"[-ndim:]
    one, many = (segment(image, model, axes=axes, tiles=TileConfig(tile=edge)) for edge in (0, 16))
    assert_allclose(many.probabilities, one.probabilities, atol=1e-5)
    assert_array_equal(many.instances, one.instances)
    assert bool(one.seams) == (shape.get("norm", False) or told.get("step") == 0)
    assert one.seams in one.note


def test_another_program_gives_the_same(package):
    """bioimageio.core runs all of an image at once."""
    image = blobs(1, 1, 96, 80, seed=2)
    there = predict(model=load_model_description(package), inputs={"raw": image})
    there = there.members["found"].data.values[0]
    found = segment(image[0, 0], import_model(package, "a", trust=True), axes="YX")
    assert_allclose(found.probabilities[1], there[0], atol=1e-5)
    assert_allclose(found.height, there[0] - there[1], atol=1e-5)


def test_the_packages_of_these_tests_are_packages(package):
    summary = official_test(package)
    assert summary.status == "passed", summary.format()


def test_a_package_of_the_form_0_4(tmp_path):
    image = blobs(1, 1, 64, 64)
    files = files_of(small(), image)
    files["w.pt"] = script(small(), torch.rand(1, 1, 64, 64))
    path = import_model(write(tmp_path / "a.zip", described_04(files), files), trust=True)
    assert path.stem == "Discs of others"
    found = segment(image[0, 0], path, axes="YX").probabilities[1]
    assert_allclose(found, np.load(BytesIO(files["out.npy"]))[0, 0], atol=2e-6)
    fixed = described_04(files, shape=[1, 1, 64, 64])
    other = import_model(write(tmp_path / "b.zip", fixed, files), "b", trust=True)
    assert "tiles of 64 x 64 pixels" in load_model(other).network.seams((64, 65))


def test_what_is_told_of_it(package):
    header = read_header(import_model(package, trust=True))
    assert header["name"] == "Discs of others"
    about = header["about"]
    assert about["authors"] == ["Ada Lovelace", "Grace Hopper"]
    assert (about["licence"], about["description"]) == ("MIT", "Finds discs")
    assert "10.1007/978-3-319-24574-4_28" in about["data"]
    assert header["config"]["program"]["digest"] == about["package"]["digest"]


def broken(change):
    """Turn a change of what a package tells, and of its files, into a case."""

    def make(path):
        files = files_of(small(gives=2), blobs(1, 1, 32, 32))
        told = yaml.safe_load(yaml.safe_dump(described(files, channels=TWO)))
        change(told, files)
        parts = [*told.get("inputs", ()), *told.get("outputs", ())]
        for tensor in (*parts, told["weights"].get("torchscript")):
            source = tensor and tensor.get("test_tensor", tensor)
            if source and source["source"] in files:
                source["sha256"] = sha256(files[source["source"]])
        return write(path, told, files)

    return make


def only(**weights):
    return broken(lambda told, _: told.update(weights=weights))


def processed(*steps):
    return broken(lambda told, _: told["inputs"][0].update(preprocessing=list(steps)))


def renamed(*names):
    return broken(lambda told, _: told["outputs"][0]["axes"][1].update(channel_names=list(names)))


SOURCE = {"source": "README.md"}
BAD = {
    "python only": (only(pytorch_state_dict=SOURCE), "has PyTorch weights with Python source, of"),
    "others only": (only(onnx=SOURCE, keras_hdf5=SOURCE), "has Keras and ONNX, of which nothing"),
    "no weights": (only(), "has no weights"),
    "two images": (broken(lambda told, _: told["inputs"].append(told["inputs"][0])), "2 inputs"),
    "time": (
        broken(lambda told, _: told["inputs"][0]["axes"].insert(1, {"type": "time", "id": "time"})),
        "axes are btcyx",
    ),
    "unknown step": (
        processed({"id": "binarize", "kwargs": {"threshold": 1}}),
        "'binarize' is not",
    ),
    "all images": (
        processed({"name": "scale_range", "kwargs": {"mode": "per_dataset", "axes": "cyx"}}),
        "all images of a data set",
    ),
    "lines only": (
        processed({"id": "scale_range", "kwargs": {"axes": ["x"]}}),
        "a part of the axes",
    ),
    "late statistics": (
        processed({"id": "clip", "kwargs": {"min": 0}}, {"id": "scale_range", "kwargs": {}}),
        "after another step",
    ),
    "not clear": (renamed("channel0", "channel1"), "gives 2 channels and does not say"),
    "distances": (renamed("foreground", "distance"), "gives 'distance'"),
    "no probabilities": (
        broken(lambda _, files: files.update({"out.npy": npy(blobs(1, 2, 32, 32))})),
        "no probabilities",
    ),
    "another output": (
        broken(
            lambda _, files: files.update(
                {"out.npy": npy(np.full((1, 2, 32, 32), 0.5, np.float32))}
            )
        ),
        "does not give what its package says",
    ),
    "no torchscript": (broken(lambda _, files: files.update({"w.pt": b"no"})), "as TorchScript"),
    "no test": (broken(lambda _, files: files.pop("in.npy") and None), "in.npy is missing"),
    "pickled test": (
        broken(lambda _, files: files.update({"in.npy": npy(np.array([{}]))})),
        "not as bioimage.io has it",
    ),
    "no outputs": (broken(lambda told, _: told.pop("outputs") and None), "not as bioimage.io"),
    "grey of an axis": (
        broken(lambda told, _: told["inputs"][0]["axes"][2].update(size="all")),
        "not as bioimage.io",
    ),
}


@pytest.mark.parametrize(("make", "told"), BAD.values(), ids=BAD)
def test_of_what_cannot_be_used_nothing_is_kept(make, told, tmp_path):
    with pytest.raises(UserError, match=told) as error:
        import_model(make(tmp_path / "bad.zip"), "new", trust=True)
    assert str(error.value).count(". ") == 0
    assert not models_folder().exists()
    assert not programs_folder().exists()


def test_nothing_is_run_without_a_question(package):
    with pytest.raises(UserError, match="Ada Lovelace, Grace Hopper with another program") as error:
        import_model(package)
    assert error.value.about == "trust"
    assert not programs_folder().exists()


def test_the_user_can_say_what_comes_out(tmp_path):
    package = packed(tmp_path / "a.zip", blobs(1, 1, 32, 32), {"gives": 2})
    with pytest.raises(UserError, match="look on its page") as error:
        import_model(package, trust=True)
    assert error.value.about == "outputs"
    with pytest.raises(UserError, match="as many different names"):
        import_model(package, trust=True, outputs=["cells"])
    path = import_model(package, "a", trust=True, outputs=["axon", "myelin"])
    assert load_model(path).config.classes == ("axon", "myelin")
    path = import_model(package, "b", trust=True, outputs=["boundary", "foreground"])
    assert load_model(path).config.height


def test_a_model_file_of_a_colleague_does_not_run(package, tmp_path, home, monkeypatch):
    path = import_model(package, "a", trust=True)
    image = blobs(48, 48)
    found = segment(image, path, axes="YX").probabilities
    monkeypatch.setenv("NAPARI_UNET_HOME", str(tmp_path / "colleague"))
    with pytest.raises(UserError, match="run napari-unet model trust FILE, or import its package"):
        load_model(path)
    trust_model(path)
    assert_array_equal(segment(image, path, axes="YX").probabilities, found)
    save_model(load_model(path), tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_what_it_cannot_do_is_said(package, tmp_path):
    model = load_model(import_model(package, "a", trust=True))
    with pytest.raises(UserError, match="float32 only"):
        segment(blobs(48, 48), model, axes="YX", tiles=TileConfig(precision="bfloat16"))
    with pytest.raises(UserError, match="takes one channel, not 3"):
        widened(model, 3)
    with pytest.raises(UserError, match="give that package on"):
        export_model(model, tmp_path / "out.zip")


def test_an_image_that_is_too_small_is_mirrored(package):
    found = segment(blobs(5, 9), import_model(package, "a", trust=True), axes="YX")
    assert found.probabilities.shape == (2, 5, 9)
