"""Objects as COCO JSON: a mask for each object and plane, in run lengths, so that holes stay."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, Any

from napari_unet.core.instances.runs import masks
from napari_unet.core.progress import Progress
from napari_unet.storage.atomic import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from napari_unet.core.instances.runs import Mask
    from napari_unet.core.progress import Steps
    from napari_unet.io.exchange.content import Content, Plane

_EVERY = 2_000
"""Objects from one progress to the next."""


def coco_steps(path: Path, content: Content) -> Steps[None]:
    """Write all objects with their classes, each plane as an image of its own.

    Parameters
    ----------
    path
        The file to write; it is there whole or not at all.
    content
        The objects. Their own numbers are kept under ``object``, the planes' under ``t`` and ``z``.

    Yields
    ------
    Progress with the planes done.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    planes, total = list(content.planes()), content.plane_count
    used, numbers, between = {1}, count(1), ""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        images = [_image(number, plane, content) for number, plane in enumerate(planes, 1)]
        info = json.dumps(content.stated)
        file.write(f'{{"info": {info},\n"images": {json.dumps(images)},\n"annotations": [')
        for done, plane in enumerate(planes):
            for each, mask in enumerate(masks(plane.labels)):
                if each % _EVERY == 0:
                    yield Progress("writing COCO", done, total)
                of = content.class_of(mask.label)
                used.add(of)
                about = _annotation(next(numbers), done + 1, of, mask, plane.labels.shape)
                file.write(f"{between}\n{json.dumps(about)}")
                between = ","
        kinds = range(1, max(*used, len(content.class_names), 1) + 1)
        categories = [{"id": kind, "name": content.class_name(kind)} for kind in kinds]
        file.write(f'],\n"categories": {json.dumps(categories, ensure_ascii=False)}}}\n')


def _image(number: int, plane: Plane, content: Content) -> dict[str, Any]:
    height, width = plane.labels.shape
    place = {letter.lower(): index for letter, index in plane.place.items()}
    about = {"id": number, "file_name": content.image_file, "width": width, "height": height}
    return about | place


def _annotation(
    number: int, image: int, of: int, mask: Mask, shape: tuple[int, ...]
) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": image,
        "category_id": of,
        "object": mask.label,
        "area": mask.pixels,
        "bbox": mask.box,
        "iscrowd": 0,
        "segmentation": {"size": shape, "counts": mask.counts},
    }
