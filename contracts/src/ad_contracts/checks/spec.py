"""What the spec says is true, and everything true is said."""
