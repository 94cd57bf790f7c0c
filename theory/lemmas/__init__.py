"""Lemmas used by several bodies."""
