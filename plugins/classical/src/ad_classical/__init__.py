"""Classical anomaly detectors for ad-core: scikit-learn's, PyOD's and native ones."""
