"""Every time step of a series gets its score."""
