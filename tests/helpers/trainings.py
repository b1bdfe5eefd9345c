"""Trainings that a window has started, for the tests of it."""

LONG = 120_000
"""Milliseconds until a training of a moment has surely ended."""


def folder_of(home):
    return next((home / "runs").iterdir())


def shorten(widget, epochs=1):
    tiny = widget.form.train.value().replace(steps=2, patch=32, batch=1, device="cpu")
    widget.form.train.set_value(tiny)
    widget.form.unit.value = "epochs"
    widget.form.count.value = epochs
