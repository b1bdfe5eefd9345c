"""Blocks of the sizes that a package tells lie where the network's coarsest pixels do."""

from hypothesis import given
from hypothesis import strategies as st

from napari_unet.nn.exchange.block import Block
from napari_unet.nn.network.geometry import Geometry

levels = st.integers(1, 4)


@given(st.data(), levels, st.booleans(), st.booleans())
def test_law(data, depth, valid, interpolated):
    pools = data.draw(st.lists(st.sampled_from([1, 2, 3]), min_size=depth, max_size=depth))
    margins = data.draw(st.lists(st.sampled_from([0, 2]), min_size=depth + 1, max_size=depth + 1))
    geometry = Geometry(tuple(pools), tuple(margins), valid, interpolated)
    block = Block.of(geometry)
    for size in (block.smallest, block.smallest + 3 * block.step):
        assert geometry.input_size(geometry.output_size(size)) == size
        kept = size - block.lost - 2 * block.halo
        assert kept > 0
        # blocks lie as far apart as what is kept of them
        assert kept % geometry.stride == 0
    if not valid:
        assert block.halo >= geometry.halo
