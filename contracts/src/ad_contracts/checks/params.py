"""Arguments can be read, set, refused and copied."""
