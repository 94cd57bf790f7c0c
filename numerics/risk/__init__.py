"""Sequence-level risks of a fixed model against a known source of finite memory: exact, simulated and exhaustive."""
