"""Thin napari widgets over the same functions that the command line uses.

A folder for each widget (`segment`, `annotate`, `weights`, `finetune`, `batch`, `export`), each
with its `widget.py` and, where it has many fields, its `form.py`; and what they share (`layers`,
`widgets`, `work`). Nothing is computed here: that is in the folders below.
"""
