"""What is told of an error, and which errors are foreseen."""

import pickle
import struct

import pytest
import torch

from napari_unet.core.errors import (
    UserError,
    about,
    called,
    in_brackets,
    is_foreseen,
    is_out_of_memory,
    sentence,
)

OUT_OF_MEMORY = [
    MemoryError(),
    torch.OutOfMemoryError("CUDA out of memory."),
    torch.OutOfMemoryError("Allocation on device"),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=str)
def test_out_of_memory_is_told_from_other_errors(error):
    assert is_out_of_memory(error)
    assert is_foreseen(error)
    assert sentence(error).startswith("Memory does not suffice: ")


@pytest.mark.parametrize("error", [RuntimeError("shape mismatch"), ValueError("out of memory")])
def test_other_errors_are_not_out_of_memory(error):
    assert not is_out_of_memory(error)
    assert not is_foreseen(error)
    assert sentence(error).endswith("please report it.")


@pytest.mark.parametrize("error", [UserError("No: go."), PermissionError(13, "Denied", "a.tif")])
def test_what_the_user_can_put_right_is_foreseen(error):
    assert is_foreseen(error)
    assert sentence(error) in ("No: go.", "a.tif: Denied.")


def test_an_error_keeps_its_options_on_its_way_to_another_process_or_name():
    error = pickle.loads(pickle.dumps(UserError("Too few views: choose more.", "views mirrored")))
    assert (sentence(error.of("a.tif")), about(error.of("a.tif"))) == (
        "a.tif: Too few views: choose more.",
        "views mirrored",
    )


def test_a_sentence_ends_with_what_its_options_are_called():
    assert called("Choose more.", "--views mirrored") == "Choose more (--views mirrored)."
    assert called("Choose more.", "") == "Choose more."
    assert about(OSError("full")) == ""


class FileError(ValueError):
    """What a reader of files has for what it cannot read."""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("not enough values to unpack"), ""),
        (KeyError("shape"), ""),
        (struct.error("unpack requires a buffer of 4 bytes"), ""),
        (FileError("not a TIFF file\nat all"), " (not a TIFF file)"),
        (OSError("image file is truncated"), " (image file is truncated)"),
        (EOFError("No data left in file"), " (No data left in file)"),
        (FileError(), ""),
    ],
    ids=repr,
)
def test_only_what_speaks_of_a_file_is_told_of_it(error, told):
    assert in_brackets(error) == told
