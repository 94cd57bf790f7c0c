"""Similarity kernels of next-token rows, their operators and their spectra."""
