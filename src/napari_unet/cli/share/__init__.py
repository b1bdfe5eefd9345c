"""The command that gives models, trainings, annotations and settings to others, and opens theirs.

What a package is, and how it is written and read, is in `scale.share` and `storage.crate`.
"""
