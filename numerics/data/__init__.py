"""Text at hand and generated data."""
