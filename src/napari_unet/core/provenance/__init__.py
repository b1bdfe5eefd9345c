"""What a result was made with: the record, and the record as a command or as Python.

The record is written into files in `io` and made in `nn`.
"""
