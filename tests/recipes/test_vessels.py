"""The recipe for vessels of the retina, on pictures that were drawn for it."""

import numpy as np
import pytest
import vessels
from PIL import Image
from scipy import ndimage
from skimage.draw import line

from napari_unet import Run, UserError, load_model
from quick_runs import QUICK


def draw_retina(seed, size=96):
    """Draw a picture, uint8 (Y, X, 3), its vessels and its field of view, bool (Y, X)."""
    chance = np.random.default_rng(seed)
    grid = np.indices((size, size)) - (size - 1) / 2
    across = np.hypot(*grid)
    field = across < 0.47 * size
    vessels = np.zeros((size, size), bool)
    for _ in range(5):
        start, end = chance.integers(0, size, (2, 2))
        one = np.zeros_like(vessels)
        one[line(*start, *end)] = True
        vessels |= ndimage.binary_dilation(one, iterations=int(chance.integers(1, 3)))
    light = 1 - 0.5 * (across / size) ** 2
    shade = 1 - 0.5 * ndimage.gaussian_filter(vessels.astype(float), 0.7)
    grey = light * shade + chance.normal(0, 0.02, vessels.shape)
    colours = np.stack([0.8 * grey, 0.4 * grey, 0.2 * grey], axis=-1) * field[..., None]
    return (255 * colours.clip(0, 1)).astype(np.uint8), vessels, field


def save(array, path):
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture
def drive(tmp_path):
    """Three folders named as DRIVE names its files, of seven images."""
    folders = [tmp_path / name for name in ("images", "manual", "mask")]
    for number in range(21, 28):
        image, found, field = draw_retina(number)
        save(image, folders[0] / f"{number}_training.tif")
        save(found, folders[1] / f"{number}_manual1.gif")
        save(field.astype(np.uint8), folders[2] / f"{number}_training_mask.gif")
    return folders


@pytest.fixture
def chase(tmp_path):
    """One folder named as CHASE_DB1 names its files; the second observer saw nothing."""
    folder = tmp_path / "CHASEDB1"
    for name in ("Image_01L", "Image_01R", "Image_02L"):
        image, found, _ = draw_retina(len(name))
        save(image, folder / f"{name}.jpg")
        save(found, folder / f"{name}_1stHO.png")
        save(np.zeros_like(found), folder / f"{name}_2ndHO.png")
    return folder


def test_it_learns_and_prints_the_dice_of_each_image_held_out(drive, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vessels, "ACROSS", 72)
    monkeypatch.setattr(vessels, "TRAINING", QUICK.replace(steps=12, batch=4, patch=48))
    run = tmp_path / "run"
    vessels.main([*map(str, drive), "--run", str(run), "--epochs", "8", "--device", "cpu"])
    table = dict(line.split() for line in capsys.readouterr().out.splitlines()[-3:])
    assert list(table) == ["26", "27", "mean"]
    assert all(float(dice) > 0.7 for dice in table.values())
    config = load_model(Run(run).last).config
    assert (config.num_classes, config.in_channels, config.height) == (2, 3, False)
    assert Run(run).config().working == (0.75, 0.75)
    vessels.main([*map(str, drive), "--run", str(run)])
    assert not capsys.readouterr().err
    vessels.main([*map(str, drive), "--run", str(run), "--epochs", "9"])
    said = capsys.readouterr()
    assert "keeps its length, --epochs 8: give another --run" in said.err
    again = dict(line.split() for line in said.out.splitlines()[-3:])
    assert again == table


def test_what_is_outside_the_field_of_view_takes_no_part(drive):
    given = vessels.samples(
        vessels.paired(dict(zip(("image", "mask", "field"), drive, strict=True)))
    )
    for number, sample in zip(range(21, 28), given, strict=True):
        _, found, field = draw_retina(number)
        assert set(np.unique(sample.labels)) == {0, 1, 255}
        np.testing.assert_array_equal(sample.labels == 255, ~field)
        np.testing.assert_array_equal(sample.labels == 1, found & field)
        assert sample.validation == (number > 25)


def test_files_of_chase_lie_in_one_folder_and_the_first_observer_counts(chase):
    files = vessels.paired({"image": chase, "mask": chase})
    assert list(files) == ["Image_01L", "Image_01R", "Image_02L"]
    for sample in vessels.samples(files):
        _, found, field = draw_retina(len(sample.name))
        assert (sample.labels == 1).sum() == pytest.approx((found & field).sum(), rel=0.05)
        assert ((sample.labels != 255) == field).mean() > 0.97


def test_what_does_not_pair_is_said_before_anything_is_read(drive, chase, tmp_path):
    (drive[1] / "24_manual1.gif").unlink()
    with pytest.raises(UserError, match=r"do not pair: 24\. Give each image one mask"):
        vessels.paired({"image": drive[0], "mask": drive[1]})
    with pytest.raises(UserError, match="do not pair"):
        vessels.paired({"image": drive[0], "mask": drive[0]})
    with pytest.raises(UserError, match="There is no folder"):
        vessels.paired({"image": chase, "mask": tmp_path / "none"})
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="do not pair"):
        vessels.paired({"image": tmp_path / "empty", "mask": tmp_path / "empty"})


def test_what_is_wrong_and_a_stop_are_told_in_one_sentence(drive, tmp_path, monkeypatch, capsys):
    asked = [*map(str, drive), "--run", str(tmp_path / "run")]
    (tmp_path / "run").mkdir()
    assert vessels.ended(asked) == 1
    assert "holds no run: delete it, or give another --run." in capsys.readouterr().err
    (tmp_path / "run").rmdir()
    assert vessels.ended([*asked, "--epochs", "-3"]) == 1
    assert capsys.readouterr().err.count("\n") == 1

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(vessels, "train", stopped)
    assert vessels.ended([*asked, "--epochs", "1"]) == 130
    assert capsys.readouterr().err == "Stopped: the same command goes on.\n"
    (drive[0] / "24_training.tif").write_bytes(b"no picture")
    assert vessels.ended(asked) == 1
    assert "24_training.tif cannot be read" in capsys.readouterr().err
