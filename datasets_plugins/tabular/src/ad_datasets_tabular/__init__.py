"""Tabular data sets for ad-core."""
