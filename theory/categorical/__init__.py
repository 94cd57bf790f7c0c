"""Markov categories for language models."""
