"""Files and samples opened as layers.

Files are read in `io`.
"""
