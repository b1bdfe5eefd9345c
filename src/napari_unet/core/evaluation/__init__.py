"""How good a result is, and where it differs from the truth.

Tables for the shell are in `cli`, validation during a training in `nn.training`.
"""
