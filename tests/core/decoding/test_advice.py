"""Where a model does not fit, it is said what to do; where it fits, nothing is."""

from napari_unet.core.decoding.advice import Advice
from napari_unet.core.decoding.fit import Fit
from napari_unet.core.decoding.known import Known
from napari_unet.core.decoding.seen import Seen

DARK = Known(sureness=0.8, grey=(0.0, 0.2), contrast=(0.0, 1.0))


def test_advice_goes_with_the_doubt():
    assert Advice.on(Fit.of(Seen(0.9, 0.1, 0.5), DARK)) == Advice()
    bright = Fit.of(Seen(0.9, 0.95, 0.5), DARK)
    assert Advice.on(bright) == Advice("Try it with dark and bright exchanged.", "invert")
    assert "without exchanging" in Advice.on(bright, exchanged=True).told
    unsure = Advice.on(Fit.of(Seen(0.5, 0.1, 0.5), DARK))
    assert unsure.about == "model"
    assert "train" in unsure.told
    nothing = Advice.on(Fit.of(Seen(None, 0.6, 0.5), DARK))
    assert nothing.about == "model"
    assert nothing.told.startswith("If there are objects, annotate"), "in an empty field are none"


def test_of_a_margin_it_is_said_at_once_what_to_do():
    fit = Fit.of(Seen(0.9, 0.1, 0.5, margin=0.2), DARK)
    assert fit.told.endswith("Crop it.")
    assert Advice.on(fit) == Advice()
