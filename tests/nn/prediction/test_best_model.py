"""Which bundled model is taken for an image, and what is proposed where one does not fit."""

from types import SimpleNamespace

import numpy as np
import pytest
from skimage import filters

from napari_unet.core.config import GreyConfig
from napari_unet.core.decoding.advice import Advice
from napari_unet.core.decoding.fit import GENERAL, Fit, fits_best
from napari_unet.core.errors import UserError
from napari_unet.core.progress import drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.bundled import load_sample
from napari_unet.nn.prediction import best_model, propose
from napari_unet.nn.prediction.best_model import (
    Chosen,
    best_model_steps,
    chosen_steps,
    resort_advice_steps,
)
from napari_unet.nn.prediction.propose import looked_steps, propose_steps
from napari_unet.nn.prediction.segment import segment
from napari_unet.storage.model_header import AUTO

GOOD, FAIR, BAD = Fit(0.1), Fit(0.3), Fit(3.0, "The labels may be wrong: made up.")
NOTHING = Fit(found=False)
ASKED = SegmentRequest(axes="YX")


def made(name):
    config = SimpleNamespace(in_channels=1, ndim=3 if name.startswith("deep") else 2)
    return SimpleNamespace(name=name, config=config)


@pytest.fixture
def fits(monkeypatch):
    """Have models fit as is said, by name; what is an error is raised."""

    def fits(**known):
        def fit_steps(_, model, request):
            yield from ()
            fit = known[model.name]
            fit = fit(request) if callable(fit) else fit
            if isinstance(fit, UserError):
                raise fit
            return fit

        for module in (best_model, propose):
            monkeypatch.setattr(module, "fit_steps", fit_steps)
        monkeypatch.setattr(best_model, "bundled_models", lambda: known)
        monkeypatch.setattr(best_model, "load_model", made)

    return fits


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        (GOOD, BAD, "first"),
        (BAD, GOOD, "second"),
        (FAIR, GOOD, "first"),
        (BAD, NOTHING, "second"),
        (NOTHING, BAD, "first"),
        (NOTHING, GOOD, "second"),
        (NOTHING, NOTHING, "first"),
        (UserError("Not mine."), BAD, "second"),
    ],
)
def test_the_model_is_taken_that_clearly_fits_best(first, second, taken, fits):
    fits(first=first, second=second)
    assert drive(best_model_steps(None, ASKED)).name == taken


def test_where_no_model_takes_an_image_the_first_says_why(fits):
    fits(first=UserError("Not mine."), second=UserError("Nor mine."))
    with pytest.raises(UserError, match="Not mine"):
        drive(best_model_steps(None, ASKED))


def test_where_a_model_fits_no_other_is_looked_at(fits):
    def never(_):
        raise AssertionError

    fits(first=GOOD, second=never)
    assert drive(best_model_steps(None, ASKED)).name == "first"


@pytest.mark.parametrize(
    ("usual", "general", "taken"),
    [(FAIR, GOOD, "nuclei"), (NOTHING, GOOD, "nuclei"), (BAD, GOOD, GENERAL), (BAD, BAD, "nuclei")],
)
def test_the_general_model_is_the_last_resort(usual, general, taken, fits):
    fits(**{GENERAL: general, "nuclei": usual})
    assert drive(best_model_steps(None, ASKED)).name == taken
    assert ("annotate some and train" in fits_best(taken)) == (taken == GENERAL)


@pytest.mark.parametrize(
    ("flat", "deep", "taken"),
    [(GOOD, FAIR, "deep"), (GOOD, BAD, "flat"), (NOTHING, GOOD, "deep"), (BAD, NOTHING, "deep")],
)
def test_of_a_volume_a_model_for_volumes_is_taken_unless_one_for_planes_clearly_fits_better(
    flat, deep, taken, fits
):
    fits(flat=flat, deep=deep)
    volume = SegmentRequest(axes="TZYX")
    assert drive(best_model_steps(None, volume)).name == taken


def test_planes_are_not_looked_at_by_models_for_volumes(fits):
    fits(flat=BAD, deep=GOOD)
    for axes in ("YX", "TYX", "CYX"):
        assert drive(best_model_steps(None, SegmentRequest(axes=axes))).name == "flat"
    unsaid = np.zeros((5, 32, 32))
    assert drive(best_model_steps(unsaid, SegmentRequest())).name == "flat"


def test_a_model_that_is_named_is_not_chosen(fits):
    fits(first=BAD, second=GOOD)
    named, chosen = (drive(chosen_steps(None, each, ASKED)) for each in ("first", AUTO))
    assert (named.model.name, named.automatic, named.note) == ("first", False, "")
    assert (chosen.model.name, chosen.automatic) == ("second", True)


def proposed(request=ASKED):
    return drive(propose_steps(None, SimpleNamespace(name="first"), request))


def resorted(request=ASKED, *, automatic=True):
    """The last resort, chosen or not."""
    return Chosen(made(GENERAL), request, automatic=automatic)


def test_nothing_is_proposed_for_a_model_that_fits(fits):
    fits(first=FAIR, second=GOOD)
    assert (proposed().better, proposed().other) == (None, None)


def test_another_model_and_exchanged_grey_values_are_proposed_where_they_fit(fits):
    fits(first=lambda request: FAIR if request.grey.invert else BAD, second=BAD)
    assert proposed().better == ASKED.replace(grey=GreyConfig(invert=True))
    assert proposed().other is None
    fits(first=BAD, second=GOOD)
    assert (proposed().better, proposed().other.name) == (None, "second")
    fits(first=BAD, second=NOTHING)
    assert proposed().other is None


def test_who_gets_the_last_resort_is_told_before_the_click(fits):
    fits(**{"nuclei": BAD, GENERAL: GOOD})
    looked = drive(looked_steps(None, AUTO, ASKED))
    assert (looked.model, looked.told) == (GENERAL, fits_best(GENERAL))
    assert drive(looked_steps(None, "nuclei", ASKED)).told == BAD.told


@pytest.mark.parametrize(
    ("turned", "offered"), [(GOOD, True), (FAIR, True), (BAD, False), (NOTHING, False)]
)
def test_exchanged_grey_values_are_proposed_before_the_last_resort(turned, offered, fits):
    fits(**{"nuclei": lambda asked: turned if asked.grey.invert else BAD, GENERAL: FAIR})
    better = drive(looked_steps(None, AUTO, ASKED)).proposal.better
    assert better == (ASKED.exchanged if offered else None)
    assert drive(looked_steps(None, GENERAL, ASKED)).proposal.better is None
    advice = drive(resort_advice_steps(None, resorted()))
    assert advice == (Advice.exchange() if offered else Advice())
    assert not drive(resort_advice_steps(None, resorted(automatic=False))).told


def test_what_was_exchanged_is_looked_at_as_it_was(fits):
    fits(**{"nuclei": lambda asked: BAD if asked.grey.invert else GOOD, GENERAL: GOOD})
    exchanged = ASKED.exchanged
    assert drive(looked_steps(None, AUTO, exchanged)).proposal.better == ASKED
    advice = drive(resort_advice_steps(None, resorted(exchanged)))
    assert advice.about == "no-invert"


def test_with_exchanged_grey_values_another_model_may_be_chosen(fits):
    fits(first=BAD, second=lambda asked: GOOD if asked.grey.invert else BAD)
    looked = drive(looked_steps(None, AUTO, ASKED))
    assert (looked.model, looked.proposal.better) == ("first", ASKED.exchanged)


def test_of_an_image_that_no_model_takes_nothing_is_said(fits):
    fits(first=UserError("Not mine."))
    assert drive(looked_steps(None, AUTO, ASKED)) is None
    fits(first=lambda request: GOOD if request.channels else UserError("All."))
    asked, tissue = ASKED.replace(axes="YXC"), load_sample("tissue_rgb")[0].data
    looked = drive(looked_steps(tissue, AUTO, asked, colours=True))
    assert (looked.request.channels, looked.instead) == ((0,), True)


def test_nothing_is_proposed_instead_of_the_one_channel_that_holds_it_all(fits):
    fits(first=lambda request: GOOD if request.channels else FAIR)
    blue = np.zeros((40, 50, 3), np.uint8)
    blue[..., 2] = np.arange(50)
    asked = ASKED.replace(axes="YXC")
    assert not drive(looked_steps(blue, "first", asked, colours=True)).instead


def test_a_model_of_colours_is_proposed_before_the_last_resort(fits):
    def colours(request):
        return UserError("All.") if request.channels else GOOD

    fits(**{"first": BAD, "second": colours, GENERAL: GOOD})
    assert proposed(ASKED.replace(channels=(0,))).other.name == "second"
    fits(**{"first": BAD, GENERAL: GOOD})
    assert proposed(ASKED.replace(channels=(0,))).other.name == GENERAL


def test_a_model_of_colours_is_proposed_for_a_channel_of_a_colour_image(fits):
    fits(first=BAD, second=lambda request: UserError("All.") if request.channels else GOOD)
    assert proposed(ASKED.replace(channels=(0,))).other.name == "second"


@pytest.mark.parametrize(
    ("axes", "channels", "colour"),
    [("YXC", (), True), ("CYX", (), False), ("YXC", (0,), False), ("ZCYX", (), False)],
)
def test_only_colours_are_for_a_model_of_colours(axes, channels, colour):
    request = SegmentRequest(axes=axes, channels=channels)
    assert best_model.is_colour(np.zeros((3,) * len(axes)), request) == colour


@pytest.mark.parametrize(
    ("shape", "axes", "channels", "about"),
    [
        ((3, 40, 50), "CYX", (), "channels, axes, model"),
        ((6, 3, 40, 50), "TCYX", (), "channels, model"),
        ((2, 40, 50), "CYX", (), "channels"),
        ((5, 40, 50), "CYX", (1, 3), "channels"),
    ],
)
def test_of_channels_that_nobody_chose_no_model_is_blamed(shape, axes, channels, about):
    image = np.random.default_rng(0).integers(0, 99, shape)
    with pytest.raises(UserError, match=": choose which, counted from 0") as refused:
        segment(image, AUTO, axes=axes, channels=channels)
    assert refused.value.about == about
    assert ("red, green and blue of one picture" in str(refused.value)) == ("model" in about)
    assert ("say which axis is which" in str(refused.value)) == ("axes" in about)
    assert "trained" not in str(refused.value)


def test_auto_gives_what_the_chosen_model_gives_and_says_which():
    image = load_sample("nuclei2d")[0].data[1]
    found, expected = segment(image, AUTO), segment(image, "nuclei")
    np.testing.assert_array_equal(found.instances, expected.instances)
    assert (found.model, found.chosen, expected.chosen) == ("nuclei", True, False)
    assert found.note.startswith("Bundled model that fits best: nuclei.")


@pytest.fixture
def overlay():
    """Nuclei in blue, what lies around them in green, and noise in red."""
    blue = load_sample("nuclei2d")[0].data[1]
    around = filters.gaussian(blue, 12, preserve_range=True) - filters.gaussian(
        blue, 3, preserve_range=True
    )
    green = np.clip(4 * around, 0, 255)
    red = np.random.default_rng(0).integers(0, 12, blue.shape)
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)


def test_of_an_overlay_auto_looks_at_the_colour_that_fits(overlay):
    found = segment(overlay, AUTO, axes="YXC")
    expected = segment(overlay[..., 2], "nuclei")
    assert found.model == "nuclei"
    assert "only blue is looked at" in found.note
    np.testing.assert_array_equal(found.instances, expected.instances)
    assert found.made.request.channels == (2,)


@pytest.mark.parametrize(
    ("fitting", "taken"), [((0, 1, 2), (2,)), ((0, 1), (1,)), ((0,), (0,)), ((), ())]
)
def test_the_likeliest_colour_that_fits_is_taken(fitting, taken, overlay, fits):
    def alone(request):
        return GOOD if request.channels[0] in fitting else BAD

    def all_colours(request):
        return UserError("All.") if request.channels else FAIR

    fits(**{"alone": alone, "colours": all_colours, GENERAL: GOOD})
    config = SimpleNamespace(in_channels=3, ndim=2)
    load = best_model.load_model

    def load_model(name):
        return SimpleNamespace(name=name, config=config) if name == "colours" else load(name)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(best_model, "load_model", load_model)
        chosen = drive(chosen_steps(overlay, AUTO, ASKED.replace(axes="YXC")))
    assert chosen.request.channels == taken
    assert bool(chosen.told) == bool(taken)


def test_a_model_of_one_channel_is_offered_the_colour_of_an_overlay_that_fits(overlay):
    looked = drive(looked_steps(overlay, "nuclei", ASKED.replace(axes="YXC"), colours=True))
    assert (looked.request.channels, looked.instead) == ((2,), True)
    assert not looked.proposal.fit.doubtful
