"""A computer whose memory is small."""

from types import SimpleNamespace
from weakref import WeakKeyDictionary

import numpy as np
import pytest

from napari_unet.nn.prediction import predictor


@pytest.fixture
def short_of_memory(monkeypatch):
    """Passes fail, as torch does on a CPU, that keep more pixels than `limit`; `failed` of them."""
    memory = SimpleNamespace(limit=3000, failed=0)
    send = predictor.Predictor.__call__

    def limited(self, images, kept):
        if len(images) * np.prod([stop - start for start, stop in kept]) > memory.limit:
            memory.failed += 1
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")
        return send(self, images, kept)

    monkeypatch.setattr(predictor.Predictor, "__call__", limited)
    # models of other tests shall learn nothing from this one
    monkeypatch.setattr(predictor, "_most_pixels", WeakKeyDictionary())
    return memory
