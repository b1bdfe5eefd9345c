"""What a person has painted, and what of it is held out.

Its files are read and written in `io`, its layers are in `ui.annotate`.
"""
