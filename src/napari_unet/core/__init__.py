"""Pure functions on arrays: numpy, scipy and scikit-image only."""
