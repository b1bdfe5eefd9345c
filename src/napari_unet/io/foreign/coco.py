"""Annotations in COCO's format."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_unet.core.errors import UserError
from napari_unet.core.words import counted
from napari_unet.io.foreign.drawn import Drawn, count_planes, drawn_picture

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from napari_unet.io.picture import Picture

    Images = dict[str, list[dict[str, Any]]]


def coco_images(found: Mapping[str, Any]) -> Images:
    """Return the images of a file by their names; the planes of a stack have one name.

    Raises
    ------
    UserError
        If images have one name that are not the planes of one stack.
    """
    images = defaultdict[str, list[dict[str, Any]]](list)
    for image in found["images"]:
        images[re.split(r"[\\/]", str(image["file_name"]))[-1]].append(image)
    for name, planes in images.items():
        if len(planes) > 1:
            _check_planes(name, planes)
    return dict(images)


def _check_planes(name: str, planes: Sequence[Mapping[str, Any]]) -> None:
    files = list(dict.fromkeys(str(image["file_name"]) for image in planes))
    if len(files) > 1:
        raise UserError(
            f"{files[0]} and {files[1]} are annotated in one file and are both called {name}: give "
            "each image a name of its own, or each folder of images a file of annotations."
        )
    places = {tuple(_place(image).get(letter, 0) for letter in "TZ") for image in planes}
    if len(places) < len(planes):
        raise UserError(
            f"{files[0]} is annotated {len(planes)} times in one file, which does not say by t and "
            "z which plane is which: list it once, or with its planes."
        )


def coco_picture(path: Path, found: Mapping[str, Any], name: str | None) -> Picture:
    """Draw the annotations of an image.

    Parameters
    ----------
    path
        The file.
    found
        What it holds.
    name
        The image; None for the only one.

    Raises
    ------
    UserError
        If there is no such image, or there are several and none is named.
    """
    images = coco_images(found)
    if name is None and len(images) != 1:
        raise UserError(
            f"{path.name} annotates {counted(len(images), 'image')}: give it together with the "
            "folder of these images."
        )
    planes = images.get(name or next(iter(images)))
    if planes is None:
        raise UserError(f"{path.name} annotates no image {name}.")
    places = {image["id"]: _place(image) if len(planes) > 1 else {} for image in planes}
    meant = [each for each in found["annotations"] if each["image_id"] in places]
    single = [each for each in meant if not each.get("iscrowd")]
    outlined = [each for each in single if each.get("segmentation")]
    crowds, boxes = len(meant) - len(single), len(single) - len(outlined)
    notes = [f"{counted(crowds, 'crowd')} left out: not one object each."] if crowds else []
    if boxes:
        notes.append(f"{counted(boxes, 'annotation')} left out: no outline or mask, only a box.")
    shape = int(planes[0]["height"]), int(planes[0]["width"])
    kinds = {each["id"]: str(each["name"]) for each in found.get("categories", [])}
    drawn = [
        replace(
            _drawn(each, places[each["image_id"]], shape),
            kind=kinds.get(each.get("category_id"), ""),
        )
        for each in outlined
    ]
    called = (name or path.name).rpartition(".")[0]
    return drawn_picture(called, drawn, shape, notes, count_planes(places.values()))


def _place(image: Mapping[str, Any]) -> dict[str, int]:
    told = {letter: image.get(letter.lower()) for letter in "TZ"}
    return {letter: int(place) for letter, place in told.items() if place is not None}


def _drawn(about: Mapping[str, Any], place: dict[str, int], shape: tuple[int, int]) -> Drawn:
    mask = about["segmentation"]
    name = f"#{about['object']}" if "object" in about else ""
    if isinstance(mask, list):
        lines = [np.reshape(np.asarray(each, float), (-1, 2))[:, ::-1] for each in mask]
        return Drawn(lines=lines, pieces=True, name=name, place=place)
    counts = mask["counts"]
    if tuple(mask["size"]) != shape:
        raise UserError(f"A mask of the size {mask['size']} does not fit its image, {shape}.")
    lengths = np.asarray(_unpacked(counts) if isinstance(counts, str) else counts, np.int64)
    starts = np.cumsum(lengths) - lengths
    if lengths.min(initial=0) < 0 or lengths.sum() > shape[0] * shape[1]:
        raise ValueError("a mask is longer than its image")
    return Drawn(runs=(starts[1::2], lengths[1::2], shape[0]), name=name, place=place)


def _unpacked(text: str) -> Sequence[int]:
    """Return the run lengths that COCO packs into letters.

    Five bits a letter, the lowest first, the sixth for more to come; from the third number on the
    difference to the one before the last (``rleToString`` of the COCO API).
    """
    counts: list[int] = []
    value, shift = 0, 0
    for letter in text.encode("ascii"):
        bits = letter - 48
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value, shift = 0, 0
    return counts
