"""The whole path with the bundled model, in processes of their own, as a user runs it."""

import json
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from napari_unet import segment
from napari_unet.io.bundled import SAMPLE_OF, SAMPLES, load_sample
from napari_unet.io.read import read_image
from napari_unet.io.tiff.write import write_labels, write_tiff
from napari_unet.storage.model_header import find_model, read_header

COMMAND = [sys.executable, "-m", "napari_unet"]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _rows(table):
    head, *rows = (re.split(" {2,}", line) for line in table.splitlines())
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "out"
    return run("demo", "--out", out), out


def test_demo_finds_what_the_model_cards_say(demo):
    told, out = demo
    assert told.returncode == 0, told.stderr
    rows = {row["image"]: row for table in told.stdout.split("\n\n")[:2] for row in _rows(table)}
    for model, sample in SAMPLE_OF.items():
        stated = read_header(find_model(model))["about"]["sample"]
        name, figure = ("Dice 1", "dice") if SAMPLES[sample].semantic else ("AP50", "ap50")
        assert float(rows[model][name]) == pytest.approx(stated[figure], abs=0.01)
        kinds = ("instances.tif", "objects.csv", "overlay.png", "semantic.tif")
        assert sorted(file.name for file in out.glob(f"{sample}_*")) == [
            f"{sample}_{kind}" for kind in kinds
        ]
    assert read_image(out / "nuclei2d_overlay.png").data.shape == (512, 768, 3)
    assert read_image(out / "tissue_rgb_overlay.png").data.shape == (256, 320, 3)
    assert read_image(out / "nuclei3d_overlay.png").data.shape == (160, 240, 3)
    assert read_image(out / "neuron_overlay.png").data.shape == (480, 640, 3)


def test_demo_does_not_overwrite(demo):
    again = run("demo", "--out", demo[1])
    assert again.returncode == 2
    assert "--overwrite" in again.stderr


def test_one_answer(demo, tmp_path):
    """Shell and Python give the same labels, for the stack and for a plane of it."""
    image = load_sample("nuclei2d")[0].data
    shell = read_image(demo[1] / "nuclei2d_instances.tif").data
    np.testing.assert_array_equal(segment(image, axes="TYX").instances, shell)
    write_tiff(tmp_path / "plane.tif", image[0])
    assert run("segment", tmp_path / "plane.tif", "--out", tmp_path).returncode == 0
    plane = read_image(tmp_path / "plane_instances.tif").data
    np.testing.assert_array_equal(segment(image[0]).instances, plane)
    np.testing.assert_array_equal(plane, shell[0])


def test_stop_keeps_the_best_model_and_the_run_goes_on(tmp_path):
    image, labels = (picture.data[:3] for picture in load_sample("nuclei2d"))
    write_tiff(tmp_path / "images" / "a.tif", image, "TYX")
    write_labels(tmp_path / "labels" / "a.tif", labels, "TYX")
    folder = tmp_path / "run"
    quick = "--epochs 3 --steps 3 --batch 1 --patch 32 --network-features 2 --network-depth 1"
    data = ["--images", str(tmp_path / "images"), "--labels", str(tmp_path / "labels")]
    begin = [*COMMAND, "train", *data, "--run", str(folder), *quick.split(), "--progress", "jsonl"]
    with subprocess.Popen(
        begin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as job:
        for line in job.stdout:
            if json.loads(line).get("stage") == "training":
                job.send_signal(signal.SIGINT)
                break
        result = json.loads(job.stdout.read().splitlines()[-1])["result"]
    assert job.returncode == 130
    assert result["reason"] == "stopped"
    assert (folder / "best.safetensors").exists()
    told = run("train", folder)
    assert told.returncode == 0, told.stderr
    assert "finished after 3 epochs" in told.stdout
