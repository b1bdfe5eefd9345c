"""The log says in sentences how each epoch went, and keeps all figures."""

import json

from napari_unet.ui.finetune.running.log import epoch_in_words, log_of

RECORD = {"epoch": 12, "step": 240, "loss": 0.31, "ap50": 0.83, "dice": [0.99, 0.91]}


def test_an_epoch_is_a_sentence():
    assert epoch_in_words(RECORD) == (
        "Epoch 12: of the held-out objects that are there or seem to be, 83% are found with an "
        "overlap of at least half (AP at 0.5), and their pixels agree to 91% (Dice)."
    )
    only_loss = {"epoch": 3, "loss": 0.3123}
    assert epoch_in_words(only_loss) == "Epoch 3: its error on what it learns from is 0.312."
    assert "Dice" not in epoch_in_words({"epoch": 1, "ap50": 0.5, "dice": [1, None]})


def test_sentences_come_first_then_the_figures(tmp_path):
    line = json.dumps(RECORD)
    (tmp_path / "log.jsonl").write_text(f"{line}\n")
    (tmp_path / "train.log").write_text("out of memory")
    text = log_of(tmp_path)
    order = [text.index(each) for each in ("Epoch 12: of the held-out", line, "out of memory")]
    assert order == sorted(order)


def test_a_damaged_log_is_shown_as_it_is(tmp_path):
    (tmp_path / "log.jsonl").write_text("no json\n")
    assert "no json" in log_of(tmp_path)
