"""Labels follow from scores and threshold."""
