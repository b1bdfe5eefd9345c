"""The U-Net itself and its geometry.

Its parameters, as a file, are in `nn.model`; sending images through it is `nn.prediction`.
"""
