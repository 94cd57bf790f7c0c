"""Experiments: measurements that belong to no single claim, run after the claims of their body.

An experiment is a module of this package with an `EXPERIMENT`; it writes its records as JSON, and plots, into a folder
of its own. It takes up what an interrupted or earlier run left there.
"""
