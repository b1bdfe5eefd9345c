"""The loss: weighted cross-entropy, soft Dice and the height term, blind to ignored pixels.

Each term is a ratio of sums over the batch. Where several processes hold parts of the batch,
`Total` sums them up: the ratio is that of the whole batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from napari_unet.core.config import IGNORE
from napari_unet.core.errors import UserError
from napari_unet.core.train_config import TrainConfig

_SMOOTH = 1e-6
Total = Callable[[Tensor], Tensor]
"""Sums over all processes that hold a part of the batch."""


def only_here(values: Tensor) -> Tensor:
    """Return the values, of any shape: the `Total` of a process that holds the whole batch."""
    return values


def build_target(target: Tensor, num_classes: int = 2, ignore_index: int = -100) -> Tensor:
    """Turn class numbers into a one-hot target for the Dice loss.

    Ignored pixels are set to class 0, everything is one-hot encoded, and the ignored pixels are
    restored: they hold `ignore_index` in every channel, and `dice` leaves them out of its sums.

    Parameters
    ----------
    target
        Class numbers, integer ``(N, *spatial)``.
    num_classes
        Number of classes, background included.
    ignore_index
        The number that marks ignored pixels.

    Returns
    -------
    Float32 ``(N, num_classes, *spatial)``.

    Raises
    ------
    UserError
        If the target holds a class that there is not; on a GPU torch's own error.
    """
    classes = target.long()  # first: -100 would be 156 among uint8
    ignored = classes == ignore_index
    try:
        one_hot = functional.one_hot(classes.masked_fill(ignored, 0), num_classes)
    except RuntimeError as error:
        if "Class values" not in str(error):
            raise
        raise UserError(
            f"The target holds a class that there is not: classes go from 0 to {num_classes - 1}, "
            f"and pixels that do not count must be {ignore_index} (ignore_index)."
        ) from error
    one_hot = one_hot.movedim(-1, 1).float()
    return one_hot.masked_fill(ignored.unsqueeze(1), float(ignore_index))


def dice(
    probabilities: Tensor, one_hot: Tensor, ignore_index: int = -100, total: Total = only_here
) -> Tensor:
    """Return the soft Dice coefficient per class, over the whole batch.

    Parameters
    ----------
    probabilities
        Float ``(N, K, *spatial)``; in validation the one-hot argmax.
    one_hot
        What `build_target` returned, float32 of the same shape, with the same `ignore_index`.
    total
        Sums over all processes.

    Returns
    -------
    Float ``(K,)``; 1 for a class that neither has.
    """
    known = (one_hot != ignore_index).any(1, keepdim=True)
    axes = [0, *range(2, one_hot.ndim)]
    truth = one_hot.where(known, 0)
    found = probabilities.where(known, 0)
    overlap = total((truth * found).sum(axes))
    size = total(truth.sum(axes) + found.sum(axes))
    return (2 * overlap + _SMOOTH) / (size + _SMOOTH)


def dice_loss(logits: Tensor, target: Tensor, total: Total = only_here) -> Tensor:
    """Return one minus the mean soft Dice coefficient of all classes.

    Parameters
    ----------
    logits
        Float ``(N, K, *spatial)``.
    target
        Class numbers with `IGNORE`, integer ``(N, *spatial)``.
    total
        Sums over all processes.
    """
    one_hot = build_target(target, logits.shape[1], IGNORE)
    return 1 - dice(logits.softmax(1), one_hot, IGNORE, total).mean()


def weighted_cross_entropy(
    logits: Tensor, target: Tensor, weight: Tensor, total: Total = only_here
) -> Tensor:
    """Return the mean cross-entropy in which each pixel counts as its weight says.

    Parameters
    ----------
    logits
        Float ``(N, K, *spatial)``.
    target
        Class numbers with `IGNORE`, integer ``(N, *spatial)``.
    weight
        The weight map, float ``(N, *spatial)``.
    total
        Sums over all processes.
    """
    weight = weight.masked_fill(target == IGNORE, 0)
    losses = functional.cross_entropy(logits, target.long(), reduction="none", ignore_index=IGNORE)
    return _mean(losses, weight, total)


def height_loss(height: Tensor, target: Tensor, weight: Tensor, total: Total = only_here) -> Tensor:
    """Return the mean smooth L1 distance between heights, each pixel counting as its weight says.

    The border weights matter here: only where the gap between two cells stays low can they be
    told apart.

    Parameters
    ----------
    height, target
        Float ``(N, *spatial)``.
    weight
        The weight map, float ``(N, *spatial)``; 0 where pixels are ignored.
    total
        Sums over all processes.
    """
    losses = functional.smooth_l1_loss(height, target, reduction="none", beta=0.1)
    return _mean(losses, weight, total)


def _mean(losses: Tensor, weight: Tensor, total: Total) -> Tensor:
    return total((losses * weight).sum()) / total(weight.sum()).clamp(min=_SMOOTH)


@dataclass(frozen=True)
class Batch:
    """Training patches and what is known about them.

    Parameters
    ----------
    image
        Float32 ``(N, C, *spatial)``.
    semantic
        Class numbers with `IGNORE`, int64 ``(N, *spatial)``.
    height, weight
        Float32 ``(N, *spatial)``.
    """

    image: Tensor
    semantic: Tensor
    height: Tensor
    weight: Tensor


def loss(
    output: Tensor,
    batch: Batch,
    num_classes: int,
    config: TrainConfig,
    total: Total = only_here,
) -> Tensor:
    """Return the weighted sum of the loss terms that are switched on.

    Parameters
    ----------
    output
        The network's, float ``(N, num_classes [+ 1], *spatial)``; the height comes last. Smaller
        than the batch for a network of valid convolutions: the batch's centre counts.
    batch
        The truth.
    num_classes
        Number of classes, background included.
    config
        The weights of the terms.
    total
        Sums over all processes, where each holds a part of the batch.
    """
    output = output.float()
    logits = output[:, :num_classes]
    centre = _centre(batch.semantic.shape[1:], output.shape[2:])
    semantic, weight = batch.semantic[centre], batch.weight[centre]
    value = torch.zeros((), device=output.device)
    if config.cross_entropy:
        term = weighted_cross_entropy(logits, semantic, weight, total=total)
        value = value + config.cross_entropy * term
    if config.dice:
        value = value + config.dice * dice_loss(logits, semantic, total=total)
    if config.height and output.shape[1] > num_classes:
        known = weight.masked_fill(semantic == IGNORE, 0)
        term = height_loss(output[:, -1], batch.height[centre], known, total)
        value = value + config.height * term
    return value


def _centre(outer: torch.Size, inner: torch.Size) -> tuple[slice, ...]:
    starts = [(large - small) // 2 for large, small in zip(outer, inner, strict=True)]
    inside = (slice(at, at + size) for at, size in zip(starts, inner, strict=True))
    return (slice(None), *inside)
