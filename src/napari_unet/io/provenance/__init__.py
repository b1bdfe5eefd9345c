"""What a result says about how it was made: read from the file that holds it.

What a record is, is in `core.provenance`; files are made with it where they are written.
"""
