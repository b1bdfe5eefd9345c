"""Annotations saved, opened, autosaved and found again after a crash.

Their files are written and read in `io`.
"""
