"""A data set is the same everywhere, and it is said whose it is."""
