"""Classes are matched by their names: the same number may mean another class in each image."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from napari_unet.core.annotation.annotation import usual_class
from napari_unet.core.errors import UserError
from napari_unet.core.instances.labels import numbers_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_unet.core.annotation.annotation import AnnotatedImage, Annotation


def named_alike(
    images: Sequence[AnnotatedImage], names: Sequence[str] = ()
) -> tuple[list[AnnotatedImage], tuple[str, ...]]:
    """Give the classes numbers so that a number means the class of one name in all images.

    Parameters
    ----------
    images
        With instances. Where nobody has named the classes of an image, its numbers stay.
    names
        What the classes shall be called, the first of number 1: either all that the images name,
        in any order and with others if wanted, or new names for them; empty for those of the
        images.

    Returns
    -------
    images
        The same, the classes of their objects numbered anew where that is needed.
    names
        Of the classes from 1 on; empty where nobody has named any.

    Raises
    ------
    UserError
        If an image has two classes of one name, or `names` holds some of the images' names and
        lacks others.
    """
    own = [_names(each) for each in images]
    longest = max(own, key=len, default=())
    common = tuple(dict.fromkeys([*longest, *(name for each in own for name in each)]))
    given = tuple(names)
    _refuse_a_mixture(given, common)
    order = given if set(common) <= set(given) else common
    changed = [
        replace(image, annotation=_numbered(image.annotation, each, order))
        for image, each in zip(images, own, strict=True)
    ]
    return changed, given or common


def _names(image: AnnotatedImage) -> tuple[str, ...]:
    """Return the names of all classes that an image has; nothing where nobody has named any."""
    annotation = image.annotation
    if not annotation.chosen_names:
        return ()
    highest = max(annotation.classes.values(), default=1)
    further = range(len(annotation.chosen_names) + 1, highest + 1)
    names = (*annotation.chosen_names, *map(usual_class, further))
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{image.name}: two classes are called “{twice}”: give each its own name.")
    return names


def _refuse_a_mixture(given: Sequence[str], common: Sequence[str]) -> None:
    lacking = [name for name in common if name not in given]
    moved = [name for name in common if name in given and given.index(name) != common.index(name)]
    if lacking and moved:
        raise UserError(
            f"The annotations name the classes {', '.join(common)}, of which “{lacking[0]}” is not "
            "among the names given: give all of these, or none."
        )


def _numbered(annotation: Annotation, own: Sequence[str], order: Sequence[str]) -> Annotation:
    """Return the same with its classes numbered in another order, and named so."""
    if not own:
        return annotation
    numbers = {number: order.index(name) + 1 for number, name in enumerate(own, 1)}
    classes = {each: numbers[of] for each, of in annotation.classes.items()}
    if numbers[1] != 1:
        # objects that are not listed have class 1
        unlisted = set(numbers_in(annotation.instances)) - classes.keys()
        classes |= dict.fromkeys(sorted(unlisted), numbers[1])
    return replace(annotation, classes=classes, class_names=tuple(order))
