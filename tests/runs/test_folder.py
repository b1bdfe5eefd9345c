"""A run folder says what is wrong with it, and reads its log as far as it goes."""

import pytest

from napari_unet.core.errors import UserError
from napari_unet.runs.folder import Run


def test_a_folder_without_a_run_is_said_to_be_none(tmp_path):
    with pytest.raises(UserError, match="is not a run"):
        Run(tmp_path).config()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00"])
def test_a_half_written_run_is_said_to_be_damaged(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(UserError, match=r"run\.json is damaged"):
        Run(tmp_path).config()


def test_a_line_of_the_log_that_was_cut_short_does_not_count(tmp_path):
    run = Run(tmp_path)
    assert run.records() == []
    run.log.write_text('{"step": 1}\n{"step": 2}\n{"ste')
    assert run.records() == [{"step": 1}, {"step": 2}]
