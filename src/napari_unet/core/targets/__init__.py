"""What a network is taught: classes, heights, weight maps, and where patches are cut.

The loss that uses them is in `nn.training`.
"""
