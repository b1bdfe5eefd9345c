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
from napari_unet.core.image.normalize import EVERY_PIXEL, limits_of, normalize, sample
from napari_unet.core.image.planes import PlaneView
from napari_unet.core.image.resample import resample
from napari_unet.core.image.tiles import Region, read_window
from napari_unet.nn.device import memory_reused
from napari_unet.nn.prediction.tile_loop import predict_region
from napari_unet.scale.large.context import Workplace
from napari_unet.scale.large.link_tasks import count_overlaps, link_planes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from napari_unet.scale.large.folder import Task

    Floats = NDArray[np.float32]
    Found = Mapping[str, Any]


def find_limits(place: Workplace, task: Task, _: Found) -> Found:
    """Find the grey values of one plane that become 0 and 1; return them as ``limits``."""
    plane = PlaneView(place.planes, task.plane)
    pixels = sample(plane)
    whole = pixels.shape[1] == np.prod(plane.shape[1:], dtype=np.int64) <= EVERY_PIXEL
    check_values(pixels, blank_allowed=len(place.planes) > 1 or not whole)
    return {"limits": limits_of(pixels, place.model.normalize).tolist()}


def predict_block(place: Workplace, task: Task, needs: Found) -> Found:
    """Send one block through the network; write its classes, foreground and height."""
    region, shape = place.grid.region(task.block), place.seen.spatial
    limits, plane = np.array(needs["limits"], np.float32), PlaneView(place.seen, task.plane)

    def read(window: Region) -> Floats:
        pixels = read_window(plane, window)
        check_values(pixels, blank_allowed=True)
        return normalize(pixels, limits)

    def network(wanted: Region) -> Floats:
        return predict_region(place.predictor, wanted, shape, read)

    with memory_reused():
        output = resample(network, shape, place.planes.spatial, region)
    classes = place.model.config.num_classes
    place.write(place.semantic, task.plane, task.block, most_probable(output[:classes]))
    probable = 1 - output[0]
    inside = (task.plane, *(slice(*cut) for cut in region))
    place.scratch["foreground"][inside] = probable >= place.decode.threshold
    place.scratch["height"][inside] = output[classes] if place.model.config.height else probable
    return {}


def fragment_block(place: Workplace, task: Task, _: Found) -> Found:
    """Find the fragments of objects in one block; write them and the table of them."""
    shape, region = place.planes.spatial, place.grid.region(task.block)
    window = (task.plane, *(slice(*cut) for cut in window_of(region, shape)))
    height, foreground = (place.scratch[name][window] for name in ("height", "foreground"))
    fragments, record = find_fragments(height, foreground, region, shape)
    place.scratch["fragments"][(task.plane, *(slice(*cut) for cut in region))] = fragments
    place.save_record(task.plane, task.block, record)
    return {}


def join_plane(place: Workplace, task: Task, _: Found) -> Found:
    """Find which fragments of a plane are one object; return the number of ``objects``."""
    numbers = join_fragments(
        lambda block: place.read_record(task.plane, block), place.grid, place.decode
    )
    place.save_numbers(task.plane, numbers)
    return {"objects": numbers.objects}


def relabel_block(place: Workplace, task: Task, needs: Found) -> Found:
    """Write the final numbers of one block's objects, after those of planes ``before``."""
    inside = (task.plane, *(slice(*cut) for cut in place.grid.region(task.block)))
    table = place.final_numbers(task.plane, task.block, needs["before"][task.plane])
    labels = table.take(place.scratch["fragments"][inside])
    place.write(place.instances, task.plane, task.block, labels)
    return {}


WORK: dict[str, Callable[[Workplace, Task, Found], Found]] = {
    "limits": find_limits,
    "predict": predict_block,
    "fragments": fragment_block,
    "join": join_plane,
    "overlap": count_overlaps,
    "link": link_planes,
    "relabel": relabel_block,
}
"""What is done in each stage, in this order."""
