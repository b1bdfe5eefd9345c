"""``napari-unet share pack`` and ``napari-unet share open``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from napari_unet.cli.progress import reporter, stop_on_signals
from napari_unet.core.progress import drive
from napari_unet.core.provenance.written import as_command
from napari_unet.core.words import megabytes
from napari_unet.scale.share.pack import share_steps
from napari_unet.scale.share.parcel import Parcel
from napari_unet.scale.share.unpack import open_steps
from napari_unet.storage.crate.content import RUNS, SETTINGS, Crate, in_words
from napari_unet.storage.crate.read import read_crate

if TYPE_CHECKING:
    from argparse import Namespace


def pack(arguments: Namespace) -> int:
    """Write a package; return the exit code."""
    parcel = Parcel(
        models=tuple(arguments.model),
        runs=tuple(arguments.run_folder),
        annotations=tuple(arguments.annotations),
        settings=tuple(arguments.settings),
        title=arguments.title,
        authors=tuple(arguments.author),
        licence=arguments.licence,
    )
    report = reporter(arguments.progress)
    with stop_on_signals() as stop:
        steps = share_steps(arguments.out, parcel, overwrite=arguments.overwrite)
        crate = drive(steps, report, stop)
    report.finish({"package": str(arguments.out), "parts": [part.path for part in crate.parts]})
    if arguments.progress != "jsonl":
        print(f"{arguments.out} ({megabytes(crate.size)}): {in_words(crate.parts)}.")
    return 0


def open_package(arguments: Namespace) -> int:
    """Say what is in a package, and lay it where it belongs; return the exit code."""
    report, quiet = reporter(arguments.progress), arguments.progress == "jsonl"
    crate = read_crate(arguments.package)
    if not quiet:
        _tell(crate)
    with stop_on_signals() as stop:
        laid = drive(open_steps(arguments.package, arguments.to), report, stop)
    parts = {each.part.path: {"path": str(each.path), "new": each.new} for each in laid}
    report.finish({"parts": parts})
    if quiet:
        return 0
    for each in laid:
        print(each.in_words())
    for each in laid:
        if each.part.kind == RUNS:
            print(f"Continue it with: {as_command(['napari-unet', 'train', str(each.path)])}")
        if each.part.kind == SETTINGS:
            settings = as_command(["--settings", str(each.path)])
            print(f"Use them with: napari-unet segment IMAGES {settings}")
    return 0


def _tell(crate: Crate) -> None:
    """Say what is in a package before it is opened, which may take a while."""
    made = f"packed on {crate.date[:10]}"
    by = f" by {', '.join(crate.card.authors)}" if crate.card.authors else ""
    licence = f", licence {crate.card.licence}" if crate.card.licence else ""
    print(f"{crate.card.title} ({made}{by}{licence})")
    for part in crate.parts:
        print(f"  {part.path}  {megabytes(part.size)}")
    sys.stdout.flush()
