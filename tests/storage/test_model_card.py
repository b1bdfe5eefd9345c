"""What a model file says of itself, and what must be asked."""

import pytest

from napari_unet.core.errors import UserError
from napari_unet.storage.model_card import ModelCard, bundled_page, completed, known_card
from napari_unet.storage.model_header import bundled_models, read_header


def own(**about):
    return {"name": "mine", "about": about}


@pytest.mark.parametrize("name", bundled_models())
def test_nothing_need_be_asked_of_a_bundled_model(name):
    header = read_header(bundled_models()[name])
    card = completed(ModelCard(), header)
    assert card == known_card(header)
    assert all((card.authors, card.licence, card.description))
    assert " " not in card.licence
    assert bundled_page(header).startswith("# ")


def test_the_data_is_cited():
    header = read_header(bundled_models()["nuclei"])
    assert known_card(header).cite == ("10.1038/s41592-019-0612-7",)


def test_a_model_of_somebody_else_may_be_called_like_a_bundled_one():
    card = known_card({"name": "nuclei", "about": {"description": "Mine"}})
    assert card == ModelCard(description="Mine")


def test_what_somebody_says_counts_before_the_file():
    known = own(licence="CC0 1.0", description="Cells", data="a paper, doi 10.1000/182.")
    given = ModelCard((" Ada ", ""), "MIT", cite=("10.1000/1", "10.1000/182"))
    card = completed(given, known)
    assert card == ModelCard(("Ada",), "MIT", "Cells", ("10.1000/182", "10.1000/1"))


@pytest.mark.parametrize(
    ("given", "about"),
    [
        (ModelCard(licence="MIT", description="Cells"), "author"),
        (ModelCard(("Ada",), description="Cells"), "licence"),
        (ModelCard(("Ada",), "MIT", " "), "description"),
        (ModelCard(("Ada",), "MIT", "Cells " * 200), "description"),
    ],
)
def test_what_is_missing_or_too_long_is_asked(given, about):
    with pytest.raises(UserError) as error:
        completed(given, own())
    assert error.value.about == about
