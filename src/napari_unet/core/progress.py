"""Long work as generators, and the one loop that drives them.

A long computation is a generator that yields `Progress` and returns its result (`Steps[T]`).
Parts compose with ``yield from``; command line, widgets, tests and notebooks all use `drive`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


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
    preview
        Anything that a caller may draw; never needed for the result.
    """

    stage: str
    done: int = 0
    total: int = 0
    values: Mapping[str, Any] = field(default_factory=dict)
    preview: Any = None


Steps = Generator[Progress, None, T]


class Stop(Exception):  # noqa: N818 - a request, not an error
    """Thrown once into a generator when the user wants it to end.

    Work that has something to give back (training) catches it and returns; work that has not
    (prediction) lets it through, which means that it was cancelled.
    """


def drive(
    steps: Steps[T],
    on_progress: Callable[[Progress], object] = lambda _: None,
    stop_requested: Callable[[], bool] = lambda: False,
) -> T:
    """Run a generator to its end and return its result.

    Parameters
    ----------
    steps
        The generator.
    on_progress
        Called with every `Progress`.
    stop_requested
        Asked after every `Progress`; once it says yes, `Stop` is thrown into the generator,
        one time only, and what the generator then does counts.

    Returns
    -------
    The generator's return value.

    Raises
    ------
    Stop
        If the generator lets the stop through: the work was cancelled and has no result.
    """
    stopping = False
    try:
        progress = next(steps)
        while True:
            on_progress(progress)
            if not stopping and stop_requested():
                stopping = True
                progress = steps.throw(Stop())
            else:
                progress = next(steps)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        steps.close()
