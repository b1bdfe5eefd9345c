"""Numbers stand beside their nouns in one way everywhere."""

import re
from pathlib import Path

import pytest

import napari_unet
from napari_unet.core.review.finding import Finding
from napari_unet.core.words import counted, megabytes

ROOT = Path(napari_unet.__file__).parent
BY_HAND = re.compile(r"""['"](s|es)['"] (if|\*)|['"]{2} if \w+ == 1 else ['"](s|es)['"]""")
VERBS = ("look{", "touch{")


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 cells"), (1, "1 cell"), (2, "2 cells"), (12_345, "12,345 cells")]
)
def test_a_number_with_its_noun(count, words):
    assert counted(count, "cell") == words


def test_a_noun_of_its_own_kind():
    assert counted(1, "nucleus", "nuclei") == "1 nucleus"
    assert counted(0, "nucleus", "nuclei") == "0 nuclei"


@pytest.mark.parametrize(
    ("size", "words"), [(1, "0.1 MB"), (1_550_000, "1.6 MB"), (12_345_678_900, "12,345.7 MB")]
)
def test_a_size_in_megabytes(size, words):
    assert megabytes(size) == words


def test_no_plural_is_made_by_hand():
    assert [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in ROOT.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if BY_HAND.search(line) and not any(verb in line for verb in VERBS)
    ] == []


def test_a_finding_in_words():
    assert Finding("info", "It is so.", "Do it.", "a").in_words() == "a: It is so. Do it."
    assert Finding("info", "It is so.").in_words() == Finding("info", "It is so.").headline
