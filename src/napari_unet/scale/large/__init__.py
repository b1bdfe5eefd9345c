"""One image of any size, block by block, on one computer or many.

The same labels as `nn.prediction` makes of it in memory; many images are `scale.batch`.
"""
