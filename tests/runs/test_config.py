"""Everything about a run but its images, and what is refused of it."""

import json

import pytest

from napari_unet.core.config import DecodeConfig, ModelConfig, NormalizeConfig, TargetConfig
from napari_unet.core.errors import UserError
from napari_unet.core.option import FORMAT
from napari_unet.core.train_config import TrainConfig
from napari_unet.runs.config import RunConfig
from napari_unet.runs.folder import Run

CONFIG = RunConfig(
    model=ModelConfig(
        ndim=3, depth=2, pool=((1, 2, 2), (2, 2, 2)), classes=("a", "b"), height=False
    ),
    targets=TargetConfig(border="none", spacing=(2.0, 1.0, 1.0)),
    train=TrainConfig(epochs=2, zoom=1.2),
    normalize=NormalizeConfig(low=3),
    decode=DecodeConfig(split=0.2),
    semantic=True,
    ignore=7,
    start_from="nuclei",
    name="mine",
    about={"licence": "CC0", "authors": ["A", "B"]},
    pixel_size=(2.0, 0.5, 0.5),
    object_size=17.5,
    object_spread=(10.0, 20.5),
)


def test_labels_that_cannot_teach_the_model_are_refused():
    with pytest.raises(UserError, match="without height"):
        RunConfig(semantic=True)


@pytest.mark.parametrize("whole", [RunConfig(), CONFIG], ids=["default", "everything"])
def test_a_run_config_survives_json(whole):
    assert RunConfig.from_dict(json.loads(json.dumps(whole.to_dict()))) == whole


def test_missing_parts_take_their_defaults():
    found = RunConfig.from_dict({"name": "x", "train": {"epochs": 3}})
    assert found == RunConfig(name="x", train=TrainConfig(epochs=3))


BAD_CONFIGS = {
    "an unknown key": ({"colour": 1}, "RunConfig has no option colour"),
    "an unknown key inside": ({"train": {"colour": 1}}, "TrainConfig has no option colour"),
    "the future": ({"format": FORMAT + 1}, "newer version"),
    "a part of the future": ({"model": {"format": FORMAT + 1}}, "newer version"),
    "a bad value inside": ({"train": {"epochs": 0}}, "epochs must be"),
    "one number of two": ({"object_spread": [3.0]}, "object_spread must be two numbers"),
    "a part that is a list": ({"decode": []}, "DecodeConfig must be names with values"),
    "a list": ([], "RunConfig must be names with values"),
}


@pytest.mark.parametrize(("values", "sentence"), BAD_CONFIGS.values(), ids=BAD_CONFIGS.keys())
def test_bad_run_configs_are_refused(tmp_path, values, sentence):
    (tmp_path / "run.json").write_text(json.dumps(values))
    with pytest.raises(UserError, match=sentence):
        Run(tmp_path).config()
