"""Language models as Markov chains."""
