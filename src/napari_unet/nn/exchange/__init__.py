"""Models for other programs: a model file as a package of bioimage.io.

The way back, which needs no network, is `storage.package`; the model file itself is `nn.model`.
"""
