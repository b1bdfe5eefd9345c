"""Unsaved annotations as files: they come back as they were, and never after they were dropped."""

from dataclasses import replace
from threading import Event, Thread

import numpy as np
import pytest

from napari_unet.core.annotation.record import Record
from napari_unet.core.errors import UserError
from napari_unet.io.annotations import drafts
from napari_unet.io.annotations.drafts import (
    Draft,
    DraftFile,
    find_draft,
    new_draft_path,
    read_draft,
    write_draft,
)


def painted(number: int = 1, image: str = "cells") -> Draft:
    return Draft(image, (4, 5), np.full((4, 5), number, np.uint32))


@pytest.fixture
def file(tmp_path) -> DraftFile:
    return DraftFile(new_draft_path(tmp_path, "cells"))


def test_a_draft_comes_back_as_it_was(tmp_path):
    objects = np.arange(12, dtype=np.int32).reshape(3, 4)
    rectangle = np.array([[0.5, 1], [2, 3]])
    draft = Draft(
        "cells", (3, 4), objects, objects.astype(np.uint8), [rectangle], {3: 2}, ["a"], ["#ff0000"]
    )
    found = read_draft(write_draft(tmp_path / "draft.npz", draft))
    np.testing.assert_array_equal(found.objects, objects)
    np.testing.assert_array_equal(found.marks, draft.marks)
    np.testing.assert_array_equal(found.rectangles, [rectangle])
    assert (found.image, found.image_shape, found.classes) == ("cells", (3, 4), {3: 2})
    assert (found.class_names, found.class_colours) == (["a"], ["#ff0000"])
    assert found.record is None
    assert not found.empty


def test_who_made_the_objects_comes_back(tmp_path):
    record = Record(frozenset({1, 9}), frozenset({9}), frozenset({3}))
    draft = Draft("cells", (3, 4), np.ones((3, 4), np.int32), record=record)
    assert read_draft(write_draft(tmp_path / "draft.npz", draft)).record == record


@pytest.mark.parametrize("image", ["plate/well: A1", "", "x" * 300])
def test_each_draft_has_a_file_of_its_own_whatever_its_image_is_called(tmp_path, image):
    draft = Draft(image, (3, 4), np.ones((3, 4), np.int32))
    paths = {write_draft(new_draft_path(tmp_path, image), draft) for _ in range(2)}
    assert set(tmp_path.iterdir()) == paths
    assert {read_draft(path).image for path in paths} == {image}


@pytest.mark.parametrize("left", [0, 10, -30])
def test_a_damaged_draft_is_told(tmp_path, left):
    path = write_draft(tmp_path / "draft.npz", Draft("a", (3, 4), np.ones((3, 4), np.int32)))
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(UserError):
        read_draft(path)
    assert find_draft(tmp_path, "a", (3, 4)) is None


def test_a_draft_is_found_under_the_names_that_its_image_has_had(tmp_path):
    draft = Draft("renamed", (3, 4), np.ones((3, 4), np.int32), first_name="cells")
    path = write_draft(tmp_path / "draft.npz", draft)
    assert [find_draft(tmp_path, name, (3, 4)) for name in ("renamed", "cells")] == [path] * 2
    assert find_draft(tmp_path, "", (3, 4)) is None
    assert read_draft(path).first_name == "cells"


def test_a_draft_of_another_image_of_the_name_is_not_found(tmp_path):
    draft = Draft("a", (3, 4), np.ones((3, 4), np.int32), pixels="some")
    path = write_draft(tmp_path / "draft.npz", draft)
    assert read_draft(path).pixels == "some"
    assert [find_draft(tmp_path, "a", (3, 4), told) for told in ("some", "", "others")] == [
        path,
        path,
        None,
    ]
    write_draft(path, replace(draft, pixels=""))
    assert find_draft(tmp_path, "a", (3, 4), "some") == path


def test_a_draft_is_found_by_the_pixels_alone_where_none_has_the_name(tmp_path):
    def made(name):
        draft = Draft(name, (3, 4), np.ones((3, 4), np.int32), pixels="some")
        return write_draft(tmp_path / f"{name}.npz", draft)

    path = made("a")
    assert find_draft(tmp_path, "b", (3, 4), "some") is None
    assert find_draft(tmp_path, "b", (3, 4), "some", renamed=True) == path
    assert find_draft(tmp_path, "b", (3, 4), "others", renamed=True) is None
    assert find_draft(tmp_path, "b", (4, 3), "some", renamed=True) is None
    named = made("b")
    made("c")
    assert find_draft(tmp_path, "b", (3, 4), "some", renamed=True) == named


def test_the_newest_wins(file):
    early, late = file.ticket(), file.ticket()
    file.write(painted(2), late)
    file.write(painted(1), early)
    assert read_draft(file.path).objects.max() == 2


def test_nothing_painted_is_no_file(file):
    file.write(painted(), file.ticket())
    file.write(painted(0), file.ticket())
    assert not file.path.exists()


def test_what_was_waiting_to_be_written_does_not_come_back(file):
    ticket = file.ticket()
    file.drop()
    file.write(painted(), ticket)
    assert not file.path.exists()
    file.write(painted(), file.ticket())
    assert file.path.exists()


class DroppedMeanwhile(int):
    """A ticket whose draft is dropped at a given look at it."""

    def __new__(cls, ticket: int, file: DraftFile, look: int):
        made = super().__new__(cls, ticket)
        made.file, made.left = file, look
        return made

    def __lt__(self, other: int) -> bool:
        self.left -= 1
        if self.left == 0:
            self.file.drop()
        return int(self) < other


@pytest.mark.parametrize("look", [1, 2, 3])
def test_what_is_dropped_at_any_moment_does_not_come_back(file, look):
    file.write(painted(), DroppedMeanwhile(file.ticket(), file, look))
    assert not file.path.exists()


def test_dropping_does_not_wait_for_the_disk(file, monkeypatch):
    begun, go_on, write = Event(), Event(), drafts.write_draft

    def slowly(*given):
        begun.set()
        assert go_on.wait(60)
        return write(*given)

    monkeypatch.setattr(drafts, "write_draft", slowly)
    writer = Thread(target=file.write, args=(painted(), file.ticket()))
    writer.start()
    assert begun.wait(60)
    file.drop()
    go_on.set()
    writer.join()
    assert not file.path.exists()


def test_what_somebody_works_on_is_not_found(tmp_path, file):
    file.hold()
    file.write(painted(), file.ticket())
    assert find_draft(tmp_path, "cells", (4, 5)) is None
    file.release()
    assert find_draft(tmp_path, "cells", (4, 5)) == file.path


def test_no_two_write_to_one_file(tmp_path, file):
    file.hold()
    other = DraftFile(file.path)
    other.hold()
    file.write(painted(1), file.ticket())
    other.write(painted(2), other.ticket())
    assert [read_draft(each.path).objects.max() for each in (file, other)] == [1, 2]


def test_what_another_works_on_by_now_is_not_dropped(file):
    file.hold()
    file.write(painted(), file.ticket())
    file.release()
    other = DraftFile(file.path)
    other.hold()
    file.drop()
    assert other.path.exists()
    other.drop()
    assert not other.path.exists()


def test_no_lock_stays_without_its_file(tmp_path, file):
    file.hold()
    file.write(painted(), file.ticket())
    file.drop()
    file.release()
    assert list(tmp_path.iterdir()) == []


def test_only_whole_drafts_of_this_image_are_found(tmp_path, file):
    file.write(painted(), file.ticket())
    write_draft(tmp_path / "b.npz", painted(image="others"))
    write_draft(tmp_path / f".123-{file.path.name}", painted())
    assert find_draft(tmp_path, "cells", (4, 5)) == file.path
    assert find_draft(tmp_path, "cells", (4, 6)) is None
    file.drop()
    assert find_draft(tmp_path, "cells", (4, 5)) is None
