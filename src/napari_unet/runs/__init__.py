"""A run: one training in one folder that says everything about it and can be continued.

What trains it is in `nn.training`, what shows it in `ui.finetune`.
"""
