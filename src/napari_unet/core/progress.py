"""Long work as generators, and the one loop that drives them.

A long computation is a generator that yields `Progress` and returns its result (`Steps[T]`).
Parts compose with ``yield from``; command line, widgets, tests and notebooks all use `drive`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class UsedDevice:
    """Where the work is done.

    Parameters
    ----------
    name
        What it is called, such as ``"CPU (8 threads)"``.
    reason
        Why it was chosen, in a sentence.
    """

    name: str
    reason: str = ""

    def in_words(self) -> str:
        """Return both, as a sentence."""
        return f"{self.name}. {self.reason}".strip()


class News:
    """Something that has happened; each kind of work has frozen dataclasses of its own for it."""

    def as_values(self) -> dict[str, Any]:
        """Return what a line of JSON says of it, for other programs."""
        return {}


@dataclass(frozen=True)
class Progress:
    """Where a long computation stands.

    Parameters
    ----------
    stage
        What is being done, in words a user reads, such as ``"segmenting"``.
    done, total
        Finished and all units of this stage; a total of 0 means that it is not known.
    values
        Figures worth showing or logging, such as ``{"loss": 0.31}``.
    per_class
        Figures with one for each class, None where there is none, such as ``{"dice": [1, 0.8]}``.
    device
        Where the work is done, where it tells.
    notice
        A sentence about something that was chosen, or that had to be changed.
    news
        What has happened just now, for those who show it; never needed for the result.
    """

    stage: str
    done: int = 0
    total: int = 0
    values: Mapping[str, float] = field(default_factory=dict)
    per_class: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    device: UsedDevice | None = None
    notice: str = ""
    news: News | None = None

    @classmethod
    def of_figures(cls, stage: str, done: int, total: int, figures: Mapping[str, Any]) -> Self:
        """Return a progress with figures as they are logged, numbers and lists side by side."""
        per_class = {name: each for name, each in figures.items() if isinstance(each, list)}
        values = {name: each for name, each in figures.items() if name not in per_class}
        return cls(stage, done, total, values, per_class)


Steps = Generator[Progress, None, T]


class Stop(Exception):  # noqa: N818 - a request, not an error
    """Thrown once into a generator when the user wants it to end.

    Work that has something to give back (training) catches it and returns; work that has not
    (prediction) lets it through, which means that it was cancelled.
    """


def _nobody() -> bool:
    return False


_stop_wanted: ContextVar[Callable[[], bool]] = ContextVar("stop_wanted", default=_nobody)


def stop_point() -> None:
    """End the work here, between two times that it yields, where the user wants that.

    To be called in what takes long without a `Progress`: between the layers of a network, between
    the blocks of a plane. It costs next to nothing, and does nothing outside of `drive`.

    Raises
    ------
    Stop
        Once, as where the generator yields.
    """
    if _stop_wanted.get()():
        raise Stop


def drive(
    steps: Steps[T],
    on_progress: Callable[[Progress], object] = lambda _: None,
    stop_requested: Callable[[], bool] = lambda: False,
    *,
    anywhere: bool = True,
) -> T:
    """Run a generator to its end and return its result.

    Parameters
    ----------
    steps
        The generator.
    on_progress
        Called with every `Progress`.
    stop_requested
        Asked after every `Progress` and at every `stop_point`; once it says yes, `Stop` is thrown
        into the generator, one time only, and what the generator then does counts.
    anywhere
        Whether it is asked at stop points, too; not where several processes have to stop at the
        same `Progress`.

    Returns
    -------
    The generator's return value.

    Raises
    ------
    Stop
        If the generator lets the stop through: the work was cancelled and has no result.
    """
    stopping = False

    def stop_wanted() -> bool:
        nonlocal stopping
        first, stopping = not stopping, stopping or stop_requested()
        return first and stopping

    before = _stop_wanted.set(stop_wanted if anywhere else _nobody)
    try:
        progress = next(steps)
        while True:
            on_progress(progress)
            progress = steps.throw(Stop()) if stop_wanted() else next(steps)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()
        _stop_wanted.reset(before)
