"""Figures as a table in plain text."""

import numpy as np

from napari_unet.cli.evaluate import table
from napari_unet.core.evaluation.metrics import evaluate, evaluate_classes
from shapes import make_labels


def test_columns_stand_under_their_names():
    truth = make_labels(2)
    found = np.where(truth == 1, truth, 0)
    text = table({"a": evaluate(truth, truth), "a longer name": evaluate(found, truth)})
    lines = text.splitlines()
    assert len({len(line) for line in lines}) == 1
    head = lines[0].split()
    assert head[:4] == ["image", "found", "true", "AP50"]
    both, one = (
        dict(zip(head[1:], line.split()[-len(head) + 1 :], strict=True)) for line in lines[1:]
    )
    assert (both["found"], both["AP50"], both["recall"]) == ("2", "1.000", "1.000")
    assert (one["found"], one["AP50"], one["precision"], one["recall"]) == (
        "1",
        "0.500",
        "1.000",
        "0.500",
    )


def test_classes_have_a_column_each_and_images_with_fewer_a_dash():
    classes = np.array([[0, 1], [2, 2]])
    full, less = (
        evaluate_classes(classes, classes, 3),
        evaluate_classes(classes % 2, classes % 2, 2),
    )
    head, *rows = table({"full": full, "less": less}).splitlines()
    assert head.split("  ")[0] == "image"
    assert [head.count("Dice"), head.count("IoU")] == [3, 3]
    assert rows[0].split() == ["full", *["1.000"] * 6]
    assert sorted(rows[1].split()[1:]) == ["-", "-", *["1.000"] * 4]
