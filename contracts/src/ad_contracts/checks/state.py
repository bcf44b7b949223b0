"""Copies, pickles and saved files give the same scores."""
