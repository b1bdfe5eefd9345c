"""Thin napari widgets over the same functions that the command line uses.

A folder for each widget (`segment`, `annotate`, `weights`, `finetune`, `measure`, `batch`,
`export`), each with its `widget.py` and, where it has many fields, its `form.py`; the files that
are opened (`open`), the dialogs of the menu (`share`) and the pages behind "?" (`help`); and what
they share (`layers`, `widgets`, `work`). Nothing is computed here: that is in the folders below.
"""
