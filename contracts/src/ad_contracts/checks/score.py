"""Scores are finite, the right way up, and independent of the batch."""
