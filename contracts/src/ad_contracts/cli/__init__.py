"""The commands that ad-contracts adds to ``ad``."""
