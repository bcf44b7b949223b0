"""The scenarios, one module a kind of data."""
