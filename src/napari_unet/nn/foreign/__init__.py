"""Networks out of the packages of other programs: read, tried, and kept as models of ours.

What such a network is once it is kept is in `nn.network.program`. Packages that U-Net Studio writes
are made in `nn.exchange`.
"""
