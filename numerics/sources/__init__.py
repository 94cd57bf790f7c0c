"""Finite sources of tokens in which every quantity can be enumerated, and the fixtures of the specification."""
