"""What was painted on one image, in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_unet.core.annotation.annotation import AnnotatedImage
from napari_unet.core.annotation.painted_weight import check_weight
from napari_unet.core.errors import UserError
from napari_unet.core.image.axes import SPATIAL
from napari_unet.core.image.check import check_image, check_values
from napari_unet.core.image.planes import Planes, arrange
from napari_unet.core.instances.labels import check_labels
from napari_unet.core.instances.looks import image_doubt, refuse_grey
from napari_unet.core.instances.masks import FEW, beside_255, class_doubt, mask_doubt
from napari_unet.core.instances.measure import SPECK, typical_diameter, without_specks
from napari_unet.core.review.bare_planes import BarePlanes, bare_planes
from napari_unet.core.review.facts import Objects, Pixel, touching, unpainted
from napari_unet.core.review.finding import Finding
from napari_unet.core.review.lying import FEWEST, PLANES, lie_elsewhere
from napari_unet.core.review.shifted import Shift, shift_of
from napari_unet.core.review.surrounding import surrounding
from napari_unet.core.words import counted

SMALL = 0.02
"""Objects below this share of the typical one are specks, too."""
WEIGHED = 0.05
"""Objects of which a smaller share has any weight are hardly learnt."""
HOLLOW, _MANY = 0.05, 0.25
"""How large holes are as a share of an object, and of how many objects, where only outlines seem to
be painted. Of 719 right images one has 8 % of such objects, the others at most 4 %.
"""
WEIGHTLESS = (
    "without weight in the weight map, so next to nothing is learnt there",
    "What was painted after the map was made has none: make the map again, or leave it out.",
)
"""What is said of them, and what to do."""
UNHIDE = "Take the ignored marks off some objects, or accept some while proof-reading"
"""What to do where objects are painted, but ignored."""
_IGNORED = (
    "If it is no object, say that it is what is ignored, or erase it and mark that area as ignored."
)


@dataclass(frozen=True)
class PlaneFacts:
    """What is in one plane or volume of an image.

    Parameters
    ----------
    lead
        Where the plane is: its index along each axis that the plane has not.
    objects
        What was painted.
    touching
        How many pairs of objects touch.
    meeting
        A pixel where two do.
    unpainted
        Pixels in areas that look like objects but count as background.
    around
        Number of an object that lies around the others, see `surrounding`.
    astray
        Whether the objects lie on nothing; None where they are too few to tell, or not looked at.
    shift
        By how much they have to be moved to lie on what they outline; None where they lie well.
    """

    lead: Pixel
    objects: Objects
    touching: int
    meeting: Pixel | None
    unpainted: list[Pixel]
    around: int = 0
    astray: bool | None = None
    shift: Shift | None = None


@dataclass(frozen=True)
class ImageFacts:
    """What is in an image.

    Parameters
    ----------
    annotated
        The image.
    planes
        Those planes or volumes in which something counts.
    counted, background
        How many pixels count, and how many of those are background.
    bare
        Planes without objects that look as if they held some; None where there are none.
    problem
        Why nothing else could be found out; empty where it could.
    """

    annotated: AnnotatedImage
    ndim: int
    planes: tuple[PlaneFacts, ...] = ()
    counted: int = 0
    background: int = 0
    bare: BarePlanes | None = None
    problem: str = ""

    @property
    def count(self) -> int:
        """How many objects there are."""
        return sum(len(plane.objects.numbers) for plane in self.planes)

    @property
    def hidden(self) -> bool:
        """Whether objects are painted, but none that counts."""
        return not self.count and bool(self.annotated.annotation.instances.any())

    @property
    def around(self) -> int:
        """Number of an object that lies around the others in most planes; 0 for none."""
        told = [plane.around for plane in self.planes if plane.around]
        return told[0] if 2 * len(told) > len(self.planes) else 0

    @property
    def areas(self) -> NDArray[np.int64]:
        """Pixels of each object, int64 ``(objects,)``."""
        return np.concatenate([np.zeros(0, np.int64), *(p.objects.areas for p in self.planes)])

    @property
    def diameter(self) -> float:
        """Diameter of a disc or ball as large as the typical object, in pixels."""
        return typical_diameter(self.areas, self.ndim)

    @property
    def classes(self) -> Counter[int]:
        """How many objects of each class there are."""
        classes = self.annotated.annotation.classes
        numbers = (int(n) for plane in self.planes for n in plane.objects.numbers)
        return Counter(classes.get(number, 1) for number in numbers)

    def where(self, plane: PlaneFacts, pixel: Sequence[Any]) -> Pixel:
        """Return a plane's pixel as one of the annotation."""
        axes = self.annotated.axes.replace("C", "")
        lead = [letter for letter in axes if letter not in SPATIAL[self.ndim]]
        index = dict(zip([*lead, *SPATIAL[self.ndim]], [*plane.lead, *pixel], strict=True))
        return tuple(int(index[letter]) for letter in axes)


def look_at(annotated: AnnotatedImage, ndim: int) -> ImageFacts:
    """Find out what is in an image."""
    try:
        return _image_facts(annotated, ndim)
    except UserError as error:
        return ImageFacts(annotated, ndim, problem=str(error))


def _image_facts(annotated: AnnotatedImage, ndim: int) -> ImageFacts:
    annotation = annotated.annotation
    check_image(annotated.image)
    check_labels(annotation.instances, "The annotation")
    refuse_grey(annotation.instances, "The annotation")
    check_weight(annotation)
    axes = annotated.axes.replace("C", "")
    images = arrange(annotated.image, annotated.axes, ndim, annotated.channels)
    ignored = annotation.ignored()
    weight = np.True_ if annotation.weight is None else annotation.weight
    parts = (annotation.instances, ignored, np.broadcast_to(weight, ignored.shape))
    planes = (arrange(part, axes, ndim, 1) for part in parts)
    each = zip(np.ndindex(images.lead), range(len(images)), *planes, strict=True)
    step = -(-len(images) // PLANES)
    facts = tuple(
        _plane_facts(
            lead, _read(images, index), painted[0], out[0], weight[0], judged=index % step == 0
        )
        for lead, index, painted, out, weight in each
        if not out.all()
    )
    counted = ignored.size - int(np.count_nonzero(ignored))
    painted = sum(int(plane.objects.areas.sum()) for plane in facts)
    sides = [side for plane in facts for side in plane.objects.extents[:, -2:].ravel()]
    bare = bare_planes(annotated, ignored, float(np.median(sides))) if sides else None
    return ImageFacts(annotated, ndim, facts, counted, counted - painted, bare)


def _read(images: Planes, index: int) -> NDArray[Any]:
    """Return a plane of an image; what is read only now is checked only now."""
    plane = images[index]
    if not isinstance(images.image, np.ndarray):
        check_values(plane, blank_allowed=len(images) > 1)
    return plane


def _plane_facts(
    lead: Pixel,
    image: NDArray[Any],
    painted: NDArray[Any],
    ignored: NDArray[np.bool_],
    weight: NDArray[Any],
    *,
    judged: bool,
) -> PlaneFacts:
    instances = np.where(ignored, painted.dtype.type(0), painted)
    objects = Objects.of(instances, weight, ignored)
    met, meeting = touching(instances)
    enough = judged and len(objects.numbers) >= FEWEST
    shift = shift_of(image, painted, ~ignored) if enough else None
    astray = shift is None and lie_elsewhere(image, painted, ~ignored) if enough else None
    left = unpainted(image, instances, ignored, objects)
    around = surrounding(instances, ignored)
    return PlaneFacts(lead, objects, met, meeting, left, around, astray, shift)


def findings_of(facts: ImageFacts, patch: int, class_names: Sequence[str]) -> list[Finding]:
    """Say what was found in one image."""
    name = facts.annotated.name
    if facts.problem:
        return [Finding("error", facts.problem, "Put this right, or leave the image out.", name)]
    if not facts.planes:
        why, advice = "Nothing is annotated", "Paint some objects"
        if facts.hidden:
            why, advice = "All that is painted is ignored", UNHIDE
        text = f"{why}, so the image is left out."
        return [Finding("warning", text, f"{advice}, or remove it from the list.", name)]
    found = [_counts(facts, class_names), _touching(facts), _bare(facts), _unpainted(facts)]
    if facts.around:
        found.append(_around(facts))
    else:
        found += [_pieces(facts), _specks(facts), _too_large(facts, patch), _last_number(facts)]
        found.append(_hollow(facts))
    found.append(_weightless(facts))
    return [*_image(facts), *(finding for finding in found if finding is not None)]


def _image(facts: ImageFacts) -> list[Finding]:
    """Tell an image that looks like labels; one that is read only now is not looked at again."""
    annotated = facts.annotated
    if annotated.channels > 1 or not isinstance(annotated.image, np.ndarray):
        return []
    planes = arrange(annotated.image, annotated.axes, facts.ndim, annotated.channels)
    told = image_doubt(planes[len(planes) // 2], "The image")
    return [Finding("warning", text, "", annotated.name) for text in told]


def _counts(facts: ImageFacts, class_names: Sequence[str]) -> Finding:
    share = facts.counted / facts.annotated.annotation.instances.size
    part = f"{100 * share:.3g} % of the pixels are annotated"
    name = facts.annotated.name
    if not facts.count:
        advice = "Check that this is so: everything annotated in it counts as background."
        return Finding("warning", f"No objects are painted; {part}.", advice, name)
    each = facts.classes
    named = dict(enumerate(class_names, 1))
    words = [f"{each[n]:,} {named.get(n, f'class {n}')}" for n in sorted(each)]
    classes = f" ({', '.join(words)})" if len(words) > 1 or len(named) > 1 else ""
    return Finding("info", f"{counted(facts.count, 'object')}{classes}; {part}.", "", name)


def _touching(facts: ImageFacts) -> Finding | None:
    pairs = sum(plane.touching for plane in facts.planes)
    if not pairs:
        return None
    plane = next(plane for plane in facts.planes if plane.meeting is not None)
    text = f"{counted(pairs, 'pair')} of objects touch{'es' if pairs == 1 else ''}."
    advice = "Nothing to do: a gap of one pixel is put between them in training."
    where = facts.where(plane, plane.meeting or ())
    return Finding("info", text, advice, facts.annotated.name, where)


def _bare(facts: ImageFacts) -> Finding | None:
    """Tell planes that are learnt as background, though they look as if they held objects."""
    bare = facts.bare
    if bare is None:
        return None
    text = (
        f"Objects are painted on {bare.painted:,} of {counted(bare.annotated, bare.noun)} only, "
        "but others look as if they held some: they are learnt as background."
    )
    paint, leave = f"Paint the objects of every {bare.noun}", f"the {bare.noun}s without any"
    advice = f"{paint}, or take {leave} out of image and labels."
    if facts.annotated.annotation.boxes is not None:
        advice = f"{paint}, or delete the training rectangles on {leave}."
    return Finding("warning", text, advice, facts.annotated.name, bare.where)


def _unpainted(facts: ImageFacts) -> Finding | None:
    areas = [(plane, at) for plane in facts.planes for at in plane.unpainted]
    if not areas:
        return None
    inside = " inside the training rectangles" if facts.annotated.annotation.sparse else ""
    one = len(areas) == 1
    text = (
        f"{counted(len(areas), 'area')}{inside} look{'s' if one else ''} like "
        f"{'an object' if one else 'objects'} but {'is' if one else 'are'} not painted."
    )
    advice = "Paint what is an object; what you do not paint there is learnt as background."
    return Finding("warning", text, advice, facts.annotated.name, facts.where(*areas[0]))


def _around(facts: ImageFacts) -> Finding:
    """Tell an object that seems to be the background."""
    plane = next(plane for plane in facts.planes if plane.around == facts.around)
    index = plane.objects.numbers.tolist().index(facts.around)
    where = facts.where(plane, plane.objects.pixels[index])
    text = f"Object {facts.around} lies around all else, as the background does."
    advice = "If it is the background, give it the number 0."
    only = facts.count == sum(plane.around > 0 for plane in facts.planes)
    if only:
        advice = (
            "Background and objects seem to be exchanged: give the background the number 0, and "
            "each object a number of its own."
        )
    # with some background it may be a sheet of cells with gaps
    level = "warning" if facts.background else "error"
    return Finding(level, text, advice, facts.annotated.name, where)


def _pieces(facts: ImageFacts) -> Finding | None:
    numbers = {int(number) for plane in facts.planes for number in plane.objects.numbers}
    annotation, name = facts.annotated.annotation, facts.annotated.name
    if 0 < len(numbers) <= FEW:
        counted = np.where(annotation.ignored(), 0, annotation.instances)
        doubt = mask_doubt if len(numbers) == 1 else class_doubt
        told = doubt(counted, facts.annotated.axes.replace("C", ""))
        if told:
            level = "warning" if annotation.painted else "error"
            return Finding(level, f"The annotation {told}", "", name)
    if beside_255(numbers) and not annotation.painted:
        text = "Number 255 stands beside low numbers, as “ignored” does: it is learnt as an object."
        return Finding("warning", text, _IGNORED, name)
    advice = "Give each piece a number of its own, close the gap, or keep the largest piece."
    return _of_objects(facts, lambda objects: objects.pieces > 1, "in several pieces", advice)


def _specks(facts: ImageFacts) -> Finding | None:
    usual = float(np.median(without_specks(facts.areas))) if facts.count else 0.0
    least = max(SPECK, SMALL * usual)
    text = f"smaller than {counted(int(np.ceil(least)), 'pixel')}"
    advice = "Delete what was painted by accident."
    return _of_objects(facts, lambda objects: objects.areas < least, text, advice)


def _too_large(facts: ImageFacts, patch: int) -> Finding | None:
    largest = max((int(p.objects.extents.max(initial=0)) for p in facts.planes), default=0)
    text = f"larger than a training patch of {patch} pixels"
    advice = f"Choose patches of more than {largest} pixels, or make the images smaller."
    return _of_objects(facts, lambda o: (o.extents > patch).any(axis=1), text, advice)


def _last_number(facts: ImageFacts) -> Finding | None:
    """Tell numbers that go as far as they can: further objects may have got one of them."""
    dtype = facts.annotated.annotation.instances.dtype
    last = np.iinfo(dtype).max
    if dtype.itemsize > 2:
        return None
    advice = (
        "Check that no two objects share a number, and start an annotation from these labels with "
        "the Annotate widget: it goes on counting."
    )
    text = f"numbered {last:,}, where numbers of the kind {dtype} end"
    return _of_objects(facts, lambda objects: objects.numbers == last, text, advice)


def _weightless(facts: ImageFacts) -> Finding | None:
    return _of_objects(facts, lambda objects: objects.weighed < WEIGHED, *WEIGHTLESS)


def _hollow(facts: ImageFacts) -> Finding | None:
    """Tell objects of which only the outlines seem to be painted."""
    count = sum(int(np.count_nonzero(p.objects.hollow >= HOLLOW)) for p in facts.planes)
    if count <= _MANY * facts.count:
        return None
    text = "hollow, as if only outlines were painted"
    advice = (
        "Unless they are rings, fill their holes, as in the Annotate widget with the key H: what "
        "is enclosed is learnt as background."
    )
    return _of_objects(facts, lambda objects: objects.hollow >= HOLLOW, text, advice)


def _of_objects(facts: ImageFacts, chosen: Any, text: str, advice: str) -> Finding | None:
    """Make a finding of the objects that a function of `Objects` chooses."""
    found = [(p, i) for p in facts.planes for i in np.flatnonzero(chosen(p.objects))]
    if not found:
        return None
    plane, index = found[0]
    number = plane.objects.numbers[index]
    is_are = f"{counted(len(found), 'object')} {'is' if len(found) == 1 else 'are'}"
    such = f"number {number}" if len(found) == 1 else f"such as number {number}"
    where = facts.where(plane, plane.objects.pixels[index])
    return Finding("warning", f"{is_are} {text}, {such}.", advice, facts.annotated.name, where)
