"""What `drive` promises about results, stops and generators that must be closed."""

import pytest

from napari_unet.core.progress import Progress, Stop, drive, stop_point


class Work:
    """Counts to five; writes down what happens to it."""

    def __init__(self, winds_down):
        self.winds_down = winds_down
        self.stops = 0
        self.closed = False

    def steps(self):
        try:
            yield from self._count()
        except Stop:
            self.stops += 1
            if not self.winds_down:
                raise
            for done in range(3):
                yield Progress("winding down", done, 3)
            return "stopped"
        finally:
            self.closed = True
        return "finished"

    def _count(self):
        for done in range(5):
            yield Progress("counting", done, 5)


def test_the_result_is_what_the_generator_returns():
    work, seen = Work(False), []
    assert drive(work.steps(), seen.append) == "finished"
    assert [progress.done for progress in seen] == [0, 1, 2, 3, 4]
    assert work.closed
    assert work.stops == 0


def test_work_without_a_step_has_a_result_too():
    def steps():
        return 7
        yield

    assert drive(steps()) == 7


@pytest.mark.parametrize("after", [1, 3, 5])
def test_cancelled_work_raises_stop_and_is_closed(after):
    work, seen = Work(False), []
    with pytest.raises(Stop):
        drive(work.steps(), seen.append, lambda: len(seen) >= after)
    assert len(seen) == after
    assert work.stops == 1
    assert work.closed


@pytest.mark.parametrize("after", [1, 5])
def test_stop_is_thrown_once_however_long_it_is_asked_for(after):
    work, seen = Work(True), []
    assert drive(work.steps(), seen.append, lambda: len(seen) >= after) == "stopped"
    assert work.stops == 1
    assert [progress.stage for progress in seen[after:]] == ["winding down"] * 3


def test_a_broken_listener_closes_the_work():
    def broken(progress):
        raise ZeroDivisionError

    work = Work(True)
    with pytest.raises(ZeroDivisionError):
        drive(work.steps(), broken)
    assert work.closed
    assert work.stops == 0


def test_errors_of_the_work_come_through():
    def steps():
        yield Progress("counting")
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        drive(steps())


def test_work_ends_at_a_stop_point_between_two_steps():
    reached = []

    def steps():
        yield Progress("counting")
        for number in range(5):
            stop_point()
            reached.append(number)

    with pytest.raises(Stop):
        drive(steps(), stop_requested=lambda: len(reached) == 2)
    assert reached == [0, 1]
    stop_point()  # outside of `drive` nobody wants anything to end


def test_a_stop_point_asks_once_and_work_within_work_is_asked_for_itself():
    reached = []

    def steps():
        yield Progress("counting")
        drive(inner())
        try:
            stop_point()
        except Stop:
            reached.append("stopped")
        stop_point()
        yield Progress("winding down")
        return reached

    def inner():
        yield Progress("inside")
        stop_point()
        reached.append("inside")

    assert drive(steps(), stop_requested=lambda: bool(reached)) == ["inside", "stopped"]


def test_work_of_several_processes_ends_between_two_steps_only():
    reached = []

    def steps():
        yield Progress("counting")
        reached.append("wanted from here")
        stop_point()
        reached.append("the step is done")
        yield Progress("counted")

    with pytest.raises(Stop):
        drive(steps(), stop_requested=lambda: bool(reached), anywhere=False)
    assert reached == ["wanted from here", "the step is done"]
