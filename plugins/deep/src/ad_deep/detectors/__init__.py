"""One detector a module."""
