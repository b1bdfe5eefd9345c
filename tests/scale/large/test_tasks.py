"""The work on one block: memory that runs out."""

import numpy as np

from napari_unet.core.progress import drive
from napari_unet.io.ome_zarr import read_zarr
from napari_unet.nn.prediction.predictor import Predictor
from napari_unet.nn.prediction.segment import segment
from napari_unet.scale.large.segment import segment_large_steps
from pictures import make_model, make_picture


def test_memory_runs_out_once_and_not_in_every_block(tmp_path, monkeypatch, exact):
    picture = make_picture("YX", (120, 130))
    expected = segment(picture.data, make_model(2)).instances
    send, failed = Predictor.__call__, []

    def limited(self, images, kept):
        if np.prod([stop - start for start, stop in kept]) > 600:
            failed.append(kept)
            raise RuntimeError("CUDA error: out of memory")
        return send(self, images, kept)

    monkeypatch.setattr(Predictor, "__call__", limited)
    result = drive(segment_large_steps(picture, make_model(2), tmp_path, block=(32, 32)))
    np.testing.assert_array_equal(read_zarr(result.instances).data, expected)
    areas = [np.prod([stop - start for start, stop in kept]) for kept in failed]
    assert areas == sorted(set(areas), reverse=True)
