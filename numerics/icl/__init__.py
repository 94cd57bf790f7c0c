"""In-context learning of Markov chains: chain families, estimators, predictors, risks."""
