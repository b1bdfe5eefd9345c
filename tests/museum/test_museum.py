"""What earlier versions wrote is still read: models, runs, annotations, drafts and results."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from numpy.testing import assert_array_equal
from safetensors import safe_open

from museum.add import KINDS, LOOKS, SMALL, add_annotation, files
from napari_unet.cli.main import main
from napari_unet.core.annotation.annotation import Annotation
from napari_unet.core.config import TileConfig
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.annotations.drafts import find_draft, read_draft
from napari_unet.io.annotations.find import find_annotation
from napari_unet.io.annotations.read import read_annotations
from napari_unet.io.read import read_image
from napari_unet.io.sources import find_sources
from napari_unet.nn.prediction.segment import segment
from napari_unet.nn.training.train import train
from napari_unet.runs.folder import Run
from napari_unet.runs.known import unseen_runs
from napari_unet.scale.batch.steps import Batch, batch_steps
from napari_unet.storage.folders import runs_folder
from napari_unet.storage.model_header import read_header

MUSEUM = Path(__file__).parent
EXHIBITS = sorted(
    path for path in MUSEUM.iterdir() if re.match(r"\d{4}-\d\d-\d\d-\d{4}-", path.name)
)
NEWEST = EXHIBITS[-1]
CPU = SegmentRequest(tiles=TileConfig(device="cpu"))
ROUNDING = 1e-3
"""Share of the pixels that may differ: other processors round otherwise."""
EPOCHS, STOPPED = 12, 2

every_exhibit = pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda path: path.name)
every_annotation = pytest.mark.parametrize(
    "exhibit",
    [path for path in EXHIBITS if (path / "draft.npz").exists()],
    ids=lambda path: path.name,
)


@every_exhibit
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_gives_the_labels_that_it_gave(exhibit, kind):
    picture = read_image(MUSEUM / f"images/{kind}/{kind}.tif")
    found = segment(picture.data, exhibit / f"{kind}.safetensors", picture.request(CPU))
    for part in ("instances", "semantic"):
        expected = tifffile.imread(exhibit / kind / f"{kind}_{part}.tif")
        assert expected.any()
        assert np.mean(getattr(found, part) != expected) <= ROUNDING


@every_exhibit
def test_a_run_is_continued_to_its_end(exhibit, tmp_path):
    run = Run(shutil.copytree(exhibit / "run", tmp_path / "run"))
    before = run.records()
    assert len(before) == STOPPED
    result = train(run.folder)
    assert (result.reason, result.epoch) == ("finished", EPOCHS)
    assert run.records()[:STOPPED] == before
    assert read_header(run.last)["about"]["steps"] == EPOCHS * run.config().train.steps


def test_runs_are_listed(tmp_path):
    for exhibit in EXHIBITS:
        shutil.copytree(exhibit / "run", runs_folder() / exhibit.name)
    listed = {run.folder.name: run for run in unseen_runs()}
    assert sorted(listed) == [exhibit.name for exhibit in EXHIBITS]
    assert not any(run.running or run.result for run in listed.values())


@every_annotation
def test_an_annotation_is_opened(exhibit):
    (annotated,) = read_annotations(exhibit / "annotations")
    check_painted(annotated.annotation)
    assert_array_equal(annotated.annotation.boxes, [[[0, 0], [64, 96]]])
    assert annotated.spacing == (0.5, 0.5)
    image = tifffile.imread(MUSEUM / "images/nuclei/nuclei.tif")
    found, looks = find_annotation(exhibit / "annotations", "another name", image)
    check_painted(found.annotation)
    assert looks in ([], LOOKS)


@every_annotation
def test_a_draft_is_restored(exhibit, tmp_path):
    shutil.copy(exhibit / "draft.npz", tmp_path)
    draft = read_draft(find_draft(tmp_path, "nuclei", (96, 96)))
    check_painted(draft)
    assert list(zip(draft.class_names, draft.class_colours, strict=True)) == LOOKS
    assert_array_equal(draft.rectangles, [[[0, 0], [0, 96], [64, 96], [64, 0]]])


def check_painted(painted):
    objects = painted.instances if isinstance(painted, Annotation) else painted.objects
    assert_array_equal(objects, tifffile.imread(MUSEUM / "labels/nuclei/nuclei.tif"))
    assert painted.classes == {1: 2, 2: 1}
    assert painted.marks.sum() == 4 * 96 + 2 * 4 * 96


@every_exhibit
def test_results_stay_and_the_folder_is_gone_on_with(exhibit, tmp_path):
    out = shutil.copytree(exhibit / "nuclei", tmp_path / "out")
    labels = out / "nuclei_instances.tif"
    before = labels.read_bytes()
    images = shutil.copytree(MUSEUM / "images/nuclei", tmp_path / "images", copy_function=new_copy)
    batch = Batch(out, str(exhibit / "nuclei.safetensors"), CPU)
    rows = drive(batch_steps(find_sources([images], out), batch))
    assert {row.name: row.status for row in rows} == {"nuclei": "failed", "other": "done"}
    assert "exists" in rows[0].error
    assert labels.read_bytes() == before


def new_copy(file, copy):
    """Copy a file, but not when it was made: it is another file to a folder of results."""
    shutil.copyfile(file, copy)


def test_the_newest_exhibit_is_of_today(tmp_path, monkeypatch):
    """Where this fails, a format has changed: see README.md."""
    monkeypatch.chdir(MUSEUM)
    flags = [*files("nuclei"), "--run", str(tmp_path / "run"), *SMALL.split()]
    assert main(["train", *flags, "--epochs=1", "--steps=1"]) == 0
    add_annotation(tmp_path)
    assert layout(tmp_path, tmp_path / "run/last.safetensors") == layout(
        NEWEST, NEWEST / "nuclei.safetensors"
    )


def layout(exhibit: Path, model: Path) -> dict[str, object]:
    """Return which names there are in each file, whatever their values."""
    run = exhibit / "run"
    header = {name: value for name, value in read_header(model).items() if name != "about"}
    with safe_open(run / "last.checkpoint", "np") as file:
        state = json.loads(file.metadata()["state"])
    with np.load(exhibit / "draft.npz") as draft:
        drawn = sorted(draft.files), names_in(json.loads(str(draft["header"])))
    with np.load(run / "samples/0000.npz") as sample:
        stored = sorted(sample.files)
    return {
        "model": names_in(header),
        "run": names_in(json.loads((run / "run.json").read_text())),
        "checkpoint": sorted(state),
        "sample": stored,
        "draft": drawn,
        "annotation": sorted(path.name for path in (exhibit / "annotations").iterdir()),
    }


def names_in(values: object) -> object:
    """Return the names in a JSON object, and in those inside it."""
    if not isinstance(values, dict):
        return None
    return {name: names_in(value) for name, value in values.items()}
