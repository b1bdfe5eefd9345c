"""The flags of the commands that learn, and of those that look at what is learnt and found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from napari_unet.cli.flags.shared import (
    learning_flags,
    ndim_flags,
    out_flags,
    overwrite_flags,
    progress_flags,
    semantic_flags,
    spacing_flags,
)
from napari_unet.cli.options import add_options
from napari_unet.core.config import PRESETS, ModelConfig, NormalizeConfig, TargetConfig
from napari_unet.core.train_config import PLANNED, TrainConfig

if TYPE_CHECKING:
    from napari_unet.cli.flags.parser import Add


def weights(add: Add) -> None:
    """Add ``napari-unet weights``."""
    parser = add("weights", "Write border weight maps: how much each pixel counts in training.")
    parser.add_argument("labels", nargs="*", metavar="LABELS", help="label files or folders")
    parser.add_argument(
        "--annotations", type=Path, metavar="DIR", help="folder of annotations, instead of labels"
    )
    parser.add_argument("--ignore", type=int, metavar="N", help="label of pixels that do not count")
    ndim_flags(parser)
    spacing_flags(parser)
    out_flags(parser)
    progress_flags(parser)
    add_options(parser, TargetConfig, "weight map")
    parser.set_defaults(run="weights:weights")


def check(add: Add) -> None:
    """Add ``napari-unet check``."""
    parser = add("check", "Look for what would spoil a training; 1 is returned for errors.")
    learning_flags(parser)
    ndim_flags(parser)
    parser.add_argument(
        "--patch",
        type=int,
        metavar="PX",
        help="edge of a training patch (default chosen from the images, as in training)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all that as JSON")
    overwrite_flags(parser)
    parser.set_defaults(run="check:check")


def train(add: Add) -> None:
    """Add ``napari-unet train``."""
    parser = add("train", "Train a model on your images and labels, or continue a training.")
    parser.add_argument("continued", nargs="?", type=Path, metavar="RUN", help="run to continue")
    parser.add_argument(
        "--devices",
        type=int,
        default=1,
        metavar="N",
        help="train with so many GPUs of this machine, or processes on its CPU (default 1)",
    )
    new = parser.add_argument_group("a new training")
    learning_flags(new)
    new.add_argument("--run", dest="folder", type=Path, metavar="RUN", help="folder to make")
    new.add_argument("--names", type=Path, metavar="FILE", help="names to learn from, one per line")
    new.add_argument(
        "--validation-names",
        type=Path,
        metavar="FILE",
        help="names to validate on, one per line, with or without ending",
    )
    new.add_argument("--name", help="name of the new model (default: the run folder's name)")
    new.add_argument(
        "--start-from",
        metavar="automatic|scratch|MODEL",
        help="bundled model or file to fine-tune, scratch for a network that knows nothing, or "
        "automatic (default): the best of both in a short trial at the beginning",
    )
    new.add_argument("--preset", choices=tuple(PRESETS), help="shape of the network")
    ndim_flags(new)
    spacing_flags(new)
    progress_flags(parser)
    add_options(parser, TrainConfig, "training", planned=PLANNED)
    add_options(parser, TargetConfig, "weight map")
    add_options(parser, NormalizeConfig, "grey values", prefix="percentile-")
    skip = ("ndim", "in_channels")
    add_options(parser, ModelConfig, "network", prefix="network-", skip=skip)
    parser.set_defaults(run="train:train")


def evaluate(add: Add) -> None:
    """Add ``napari-unet evaluate``."""
    parser = add("evaluate", "Compare results with the truth: AP, F1, PQ, splits, merges, Dice.")
    parser.add_argument("predicted", metavar="PREDICTED", help="label file, or folder of them")
    parser.add_argument("truth", metavar="TRUTH", help="label file, or folder of the same names")
    semantic_flags(parser)
    parser.add_argument(
        "--ignore",
        type=int,
        metavar="N",
        help="label in the truth of pixels that do not count (classes: 255)",
    )
    parser.add_argument(
        "--axes", help="axes of both, of the letters T, Z, Y, X, whatever their files say"
    )
    ndim_flags(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures as JSON")
    overwrite_flags(parser)
    parser.set_defaults(run="evaluate:evaluate")
