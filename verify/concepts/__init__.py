"""How the claims of `concepts` are measured."""
