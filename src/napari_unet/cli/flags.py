"""The commands of ``napari-unet`` and the flags of each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from napari_unet import __version__
from napari_unet.cli.options import add_options, numbers, whole_numbers, words
from napari_unet.cli.progress import KINDS
from napari_unet.core.config import (
    PRESETS,
    DecodeConfig,
    GreyConfig,
    LinkConfig,
    ModelConfig,
    NormalizeConfig,
    SizeConfig,
    TargetConfig,
    TileConfig,
)
from napari_unet.core.pairing.config import PairConfig
from napari_unet.core.train_config import TrainConfig
from napari_unet.io.exchange.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

    Add = Callable[[str, str], argparse.ArgumentParser]


FAILED = 2
"""The exit code of a command that could not be done."""


class _Parser(argparse.ArgumentParser):
    """Refuses what it does not understand in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """End the program with a sentence."""
        self.exit(FAILED, f"napari-unet: {message}; see {self.prog} --help.\n")


def build_parser() -> argparse.ArgumentParser:
    """Make what reads the flags of all commands."""
    parser = _Parser(
        prog="napari-unet",
        description="Segment cells with a U-Net, score the result, and train it on your images.",
        epilog="'napari-unet COMMAND --help' explains a command. Start with 'napari-unet demo'.",
    )
    parser.add_argument("--version", action="version", version=f"napari-unet {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, help: str) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=help, description=help, formatter_class=argparse.HelpFormatter
        )

    files = (_demo, _segment, _reproduce, _measure, _export, _weights, _check, _train, _evaluate)
    builders = (*files, _model, _share, _models, _info)
    for build in builders:
        build(add)
    return parser


def _demo(add: Add) -> None:
    parser = add("demo", "Segment the bundled samples and compare with their ground truth.")
    _out(parser, Path("demo"))
    _progress(parser)
    parser.set_defaults(run="demo:demo")


def _segment(add: Add) -> None:
    parser = add("segment", "Find cells in images; write labels that Fiji opens, and tables.")
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image files, or folders of them")
    parser.add_argument(
        "--recursive", action="store_true", help="take the images of folders inside folders, too"
    )
    parser.add_argument(
        "--model",
        help="a bundled model, a model file, or auto for the bundled model that fits each image "
        "best (default nuclei)",
    )
    parser.add_argument(
        "--settings",
        type=Path,
        metavar="FILE",
        help="take the model and all values from a file of settings, a result, or a folder of "
        "results; other flags go before it",
    )
    _image(parser)
    _sharing(parser)
    parser.add_argument(
        "--probabilities", action="store_true", help="also write the probability of each class"
    )
    parser.add_argument(
        "--uncertainty",
        action="store_true",
        help="also write how far the views of an image disagree (needs --views)",
    )
    _out(parser)
    _progress(parser)
    add_options(parser, DecodeConfig, "objects (the model's own values where not given)")
    add_options(parser, SizeConfig, "size")
    add_options(parser, GreyConfig, "grey values")
    add_options(parser, LinkConfig, "stacks and time series", prefix="link-")
    add_options(parser, TileConfig, "computing")
    parser.set_defaults(run="segment:segment")


def _reproduce(add: Add) -> None:
    parser = add("reproduce", "Make a result again; 1 is returned if it is not the same.")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a result of segment: labels or the table"
    )
    parser.add_argument(
        "--source",
        type=Path,
        metavar="IMAGE",
        help="the image (default: where it was, or beside the result)",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder to keep the new result in (default: none)"
    )
    _progress(parser)
    parser.set_defaults(run="objects.reproduce:reproduce")


def _image(parser: argparse.ArgumentParser) -> None:
    """Add what an image is, where its file does not say it."""
    parser.add_argument(
        "--axes", help="the images' axes, of the letters T, Z, C, Y, X, such as ZCYX (else guessed)"
    )
    parser.add_argument(
        "--channels",
        type=whole_numbers,
        default=(),
        metavar="N,N",
        help="channels that the model looks at, counted from 0, such as 0,2 (default all)",
    )
    parser.add_argument(
        "--spacing",
        type=numbers,
        default=(),
        metavar="N,N",
        help="size of a pixel in µm along Z, Y and X, such as 2,0.5,0.5, in the order of the axes, "
        "for images that do not tell their own",
    )


def _sharing(parser: argparse.ArgumentParser) -> None:
    """Add who works, and on how much at once."""
    parser.add_argument(
        "--jobs",
        type=int,
        default=1,
        metavar="N",
        help="work on so many images at once; they share cores, memory and GPUs (default 1)",
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="share the blocks of a large image among so many processes of one thread each",
    )
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="share them among the workers of this dask scheduler, such as tcp://10.0.0.5:8786",
    )


def _measure(add: Add) -> None:
    parser = add("measure", "Measure objects: size, shape, grey values, neighbours, doubt.")
    parser.add_argument("labels", nargs="+", metavar="LABELS", help="label files or folders")
    parser.add_argument(
        "--image",
        type=Path,
        metavar="I",
        help="image whose grey values are measured, or a folder of images of the same names",
    )
    parser.add_argument(
        "--nuclei",
        type=Path,
        metavar="NUCLEI",
        help="labels of the nuclei, or a folder of them of the same names: LABELS are cells then, "
        "and each is measured with its nucleus",
    )
    parser.add_argument(
        "--axes", help="axes of files that do not tell them, of the letters T, Z, C, Y, X"
    )
    _ndim(parser)
    parser.add_argument(
        "--spacing",
        type=numbers,
        default=(),
        metavar="N,N",
        help="size of a pixel in µm along each axis of space, such as 2,0.5,0.5, in the order of "
        "the axes, for files that do not tell their own",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", required=True, help="table to write, CSV"
    )
    _overwrite(parser)
    _progress(parser)
    add_options(parser, PairConfig, "nuclei and cells")
    parser.set_defaults(run="objects.measure:measure")


def _weights(add: Add) -> None:
    parser = add("weights", "Write border weight maps: how much each pixel counts in training.")
    parser.add_argument("labels", nargs="*", metavar="LABELS", help="label files or folders")
    parser.add_argument(
        "--annotations", type=Path, metavar="DIR", help="folder of annotations, instead of labels"
    )
    parser.add_argument("--ignore", type=int, metavar="N", help="label of pixels that do not count")
    _ndim(parser)
    _spacing(parser)
    _out(parser)
    _progress(parser)
    add_options(parser, TargetConfig, "weight map")
    parser.set_defaults(run="weights:weights")


def _check(add: Add) -> None:
    parser = add("check", "Look for what would spoil a training; 1 is returned for errors.")
    parser.add_argument("--images", type=Path, metavar="DIR", help="folder of images")
    parser.add_argument(
        "--labels", type=Path, metavar="DIR", help="folder of labels of the same names"
    )
    parser.add_argument(
        "--annotations", type=Path, metavar="DIR", help="folder of annotations, instead of both"
    )
    _semantic(parser)
    parser.add_argument(
        "--ignore", type=int, metavar="N", help="label of pixels that do not count (classes: 255)"
    )
    _classes(parser)
    _ndim(parser)
    parser.add_argument(
        "--patch", type=int, default=192, metavar="PX", help="edge of a patch (default 192)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all that as JSON")
    _overwrite(parser)
    parser.set_defaults(run="check:check")


def _train(add: Add) -> None:
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
    new.add_argument("--images", type=Path, metavar="DIR", help="folder of images")
    new.add_argument(
        "--labels", type=Path, metavar="DIR", help="folder of labels of the same names"
    )
    new.add_argument(
        "--annotations",
        type=Path,
        metavar="DIR",
        help="folder with images, labels and what else was annotated, as napari's widget saves it",
    )
    new.add_argument("--run", dest="folder", type=Path, metavar="RUN", help="folder to make")
    new.add_argument("--names", type=Path, metavar="FILE", help="names to learn from, one per line")
    new.add_argument(
        "--validation-names", type=Path, metavar="FILE", help="names to validate on, one per line"
    )
    _semantic(new)
    new.add_argument(
        "--ignore", type=int, metavar="N", help="label of pixels that do not count (classes: 255)"
    )
    _classes(new)
    new.add_argument("--name", help="name of the new model (default: the run folder's name)")
    new.add_argument(
        "--start-from",
        metavar="automatic|scratch|MODEL",
        help="bundled model or file to fine-tune, scratch for a network that knows nothing, or "
        "automatic (default): the best of both in a short trial at the beginning",
    )
    new.add_argument("--preset", choices=tuple(PRESETS), help="shape of the network")
    _ndim(new)
    _spacing(new)
    _progress(parser)
    add_options(parser, TrainConfig, "training")
    add_options(parser, TargetConfig, "weight map")
    add_options(parser, NormalizeConfig, "grey values", prefix="percentile-")
    skip = ("ndim", "in_channels")
    add_options(parser, ModelConfig, "network", prefix="network-", skip=skip)
    parser.set_defaults(run="train:train")


def _evaluate(add: Add) -> None:
    parser = add("evaluate", "Compare results with the truth: AP, F1, PQ, splits, merges, Dice.")
    parser.add_argument("predicted", metavar="PREDICTED", help="label file, or folder of them")
    parser.add_argument("truth", metavar="TRUTH", help="label file, or folder of the same names")
    _semantic(parser)
    parser.add_argument(
        "--ignore",
        type=int,
        metavar="N",
        help="label in the truth of pixels that do not count (classes: 255)",
    )
    _ndim(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures as JSON")
    _overwrite(parser)
    parser.set_defaults(run="evaluate:evaluate")


def _model(add: Add) -> None:
    parser = add("model", "Give a model to other programs (bioimage.io), or take one back.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, help, build in (
        ("export", "Write a model as a package of bioimage.io, to run elsewhere.", _model_export),
        ("import", "Keep the model of a package, so that it is found by its name.", _model_import),
        ("trust", "Agree to run the network in a model file of another maker.", _model_trust),
    ):
        build(commands.add_parser(name, help=help, description=help))


def _model_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a model by its name, or its file")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the package to write, a .zip"
    )
    _overwrite(parser)
    card = parser.add_argument_group("what others are told, where the model does not say it")
    card.add_argument(
        "--author", action="append", default=[], metavar="NAME", help="who made it; may be repeated"
    )
    card.add_argument(
        "--licence", default="", metavar="NAME", help="what others may do, such as CC-BY-4.0"
    )
    card.add_argument("--description", default="", metavar="TEXT", help="what it finds")
    card.add_argument(
        "--cite", action="append", default=[], metavar="DOI", help="to be cited; may be repeated"
    )
    card.add_argument(
        "--example",
        type=Path,
        metavar="IMAGE",
        help="an image that everybody may see, for the cover and the test (default: the sample of "
        "a bundled model, drawn discs for any other)",
    )
    parser.set_defaults(run="models.package:export_package")


def _model_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("package", type=Path, metavar="PACKAGE", help="a .zip of bioimage.io")
    parser.add_argument("--name", help="what to call the model (default: its own name)")
    parser.add_argument(
        "--outputs",
        type=words,
        default=(),
        metavar="NAME,NAME",
        help="what a network of another program gives, where its package does not say so: "
        "background, foreground, boundary or a class for each channel",
    )
    _trust(parser)
    parser.set_defaults(run="models.package:import_package")


def _share(add: Add) -> None:
    parser = add("share", "Give models, trainings and annotations to others, or open theirs.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, help, build in (
        ("pack", "Write models, trainings, annotations and settings as one package.", _share_pack),
        ("open", "Lay what is in a package where it belongs on this machine.", _share_open),
    ):
        build(commands.add_parser(name, help=help, description=help))


def _share_pack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "out", type=Path, metavar="OUT", help="the package to write: a .zip, else a folder"
    )
    _overwrite(parser)
    _progress(parser)
    what = parser.add_argument_group("what is in it; each may be repeated")
    for flag, dest, metavar, help in (
        ("--model", "model", "M", "a model by its name, or its file"),
        ("--run", "run_folder", "RUN", "a run folder; the models that it starts from come along"),
        ("--annotations", "annotations", "DIR", "a folder in which annotations were saved"),
        ("--settings", "settings", "FILE", "a result, a folder of results, or a file of settings"),
    ):
        what.add_argument(flag, dest=dest, action="append", default=[], metavar=metavar, help=help)
    told = parser.add_argument_group("what is told of it")
    told.add_argument("--title", default="", metavar="TEXT", help="what it is about")
    told.add_argument(
        "--author", action="append", default=[], metavar="NAME", help="who made it; may be repeated"
    )
    told.add_argument(
        "--licence", default="", metavar="NAME", help="what others may do, such as CC-BY-4.0"
    )
    parser.set_defaults(run="share.package:pack")


def _share_open(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "package", type=Path, metavar="PACKAGE", help="a package that share pack has written"
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="DIR",
        help="folder for annotations and settings (default: one beside the package)",
    )
    _progress(parser)
    parser.set_defaults(run="share.package:open_package")


def _model_trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the model file")
    _trust(parser)
    parser.set_defaults(run="models.package:trust_file")


def _trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--trust",
        action="store_true",
        help="run the program that the network of another maker is, without being asked",
    )


def _export(add: Add) -> None:
    parser = add("export", "Write label images in the formats of Fiji, QuPath, COCO and others.")
    parser.add_argument(
        "labels", nargs="+", metavar="LABELS", help="label files, or folders of them"
    )
    parser.add_argument(
        "--to",
        type=words,
        required=True,
        metavar="FORMAT,FORMAT",
        help=f"what is written: {', '.join(FORMATS)}",
    )
    parser.add_argument(
        "--image",
        type=Path,
        metavar="IMAGE",
        help="image, or folder of images of the same names, for pictures and OME-Zarr",
    )
    parser.add_argument(
        "--semantic",
        type=Path,
        metavar="CLASSES",
        help="label file of the classes, or folder of files of the same names",
    )
    parser.add_argument(
        "--nuclei",
        type=Path,
        metavar="NUCLEI",
        help="label file of the cells' nuclei, each with its cell's number, or folder of files of "
        "the same names, for QuPath",
    )
    _classes(parser)
    _ndim(parser)
    _out(parser)
    _progress(parser)
    parser.set_defaults(run="objects.export:export")


def _models(add: Add) -> None:
    parser = add("models", "List the models that come with the program, and those you have kept.")
    parser.set_defaults(run="info:models")


def _info(add: Add) -> None:
    parser = add("info", "Tell what is installed, and which device is used and why.")
    parser.set_defaults(run="info:info")


def _out(parser: argparse.ArgumentParser, default: Path | None = None) -> None:
    shown = f" (default {default})" if default else ""
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        default=default,
        required=default is None,
        help=f"folder for the results{shown}",
    )
    _overwrite(parser)


def _overwrite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--overwrite", action="store_true", help="replace results that exist")


def _progress(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--progress",
        choices=KINDS,
        default="bar",
        help="a bar on a terminal, lines of JSON for other programs, or none (default bar)",
    )


def _semantic(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--semantic", action="store_true", help="labels are classes, not one number per object"
    )


def _classes(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--classes", type=words, metavar="A,B", help="names of the classes from 1 on"
    )


def _ndim(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--ndim",
        type=int,
        choices=(2, 3),
        help="2: each plane of a stack on its own, 3: volumes (default: as the label files say)",
    )


def _spacing(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--spacing",
        type=numbers,
        metavar="N,N",
        help="size of a pixel along each axis, in the unit of sigma, such as 2,1,1 (default 1)",
    )
