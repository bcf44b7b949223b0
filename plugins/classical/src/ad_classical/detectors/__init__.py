"""Native detectors, one a file."""
