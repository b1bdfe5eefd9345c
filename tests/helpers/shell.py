"""The command line as the tests call it."""

from napari_unet.cli.main import main

QUICK = (
    *("--epochs", 1, "--steps", 2, "--batch", 1, "--patch", 32),
    *("--network-features", 2, "--network-depth", 1),
)
"""Options of a training that takes a moment."""


def told(capsys) -> str:
    return capsys.readouterr().err


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])
