"""Measurements, verdicts, falsification and the command line: joins `theory` and `numerics`."""
