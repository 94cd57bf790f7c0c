"""The log-loss as a spectral objective: surrogates, canonical correlations, weak dependence, contrastive learning."""
