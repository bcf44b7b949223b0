"""A metric depends on what it should, and on nothing else."""
