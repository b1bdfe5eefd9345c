"""What is packed on one machine is opened on another, and is as good there."""

import json
import shutil
from urllib.parse import unquote
from zipfile import ZipFile

import numpy as np
import pytest
import tifffile

from napari_unet.cli import main
from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation
from napari_unet.core.config import DecodeConfig, ModelConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.annotations.read import read_annotations
from napari_unet.io.annotations.write import write_annotation
from napari_unet.io.provenance.settings import read_settings
from napari_unet.io.sources import find_sources
from napari_unet.io.tiff.write import write_tiff
from napari_unet.nn.model import Model, load_model, save_model, seeded_network
from napari_unet.nn.training.keep_model import publish
from napari_unet.nn.training.train import train_steps
from napari_unet.runs.control import training_lock
from napari_unet.runs.folder import Run
from napari_unet.runs.known import known_runs, unseen_runs
from napari_unet.scale.batch.batch import Batch
from napari_unet.scale.batch.steps import batch_steps
from napari_unet.scale.share.pack import share, share_steps
from napari_unet.scale.share.parcel import Parcel
from napari_unet.scale.share.unpack import open_shared
from napari_unet.storage.crate.metadata import METADATA
from napari_unet.storage.crate.read import read_crate
from napari_unet.storage.folders import HOME, models_folder, runs_folder
from napari_unet.storage.model_header import bundled_models, find_model
from quick_runs import QUICK, discs, parameters, quick_run, train_fully


@pytest.fixture
def start(tmp_path):
    """A model of the user's that is in no folder where it would be found by its name."""
    path = tmp_path / "mine" / "start.safetensors"
    network = seeded_network(ModelConfig(features=4, depth=2), 1).eval()
    path.parent.mkdir()
    save_model(Model("start", network), path)
    return path


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Go to another machine: what was here is gone."""

    def go(*gone):
        for each in gone:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        monkeypatch.setenv(HOME, str(tmp_path / "other home"))
        return tmp_path / "other place"

    return go


def stopped_midway(run):
    """Train until the first checkpoint is there."""
    drive(train_steps(run.folder), stop_requested=run.checkpoint.exists)
    assert len(run.records()) == 2  # the start and one epoch of three
    return run


@pytest.mark.parametrize("out", ["it.zip", "it"])
def test_a_training_goes_on_as_if_never_moved(tmp_path, start, elsewhere, out):
    run = stopped_midway(quick_run(tmp_path / "here" / "my run", start_from=str(start)))
    written = run.folder / "run.json"
    before = written.read_bytes()
    package = share(tmp_path / out, Parcel(runs=(run.folder,)))
    assert written.read_bytes() == before
    never_moved = parameters(train_fully(run))
    elsewhere(run.folder.parent, start.parent)
    model, moved = open_shared(package)
    assert (model.part.kind, moved.part.kind) == ("models", "runs")
    opened = Run(runs_folder() / "my run")
    assert moved.path == opened.folder
    assert opened.config().start_from == "start"
    assert find_model("start") == model.path
    assert [each.result for each in unseen_runs()] == [None]  # is offered to be continued
    assert parameters(train_fully(opened)) == never_moved


def test_a_training_that_has_not_begun_starts_from_the_same_model(tmp_path, start, elsewhere):
    run = quick_run(tmp_path / "run", start_from=str(start))
    package = share(tmp_path / "it.zip", Parcel(runs=(run.folder,)))
    never_moved = parameters(train_fully(run))
    elsewhere(run.folder, start.parent)
    models_folder().mkdir(parents=True)
    other = Model("start", seeded_network(ModelConfig(features=4, depth=2), 2).eval())
    save_model(other, models_folder() / "start.safetensors")
    model, moved = open_shared(package)
    assert model.path.stem == "start 2"
    assert "not the “start” that was there before" in model.in_words()
    opened = Run(moved.path)
    assert opened.config().start_from == "start 2"
    assert parameters(train_fully(opened)) == never_moved


def test_a_graphics_card_is_no_must_elsewhere(tmp_path):
    run = quick_run(tmp_path / "run", train=QUICK.replace(device="cuda"))
    share(tmp_path / "it.zip", Parcel(runs=(run.folder,)))
    (moved,) = open_shared(tmp_path / "it.zip")
    assert Run(moved.path).config() == run.config().replace(train=QUICK)


def test_a_training_that_has_ended_still_has(tmp_path, elsewhere):
    run = quick_run(runs_folder() / "2026-11-29 10.00.00.000000 discs", name="discs")
    assert main(["train", str(run.folder), "--progress", "none"]) == 0
    package = share(tmp_path / "it.zip", Parcel(runs=(run.folder.name,)))
    elsewhere(run.folder)
    open_shared(package)
    (known,) = known_runs()
    assert known.result["reason"] == "finished"
    assert known.result["model"] == "best.safetensors"
    assert publish(known.folder, "best", "mine").exists()


def test_a_lost_start_is_left_behind_or_refused(tmp_path, start):
    begun = stopped_midway(quick_run(tmp_path / "begun", start_from=str(start)))
    new = quick_run(tmp_path / "new", start_from=str(start))
    start.unlink()
    notes = []
    steps = share_steps(tmp_path / "it.zip", Parcel(runs=(begun.folder,)))
    drive(steps, lambda progress: notes.append(progress.notice))
    assert "'start' that begun has started from is gone" in "".join(notes)
    packed = json.loads(ZipFile(tmp_path / "it.zip").read("runs/begun/run.json"))
    assert packed["start_from"] == "start"
    with pytest.raises(UserError, match="cannot be begun on another machine"):
        share(tmp_path / "new.zip", Parcel(runs=(new.folder,)))
    assert not (tmp_path / "new.zip").exists()


def test_a_training_that_runs_is_refused(tmp_path):
    run = quick_run(tmp_path / "run")
    with training_lock(run.folder), pytest.raises(UserError, match="is being trained now"):
        share(tmp_path / "it.zip", Parcel(runs=(run.folder,)))
    steps = share_steps(tmp_path / "it.zip", Parcel(runs=(run.folder,)))
    next(steps)
    with training_lock(run.folder), pytest.raises(UserError, match="is being trained now"):
        drive(steps)
    assert list(tmp_path.glob("*it.zip*")) == []


@pytest.fixture
def annotated(tmp_path):
    folder, sample = tmp_path / "annotated", discs(1)
    marks = np.zeros(sample.labels.shape, np.uint8)
    marks[:4] = 1
    annotation = Annotation(sample.labels, marks, classes={1: 1, 2: 2})
    looks = [("round", "#ff0000"), ("flat", "#00ff00")]
    write_annotation(folder, AnnotatedImage("one", sample.image, "CYX", annotation), looks)
    return folder


def test_annotations_are_the_same_and_others_files_stay_out(tmp_path, annotated):
    for name in ("notes.docx", ".DS_Store"):
        (annotated / name).write_text("mine")
    notes = []
    steps = share_steps(tmp_path / "it.zip", Parcel(annotations=(annotated,)))
    drive(steps, lambda progress: notes.append(progress.notice))
    assert "1 file in" in "".join(notes)
    (laid,) = open_shared(tmp_path / "it.zip")
    assert laid.path == tmp_path / "it" / "annotations" / "annotated"
    (one,), (other,) = read_annotations(annotated), read_annotations(laid.path)
    np.testing.assert_array_equal(one.image, other.image)
    np.testing.assert_array_equal(one.annotation.instances, other.annotation.instances)
    np.testing.assert_array_equal(one.annotation.marks, other.annotation.marks)
    assert one.annotation.classes == other.annotation.classes
    assert one.annotation.class_names == other.annotation.class_names


def test_settings_come_with_their_model_and_give_the_same(tmp_path, start, elsewhere):
    image = tmp_path / "image.tif"
    write_tiff(image, np.stack([discs(1).image[0]] * 2), "CYX")
    sources = find_sources([image], tmp_path / "out")
    request = SegmentRequest(channels=(1,), decode=DecodeConfig(threshold=0.4, min_size=2))
    (row,) = drive(batch_steps(sources, Batch(tmp_path / "out", start, request)))
    assert row.status == "done", row.error
    settings = (tmp_path / "out", tmp_path / "out" / "image_instances.tif")
    package = share(tmp_path / "it", Parcel(settings=settings))
    place = elsewhere(start.parent)
    laid = open_shared(package, place)
    assert [each.path.name for each in laid] == ["start.safetensors", "out.json", "image.json"]
    used = read_settings(place / "settings" / "out.json")
    assert used.model.file == "start"
    assert used.request == request
    again = Batch(tmp_path / "again", find_model(used.model.file), used.request)
    drive(batch_steps(sources, again))
    one, other = (
        tifffile.imread(tmp_path / each / "image_instances.tif") for each in ("out", "again")
    )
    np.testing.assert_array_equal(one, other)


def test_opening_twice_changes_nothing(tmp_path, start, annotated, elsewhere):
    run = quick_run(tmp_path / "run", start_from=str(start))
    what = Parcel((start, "nuclei"), (run.folder,), (annotated,))
    package = share(tmp_path / "it.zip", what)
    place = elsewhere()
    first = open_shared(package, place)
    assert {each.part.path: each.new for each in first}["models/nuclei.safetensors"] is False
    there = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    second = open_shared(package, place)
    assert [each.path for each in second] == [each.path for each in first]
    assert not any(each.new for each in second)
    assert "was there already" in second[0].in_words()
    assert there == {path: path.stat().st_mtime_ns for path in there}
    (place / "annotations" / "annotated" / "labels" / "one.tif").write_bytes(b"changed")
    (Run(second[2].path).folder / "log.jsonl").write_text("")
    third = open_shared(package, place)
    assert [each.path.name for each in third if each.new] == ["annotated 2"]
    assert (place / "annotations" / "annotated" / "labels" / "one.tif").read_bytes() == b"changed"


def test_the_crate_is_all_that_is_in_it(tmp_path, start, annotated):
    """Every relative id of the metadata is there, and nothing else is; no path tells of here."""
    run = train_fully(quick_run(tmp_path / "a run", start_from=str(start)))
    twice = (start, start), (run.folder, run.folder), (annotated, annotated)
    what = Parcel(*twice, title="It", authors=("Ada",))
    package = share(tmp_path / "it", what)
    known = {each["@id"]: each for each in json.loads((package / METADATA).read_text())["@graph"]}
    named = {unquote(key): each for key, each in known.items() if each["@type"] == "File"}
    files = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert files == {*named, METADATA}
    folders = ("models/start.safetensors", "runs/a run", "annotations/annotated")
    assert {path for path in files if not path.startswith(folders)} == {METADATA}
    for key, each in named.items():
        assert (package / key).stat().st_size == int(each["contentSize"])
    for path in package.rglob("*.json*"):
        assert str(tmp_path) not in path.read_text()
    crate = read_crate(package)
    assert (crate.card.title, crate.card.authors) == ("It", ("Ada",))
    assert load_model(package / "models" / "start.safetensors").name == "start"


@pytest.mark.parametrize(
    ("parcel", "told"),
    [
        (Parcel(), "nothing to share"),
        (Parcel(models=("none such",)), "There is no model"),
        (Parcel(runs=("none such",)), "is not a run"),
        (Parcel(annotations=("none such",)), "no folder of annotations"),
        (Parcel(settings=("none such.tif",)), "There is no file"),
        (Parcel(settings=(".",)), "has no results in it"),
    ],
)
def test_what_cannot_be_shared(tmp_path, monkeypatch, parcel, told):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=told):
        share(tmp_path / "it.zip", parcel)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_replaced_unasked(tmp_path):
    model = next(iter(bundled_models()))
    out, folder = tmp_path / "it.zip", tmp_path / "folder"
    out.write_text("mine")
    with pytest.raises(UserError, match="exists: choose another name"):
        share(out, Parcel((model,)))
    assert out.read_text() == "mine"
    share(out, Parcel((model,)), overwrite=True)
    assert read_crate(out).parts[0].name == model
    folder.mkdir()
    (folder / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="holds something else"):
        share(folder, Parcel((model,)), overwrite=True)
    assert (folder / "thesis.txt").read_text() == "mine"
