"""How the claims of `theory.markov` are measured."""
