"""The one error that is meant for the user's eyes, and what is told of any other."""

from __future__ import annotations

TRACEBACK = "NAPARI_UNET_TRACEBACK"
"""Environment variable that, set to anything, shows where in the code an error happened."""


class UserError(ValueError):
    """Something the user can put right, told in one plain sentence.

    The command line prints the sentence and exits with code 2; the viewer shows it as an error
    notification. Each adds how the options that it is about are called there.

    Parameters
    ----------
    told
        The sentence.
    about
        Names of the options that put it right, with commas between, each perhaps with its value,
        such as ``"views mirrored"``; empty if there are none.
    """

    def __init__(self, told: str, about: str = "") -> None:
        super().__init__(told)
        self.about = about

    def of(self, name: str) -> UserError:
        """Return the same error, led by the name of the image or file that has it."""
        return UserError(f"{name}: {self}", self.about)


def about(error: BaseException) -> str:
    """Return the options that an error is about, as `UserError` has them."""
    return error.about if isinstance(error, UserError) else ""


def called(told: str, options: str) -> str:
    """Return a sentence, and before its end how the options that it is about are called."""
    return f"{told.removesuffix('.')} ({options})." if options else told


def in_brackets(error: Exception) -> str:
    """Return what an error says of a file, to stand behind a sentence; nothing for Python's own.

    Those speak of values and indices, which tells a reader nothing of the file.
    """
    of_file = isinstance(error, OSError | EOFError)
    line = str(error).partition("\n")[0]
    of_file |= "compress" in line.lower()  # which tifffile says with a plain ValueError
    python = type(error).__module__ in _PYTHON and not of_file
    return f" ({line})" if line and not python else ""


_PYTHON = ("builtins", "struct", "tokenize")
"""The modules of errors that are no more than a slip in what reads a damaged file."""


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that memory ran out, on any device."""
    # only names and words tell: torch, which is not loaded here, raises a RuntimeError, and its
    # allocators for the CPU and for Apple a bare one
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    words = ("can't allocate memory", "not enough memory", "out of memory", "ALLOC_FAILED")
    return isinstance(error, RuntimeError) and any(word in str(error) for word in words)


FORESEEN = (UserError, OSError, MemoryError, RuntimeError)
"""The kinds of errors that `is_foreseen` may be true of; torch tells of memory by the last."""


def is_foreseen(error: BaseException) -> bool:
    """Tell whether `sentence` says of an error what the user can do about it."""
    return isinstance(error, UserError | OSError) or is_out_of_memory(error)


def sentence(error: Exception) -> str:
    """Return what is told of an error: its own sentence, or one that is made of it."""
    if isinstance(error, UserError):
        return str(error)
    if is_out_of_memory(error):
        return "Memory does not suffice: close other programs, or work on less at a time."
    if isinstance(error, OSError):  # a full disk, a folder without permission
        return f"{error.filename or 'A file'}: {error.strerror or error}."
    reason = str(error).partition("\n")[0]
    return f"An error that should not be ({type(error).__name__}: {reason}): please report it."
