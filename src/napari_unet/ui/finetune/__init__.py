"""The widget *Fine-tune*: what is learnt from, the training as it runs, and what came of it.

The training is a process of its own, started in `runs`, and done in `nn.training`.
"""
