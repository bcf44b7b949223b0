"""Time-series anomaly detectors for ad-core: one score a time step."""
