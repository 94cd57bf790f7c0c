"""How the claims of `autoregressive` are measured."""
