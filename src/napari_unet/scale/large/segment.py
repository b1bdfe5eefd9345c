"""From an image of any size to labels on disk, in memory of a block and not of the image."""

from __future__ import annotations

import shutil
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.image.check import check_image
from napari_unet.core.image.look.emptiness import note_on
from napari_unet.core.image.look.gaps import note_on_gaps
from napari_unet.core.image.spacing import Spacing
from napari_unet.core.instances.link import note_on_lost
from napari_unet.core.progress import Progress, Steps, UsedDevice, drive
from napari_unet.core.segment_request import RequestFields, SegmentRequest
from napari_unet.io.ome_zarr import LabelPyramid
from napari_unet.io.zarr_folder import mark_finished, mark_unfinished
from napari_unet.nn.model import Model, save_model
from napari_unet.nn.prediction.best_model import resort_advice_steps
from napari_unet.nn.prediction.made_with import made_with
from napari_unet.scale.large.begin import (
    begun_steps,
    check_shared,
    chosen_in_steps,
    described,
    guess_in,
)
from napari_unet.scale.large.cluster import Cluster, joined_steps, threads_of
from napari_unet.scale.large.executors import Here, Workers
from napari_unet.scale.large.folder import LabelFolders, LargeJob, Ledger, Task
from napari_unet.scale.large.tasks import WORK
from napari_unet.storage.atomic import replacing_folder
from napari_unet.storage.digests import source_file
from napari_unet.storage.disk import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from napari_unet.core.provenance.record import Provenance
    from napari_unet.io.picture import Picture
    from napari_unet.scale.large.context import JobContext


_TOLD = {
    "limits": "reading grey values",
    "predict": "segmenting",
    "fragments": "finding objects",
    "join": "joining objects",
    "overlap": "comparing planes",
    "link": "linking planes",
    "relabel": "writing objects",
}
_MADE, _DONE = Task("made"), Task("done")


@dataclass(frozen=True)
class LargeResult:
    """Labels on disk.

    Parameters
    ----------
    instances
        OME-Zarr folder of the objects, uint32, numbered as `napari_unet.segment` numbers them.
    semantic
        OME-Zarr folder of the classes.
    objects
        Number of objects.
    note
        Sentences on what was chosen, is doubtful, guessed or empty; otherwise nothing.
    model
        Name of the model.
    about
        The option that the advice at the end of the note is about, as in `UserError`.
    """

    instances: Path
    semantic: Path
    objects: int
    note: str = ""
    model: str = ""
    about: str = ""


def segment_large(
    picture: Picture,
    model: str | Path | Model,
    out: str | Path,
    request: SegmentRequest | None = None,
    **fields: Unpack[RequestFields],
) -> LargeResult:
    """Segment an image of any size on this computer: `segment_large_steps`, driven to its end.

    As for `napari_unet.segment`, the fields of the request may be given by their names.
    """
    request = SegmentRequest.of(request, **fields)
    return drive(segment_large_steps(picture, model, out, request))


def segment_large_steps(
    picture: Picture,
    model: str | Path | Model,
    out: str | Path,
    request: SegmentRequest | None = None,
    block: tuple[int, ...] = (),
    client: Any = None,
) -> Steps[LargeResult]:
    """Segment an image of any size; the labels are those that `napari_unet.segment` gives.

    Work that was killed or stopped goes on where it was, when the same is asked for again.

    Parameters
    ----------
    picture
        The image; a lazy array is read block by block.
    model
        Name, path or a loaded model.
    out
        Folder for the results and the notes of the job, which are named after the picture.
    request
        How it is segmented. A tile is never larger than a block; a memory of 0 is what a block
        needs, or half of what is free when the job begins.
    block
        Edges of a block, for each axis that the network sees; empty for about 1024 x 1024
        pixels, 64 x 256 x 256 in 3D.
    client
        A `distributed.Client` whose workers do the work; None for this process. The image must
        then be a zarr array that all workers can reach under the same path, as they must `out`.

    Yields
    ------
    Progress with the blocks done, and `LabelFolders` as its news: they fill up while the work goes
    on.

    Raises
    ------
    UserError
        In one sentence: the image is none or cannot be read at some place, the folder holds another
        job, the disk is full. What is done is kept.
    Stop
        When the user wants to stop. What is done is kept.
    """
    request = request or SegmentRequest()
    check_image(picture.data, blank_allowed=True)
    chosen = yield from chosen_in_steps(picture, model, request)
    resort = yield from resort_advice_steps(picture.data, chosen)
    model, request = chosen.model, request.replace(channels=chosen.request.channels)
    check_shared(picture, client)
    if client is not None:
        yield from joined_steps(client)
    job = LargeJob(Path(out).resolve(), picture.name or "image")
    with _tell_disk_errors(job), job.lock():
        count = 1 if client is None else threads_of(client)
        context = yield from begun_steps(job, picture, model, request, block, count)
        ledger = Ledger(job.done)
        if _MADE in ledger and not job.has_results():
            job.refuse_results()
            ledger.clear()
        if _MADE not in ledger:
            _make(context, described(picture, model, request), request)
            ledger.add(_MADE, {})
        if _DONE not in ledger:
            workers = Here(context) if client is None else Cluster(client, job, context.notes["id"])
            yield from _work(context, ledger, workers)
        for folder in (job.instances, job.semantic):
            mark_finished(folder)
        shutil.rmtree(job.scratch, ignore_errors=True)
        objects = ledger[_DONE]["objects"]
        told = chosen.note, guess_in(picture, model, request)
        last = "" if context.advice.told else resort.told
        note = " ".join(filter(None, (*told, _note(context, ledger, objects), last)))
        about = context.advice.about or resort.about
        return LargeResult(job.instances, job.semantic, objects, note, model.name, about)


def _note(context: JobContext, ledger: Ledger, objects: int) -> str:
    """Return what there is to say about the image and what was found in it."""
    planes = len(context.planes)
    empty = _planes_that(ledger, "limits", "empty", planes)
    too_small = _planes_that(ledger, "join", "too_small", planes) > 0
    advice = context.advice.told
    nothing = note_on(objects, empty, planes, too_small=too_small, explained=bool(advice))
    told = context.doubt, _gaps(context, ledger), _lost(ledger), context.match.told, nothing, advice
    return " ".join(filter(None, told))


def _gaps(context: JobContext, ledger: Ledger) -> str:
    """Return sentences on planes that are even between others; older versions did not look."""
    planes = context.planes
    found = {number: ledger[Task("limits", number)].get("even") for number in range(len(planes))}
    even = {number: np.array(each) for number, each in found.items() if each}
    return note_on_gaps(even, planes.axes[: len(planes.lead)], planes.chosen)


def _lost(ledger: Ledger) -> str:
    """Return a sentence where most objects could not be followed; older versions did not count."""
    task = Task("link")
    if task not in ledger:
        return ""
    linked = ledger[task]
    return note_on_lost(linked.get("kept", 0), linked.get("frames", 0))


def _planes_that(ledger: Ledger, stage: str, what: str, planes: int) -> int:
    """Return of how many planes a stage has found something; older versions did not tell all."""
    return sum(bool(ledger[Task(stage, plane)].get(what)) for plane in range(planes))


@contextmanager
def _tell_disk_errors(job: LargeJob) -> Iterator[None]:
    """Tell in one sentence what a disk has against the work."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            told = f"The disk of {job.out} is full: make room"
        else:
            told = (
                f"{error.filename or job.out} cannot be written or read "
                f"({error.strerror or error}): allow it, or give another folder"
            )
        raise UserError(f"{told}, and run it again: it goes on where it was.") from error


def _made(context: JobContext, picture: Picture, request: SegmentRequest) -> Provenance:
    """Return the record of the labels; a job goes on with what it was begun with."""
    asked, axes = picture.request(request), picture.axes or ""
    made = made_with(context.model, asked, axes, context.planes, context.match)
    return made.replace(blocks=True, source=source_file(picture.file))


def _make(context: JobContext, picture: Picture, request: SegmentRequest) -> None:
    """Make the arrays that the work fills, and keep the model beside them."""
    planes, job = context.planes, context.job
    lead = context.lead
    pyramid = LabelPyramid(
        (*(planes.lead[axis] for axis in lead), *planes.spatial),
        "".join(planes.axes[axis] for axis in lead) + planes.axes[len(lead) :],
        (*[1] * len(lead), *context.grid.edges),
        context.levels,
        picture.grid if picture.unit == "µm" else Spacing().timed(picture.step),
        Spacing.along(picture.axes or "", picture.origin).of(planes.axes),
    )
    made = _made(context, picture, request)
    classes = str(np.min_scalar_type(context.model.config.num_classes - 1))
    semantic = (classes, "classes", made.replace(kind="semantic"))
    for folder, about in ((job.semantic, semantic), (job.instances, ("uint32", "objects", made))):
        with replacing_folder(folder) as temporary:
            pyramid.create(temporary, *about)
            mark_unfinished(temporary)
    context.make_scratch()
    save_model(context.model, job.model)


def _work(context: JobContext, ledger: Ledger, workers: Workers) -> Steps[None]:
    """Do one stage after the other, what is done already left out."""
    device, job = context.predictor.device, context.job
    news = LabelFolders(job.instances, job.semantic)
    about = Progress("", device=UsedDevice(device.name, device.reason), news=news)
    for stage in WORK:
        tasks = _tasks(stage, context)
        if not tasks:
            continue
        needs = _needs(stage, context, ledger)
        orders = [(task, needs[task.plane]) for task in tasks if task not in ledger]
        done = len(tasks) - len(orders)
        about = replace(about, stage=_TOLD[stage], done=done, total=len(tasks))
        yield about
        with closing(workers.each(orders)) as found:
            for each in found:
                if each is not None:
                    ledger.add(*each)
                    about = replace(about, done=about.done + 1)
                yield about
    linked = ledger[Task("link")]["objects"] if context.linked else None
    ledger.add(_DONE, {"objects": _counted(context, ledger)[-1] if linked is None else linked})


def _tasks(stage: str, context: JobContext) -> list[Task]:
    """Return the tasks of a stage: one in all, one per plane, or one per block."""
    if stage in ("overlap", "link") and not context.linked:
        return []
    planes = 1 if stage == "link" else len(context.planes)
    blocks = 1 if stage in ("limits", "join", "link") else len(context.grid)
    return [Task(stage, plane, block) for plane in range(planes) for block in range(blocks)]


def _needs(stage: str, context: JobContext, ledger: Ledger) -> list[Mapping[str, Any]]:
    """Return what the tasks of a stage must know from earlier ones, by plane."""
    planes = range(len(context.planes))
    if stage == "predict":
        return [ledger[Task("limits", plane)] for plane in planes]
    if stage in ("link", "relabel"):
        return [{"before": _counted(context, ledger)}] * len(planes)
    return [{} for _ in planes]


def _counted(context: JobContext, ledger: Ledger) -> list[int]:
    """Return how many objects there are before each plane, and in all."""
    planes = range(len(context.planes))
    counts = list(
        accumulate((ledger[Task("join", plane)]["objects"] for plane in planes), initial=0)
    )
    if counts[-1] > np.iinfo(np.uint32).max:
        raise UserError(
            f"There are {counts[-1]:,} objects, more than labels can count: raise the smallest "
            "size of an object, or segment parts of the image."
        )
    return counts
