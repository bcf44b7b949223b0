"""Neural anomaly detectors on PyTorch; listing them does not import it."""
