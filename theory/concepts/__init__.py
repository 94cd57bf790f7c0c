"""Multi-concept in-context learning: training dynamics of a one-layer transformer."""
