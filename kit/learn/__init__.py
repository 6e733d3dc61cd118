"""Small trained heads over frozen encodings: features, heads, training, calibration, error bounds, metrics."""
