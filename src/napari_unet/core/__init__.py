"""Pure functions on arrays: numpy, scipy and scikit-image only.

Nothing here reads or writes a file, starts a process or knows of torch: that is `io`, `storage`,
`processes` and `nn`.
"""
