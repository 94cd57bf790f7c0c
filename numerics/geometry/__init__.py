"""Geometry of the state space under a linear-softmax head."""
