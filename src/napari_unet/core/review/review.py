"""What a training would learn from, and what is wrong with it, in plain words."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from napari_unet.core.instances.measure import typical_diameter
from napari_unet.core.review.across_images import alike, mismatches
from napari_unet.core.review.finding import LEVELS, NONE_TO_LEARN_FROM, Finding
from napari_unet.core.review.lying import astray
from napari_unet.core.review.one_image import UNHIDE, ImageFacts, findings_of, look_at
from napari_unet.core.review.shifted import shifted
from napari_unet.core.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from napari_unet.core.annotation.annotation import AnnotatedImage


__all__ = ["Finding", "all_findings", "look_at", "review"]

_UNMEASURED = Finding(
    "warning",
    "Nothing is painted in the images kept for validation: nobody can say how good it gets.",
    "Keep an image with objects for validation, or none.",
)


def review(
    annotated: Sequence[AnnotatedImage],
    ndim: int = 2,
    patch: int = 192,
    class_names: Sequence[str] = (),
) -> list[Finding]:
    """Look for what would spoil a training, before it starts.

    Parameters
    ----------
    annotated
        The images to learn from and to validate on.
    ndim
        Number of spatial axes of the network, 2 or 3; 2 takes each plane of a stack on its own.
    patch
        Edge of a training patch, in pixels.
    class_names
        Names of the classes from 1 on; empty where there is only one.

    Returns
    -------
    The findings: errors, then warnings, then what is merely told; of each, first what concerns
    all images together, then image by image. Each image of which something can be counted has a
    line that counts.
    """
    return all_findings([look_at(each, ndim) for each in annotated], patch, class_names)


def all_findings(
    facts: Sequence[ImageFacts], patch: int, class_names: Sequence[str] = ()
) -> list[Finding]:
    """Say what `look_at` has found in images, as `review` does.

    To look takes long, to say does not: so the same facts serve several sizes of patch.

    Parameters
    ----------
    facts
        Of the images to learn from and to validate on.
    patch, class_names
        As in `review`.
    """
    sound = [each for each in facts if not each.problem]
    # objects of an image that cannot be used are not counted, but may be there
    counted = len(sound) == len(facts) or any(each.count for each in sound)
    found = _of_all(sound, class_names) if counted else []
    found += astray(sound) + shifted(sound)
    found += alike([each.annotated for each in sound]) + mismatches(sound)
    for each in facts:
        found += findings_of(each, patch, class_names)
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def _of_all(facts: Sequence[ImageFacts], class_names: Sequence[str]) -> list[Finding]:
    count = sum(each.count for each in facts)
    if not count and any(each.hidden for each in facts):
        text = "Objects are painted, but all of them are ignored."
        return [Finding("error", text, f"{UNHIDE}.")]
    if not count:
        return [Finding("error", "No objects are painted.", "Paint some objects first.")]
    missing = _missing_classes(facts, class_names)
    found = [_summary(facts, count, missing)]
    if not any(each.background or each.around for each in facts):
        found.append(
            Finding(
                "error",
                "Nothing is marked as background.",
                "Draw a training rectangle around some objects, or mark some background.",
            )
        )
    found += [
        Finding(
            "warning",
            f"No object to learn from has the class “{name}”.",
            "Paint some of this class, or remove it from the list of classes.",
        )
        for name in missing
    ]
    return found + _validation(facts)


def _summary(facts: Sequence[ImageFacts], count: int, missing: Sequence[str]) -> Finding:
    areas = np.concatenate([each.areas for each in facts])
    empty = [each.annotated.name for each in facts if not each.planes]
    objects, images = counted(count, "object"), counted(len(facts) - len(empty), "image")
    across = counted(round(typical_diameter(areas, facts[0].ndim)), "pixel")
    told = f"{objects} in {images}, typically {across} across."
    listed = " or ".join(f"“{name}”" for name in missing)
    none = f"None to learn from has the class {listed}." if missing else ""
    said = (told, _left_out(empty), _bare(facts), none)
    return Finding("info", " ".join(filter(None, said)))


def _left_out(names: Sequence[str]) -> str:
    if len(names) > 1:
        return f"{len(names)} images are left out, for nothing is annotated in them."
    return "".join(f"“{name}” is left out, for nothing is annotated in it." for name in names)


def _bare(facts: Sequence[ImageFacts]) -> str:
    """Say where nothing is painted on planes that look as if they held objects."""
    bare = [(each.annotated.name, each.bare) for each in facts if each.bare]
    if len(bare) > 1:
        return f"Nothing is painted on some planes of {len(bare)} images."
    return "".join(f"Nothing is painted on {each.bare} of “{name}”." for name, each in bare)


def _missing_classes(facts: Sequence[ImageFacts], class_names: Sequence[str]) -> list[str]:
    """Return the classes of which there is no object to learn from, where there are several."""
    learnt = (each.classes for each in facts if not each.annotated.validation)
    painted: Counter[int] = sum(learnt, Counter())
    names = enumerate(class_names if len(class_names) > 1 else (), 1)
    return [name for number, name in names if not painted[number]]


def _validation(facts: Sequence[ImageFacts]) -> list[Finding]:
    kept = [each.annotated.validation for each in facts]
    if all(kept):
        return [NONE_TO_LEARN_FROM]
    if any(kept):
        measured = any(each.count for each in facts if each.annotated.validation)
        return [] if measured else [_UNMEASURED]
    return []
