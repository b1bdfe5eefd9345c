"""The same job on a dask.distributed cluster of two processes, one of which is lost on the way."""

import os
import signal

import numpy as np
import pytest
from distributed import Client, LocalCluster

from napari_unet.core.config import DecodeConfig
from napari_unet.core.errors import UserError
from napari_unet.core.progress import Stop, drive
from napari_unet.core.segment_request import SegmentRequest
from napari_unet.io.ome_zarr import read_zarr
from napari_unet.scale.large.cluster import workers
from napari_unet.scale.large.segment import segment_large_steps
from pictures import make_model, make_picture


def threads_of_processes():
    """What decides how many threads a process takes that is started from here."""
    return {name: value for name, value in os.environ.items() if "NUM_THREADS" in name}


@pytest.fixture(scope="module")
def client():
    before = threads_of_processes()
    with workers(2) as client:
        yield client
    assert threads_of_processes() == before


def test_a_lost_worker_changes_nothing_and_a_damaged_chunk_is_told(tmp_path, stored, client):
    picture = stored(make_picture("TYX", (2, 44, 40)))
    model = make_model(2)
    decode = DecodeConfig(threshold=0.01, split=0.0, min_size=0)
    how = {"request": SegmentRequest(decode=decode), "block": (16, 16)}
    expected = drive(segment_large_steps(picture, model, tmp_path / "here", **how))
    assert expected.objects > 10
    chunk = tmp_path / "cells.zarr" / "c" / "1" / "2" / "2"
    good = chunk.read_bytes()
    chunk.write_bytes(good[:20])
    with pytest.raises(UserError, match="cannot be read at plane 1"):
        drive(segment_large_steps(picture, model, tmp_path / "there", **how, client=client))
    chunk.write_bytes(good)
    with pytest.raises(Stop):
        drive(
            segment_large_steps(picture, model, tmp_path / "there", **how, client=client),
            stop_requested=lambda: True,
        )
    lost = []

    def lose_one(progress):
        if progress.stage == "segmenting" and progress.done == 3 and not lost:
            lost.append(client.submit(os.getpid, pure=False).result())
            os.kill(lost[0], signal.SIGKILL)

    result = drive(
        segment_large_steps(picture, model, tmp_path / "there", **how, client=client), lose_one
    )
    assert lost
    assert result.objects == expected.objects
    for one, other in (
        (result.instances, expected.instances),
        (result.semantic, expected.semantic),
    ):
        np.testing.assert_array_equal(read_zarr(one).data[:], read_zarr(other).data[:])


def test_a_scheduler_without_workers_is_waited_for(tmp_path, stored):
    picture = stored(make_picture("YX", (30, 40)))
    with (
        LocalCluster(
            n_workers=0, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
    ):
        seen = []

        def add_one(progress):
            if not seen:
                cluster.scale(1)
            seen.append(progress.stage)

        drive(segment_large_steps(picture, make_model(2), tmp_path / "out", client=client), add_one)
    assert seen[0] == "waiting for workers"
    assert "segmenting" in seen
