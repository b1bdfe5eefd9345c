"""The work on one block or one plane, which any process can do by itself.

Every task reads what the stages before have written, writes its own, and returns what the job must
know. Done twice, it writes the same again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.decoding.decode import most_probable
from napari_unet.core.decoding.fragments import find_fragments, window_of
from napari_unet.core.decoding.join import join_fragments
from napari_unet.core.image.check import check_values
from napari_unet.core.image.look.emptiness import looks_empty
from napari_unet.core.image.look.gaps import even_planes
from napari_unet.core.image.normalize import limits_of, normalize
from napari_unet.core.image.planes import PlaneView
from napari_unet.core.image.resample import resample
from napari_unet.core.image.sampled import sample
from napari_unet.core.image.tiles import Region, read_window
from napari_unet.nn.device import memory_reused
from napari_unet.nn.prediction.tile_loop import nothing, predict_region
from napari_unet.scale.large.context import JobContext
from napari_unet.scale.large.link_tasks import count_overlaps, link_planes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from napari_unet.scale.large.folder import Task

    Floats = NDArray[np.float32]
    Found = Mapping[str, Any]


def find_limits(context: JobContext, task: Task, _: Found) -> Found:
    """Find the grey values of one plane that become 0 and 1, and whether it looks ``empty``.

    ``even`` are the even planes of one that does not, channel by channel.
    """
    plane = PlaneView(context.planes, task.plane)
    windows = sample(plane)
    for window in windows:
        check_values(window, blank_allowed=True)
    limits = limits_of(windows, context.model.normalize)
    found = {"limits": limits.tolist(), "empty": looks_empty(windows)}
    return found if found["empty"] else {**found, "even": even_planes(plane).tolist()}


def predict_block(context: JobContext, task: Task, needs: Found) -> Found:
    """Send one block through the network; write its classes, foreground and height."""
    region, shape = context.grid.region(task.block), context.seen.spatial
    limits, plane = np.array(needs["limits"]), PlaneView(context.seen, task.plane)

    def read(window: Region) -> Floats:
        pixels = read_window(plane, window)
        check_values(pixels, blank_allowed=True)
        return normalize(pixels, limits, context.model.normalize)

    def network(wanted: Region) -> Floats:
        return predict_region(context.predictor, wanted, shape, read)

    if needs.get("empty"):  # jobs begun by older versions do not say
        output = nothing(context.predictor.channels, region)
    else:
        with memory_reused():
            output = resample(network, shape, context.planes.spatial, region)
    classes = context.model.config.num_classes
    context.write(context.semantic, task.plane, task.block, most_probable(output[:classes]))
    probable = 1 - output[0]
    inside = (task.plane, *(slice(*cut) for cut in region))
    context.scratch["foreground"][inside] = probable >= context.decode.threshold
    context.scratch["height"][inside] = output[classes] if context.model.config.height else probable
    return {}


def fragment_block(context: JobContext, task: Task, _: Found) -> Found:
    """Find the fragments of objects in one block; write them and the table of them."""
    shape, region = context.planes.spatial, context.grid.region(task.block)
    window = (task.plane, *(slice(*cut) for cut in window_of(region, shape)))
    height, foreground = (context.scratch[name][window] for name in ("height", "foreground"))
    fragments, record = find_fragments(height, foreground, region, shape)
    context.scratch["fragments"][(task.plane, *(slice(*cut) for cut in region))] = fragments
    context.save_record(task.plane, task.block, record)
    return {}


def join_plane(context: JobContext, task: Task, _: Found) -> Found:
    """Find which fragments of a plane are one object.

    Returns the number of ``objects``, and whether there are none as all were ``too_small``.
    """
    numbers = join_fragments(
        lambda block: context.read_record(task.plane, block), context.grid, context.decode
    )
    context.save_numbers(task.plane, numbers)
    too_small = numbers.objects == 0 < len(numbers.number)
    return {"objects": numbers.objects, "too_small": too_small}


def relabel_block(context: JobContext, task: Task, needs: Found) -> Found:
    """Write the final numbers of one block's objects, after those of planes ``before``."""
    inside = (task.plane, *(slice(*cut) for cut in context.grid.region(task.block)))
    table = context.final_numbers(task.plane, task.block, needs["before"][task.plane])
    labels = table.take(context.scratch["fragments"][inside])
    context.write(context.instances, task.plane, task.block, labels)
    return {}


WORK: dict[str, Callable[[JobContext, Task, Found], Found]] = {
    "limits": find_limits,
    "predict": predict_block,
    "fragments": fragment_block,
    "join": join_plane,
    "overlap": count_overlaps,
    "link": link_planes,
    "relabel": relabel_block,
}
"""What is done in each stage, in this order."""
