"""The command line `boundlab`: one file a verb, `main` ties them together.

Every module here is light to import: what a verb needs of sympy, numpy or matplotlib it imports when it runs.
"""
