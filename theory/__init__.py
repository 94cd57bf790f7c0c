"""Symbols, claims, lemmas, derivations and their checker: the symbolic layer of boundlab."""
