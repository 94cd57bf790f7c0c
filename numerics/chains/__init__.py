"""A language model with a finite window as a finite Markov chain."""
