"""Files and samples opened as layers, and the channels that other readers have opened.

Files are read in `io`.
"""
