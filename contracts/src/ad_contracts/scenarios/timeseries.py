"""Series with planted anomalies: every scenario is seeded, and short."""
