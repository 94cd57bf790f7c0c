"""Torch networks; imported only when a torch model is loaded."""
