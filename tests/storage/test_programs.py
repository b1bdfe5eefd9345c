"""A program runs only if the user has agreed to it, and only that one."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from napari_unet.core.config import DecodeConfig, ModelConfig, NormalizeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.program_config import ProgramConfig
from napari_unet.storage.model_header import KEY, read_header
from napari_unet.storage.programs import (
    PROGRAM,
    digest_of,
    programs_folder,
    question,
    trust,
    trust_model,
    trusted_program,
    untrusted,
)

CODE = b"a program"


def model_file(path, program=CODE, digest=None):
    """Write a model file that holds a program, and says that it is another one."""
    known = ProgramConfig(digest or digest_of(CODE))
    config = ModelConfig(height=False, program=known)
    parts = {"config": config, "normalize": NormalizeConfig(), "decode": DecodeConfig()}
    header = {"format": 1, "name": "a", "about": {"authors": ["Ada"]}}
    header |= {name: part.to_dict() for name, part in parts.items()}
    tensors = {PROGRAM: np.frombuffer(program, np.uint8)}
    save_file(tensors, path, {KEY: json.dumps(header)})
    return path


def test_a_program_is_kept_once_it_is_agreed_to(tmp_path):
    path = model_file(tmp_path / "a.safetensors")
    assert untrusted(read_header(path))
    with pytest.raises(UserError, match="nobody has agreed to run here"):
        trusted_program(digest_of(CODE))
    assert trust_model(path) == digest_of(CODE)
    assert not untrusted(read_header(path))
    assert trusted_program(digest_of(CODE)) == CODE
    assert trust(CODE) == digest_of(CODE)
    assert len(list(programs_folder().iterdir())) == 1


def test_a_file_with_another_program_than_it_says_is_refused(tmp_path):
    with pytest.raises(UserError, match="its program is not the one that it says"):
        trust_model(model_file(tmp_path / "a.safetensors", b"another"))
    assert not programs_folder().exists()


def test_a_program_that_was_changed_since_does_not_run():
    (programs_folder() / f"{trust(CODE)}.torchscript").write_bytes(b"another")
    with pytest.raises(UserError, match="nobody has agreed"):
        trusted_program(digest_of(CODE))


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "0" * 64])
def test_a_digest_leads_to_no_other_file(digest, tmp_path):
    trust(CODE)
    with pytest.raises(UserError, match="nobody has agreed"):
        trusted_program(digest)


def test_a_model_without_a_program_needs_no_agreement(small_model):
    assert not untrusted(read_header(small_model))
    with pytest.raises(UserError, match="holds no program"):
        trust_model(small_model)


def test_the_question_names_the_makers():
    assert "was made by Ada, Grace with" in question({"authors": ["Ada", "Grace"]})
    assert "somebody who is not named" in question({})


def test_files_without_a_program_are_as_they_were():
    """Earlier versions read them, too, and jobs that were begun go on."""
    assert "program" not in ModelConfig().to_dict()
    assert set(NormalizeConfig().to_dict()) == {"format", "low", "high"}
    known = ModelConfig(height=False, program=ProgramConfig("a" * 64, ("foreground",)))
    assert ModelConfig.from_dict(json.loads(json.dumps(known.to_dict()))) == known
