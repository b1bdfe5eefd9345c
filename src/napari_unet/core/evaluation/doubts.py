"""What the figures of a model do not tell: what it never finds, what was not measured, a flood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from napari_unet.core.evaluation.report import ClassReport

_KEPT = 0.5
"""Share of the background that a model has to leave free."""
_MORE, _NEARLY_ALL = 0.25, 0.9
"""How much more of an image than is known to be objects a flood covers, and how much of all."""


def floods(classes: ClassReport, covered: float, painted: float) -> bool:
    """Tell whether a model calls nearly everything an object where that cannot be right.

    Parameters
    ----------
    classes
        How the classes agree where something is annotated.
    covered
        Share of the whole image that is found.
    painted
        Share of it that is painted as objects.
    """
    background, objects = classes.truth[0], sum(classes.truth[1:])
    if background and classes.both[0] >= _KEPT * background:
        return False
    known = objects / max(1, background + objects)
    return covered > painted + _MORE and covered > min(known + _MORE, _NEARLY_ALL)


def doubts(
    values: Mapping[str, Any], names: Sequence[str], learnt: Iterable[Collection[int]]
) -> str:
    """Say what is doubtful about a model, of the figures of its validation; empty for nothing.

    Parameters
    ----------
    values
        As validations give them.
    names
        Of the classes from 1 on.
    learnt
        The numbers of the classes in each sample that is learnt from; asked for only where a class
        could not be measured.
    """
    told = [_flood(values, names), _each_class(values, names), *_missing(values, names, learnt)]
    return " ".join(filter(None, told))


def _flood(values: Mapping[str, Any], names: Sequence[str]) -> str:
    if not values.get("flooded"):
        return ""
    return (
        f"It calls nearly {_flooding(values, names)} where that cannot be right: annotate more "
        "background, or train longer."
    )


def _flooding(values: Mapping[str, Any], names: Sequence[str]) -> str:
    """Say what nearly everything is called; of several classes the only one that is found."""
    if len(names) < 2:
        return "everything an object"
    recalls = values.get("recall", ())[1:]
    found = [name for name, share in zip(names, recalls, strict=False) if share != 0]
    return f"everything “{found[0]}”" if len(found) == 1 else "nothing background"


def _each_class(values: Mapping[str, Any], names: Sequence[str]) -> str:
    dice, recalls = (values.get(name, ())[1:] for name in ("dice", "recall"))
    if min(len(dice), len(recalls)) < 2:
        return ""
    each = [
        f"{name} {'not measured' if recall is None else f'{share:.2f}'}"
        for name, share, recall in zip(names, dice, recalls, strict=True)
    ]
    return f"Dice of each class: {', '.join(each)}."


def _missing(
    values: Mapping[str, Any], names: Sequence[str], learnt: Iterable[Collection[int]]
) -> list[str]:
    """Name the classes that are never found, that nothing is held out of, or nobody painted."""
    recall = values.get("recall", ())[1:]
    if len(recall) < 2:
        return []
    each = list(enumerate(zip(names, recall, strict=True), 1))
    lost = [name for _, (name, share) in each if share == 0]
    unknown = {number: name for number, (name, share) in each if share is None}
    shown = set[int]().union(*learnt) if unknown else set()
    unseen = [name for number, name in unknown.items() if number in shown]
    nowhere = [name for number, name in unknown.items() if number not in shown]
    return [
        _of(lost, "never found where it is held out: annotate more of it, or train longer."),
        _of(unseen, "not measured, as none of it is held out: annotate it in one more image."),
        _of(nowhere, "annotated nowhere: annotate some of it, or remove it from the classes."),
    ]


def _of(names: Sequence[str], told: str) -> str:
    return " ".join(f"“{name}” is {told}" for name in names)
