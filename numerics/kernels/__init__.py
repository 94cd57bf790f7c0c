"""Markov kernels between finite spaces: composition, contraction of diagrams, disintegration."""
