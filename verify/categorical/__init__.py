"""How the claims of `categorical` are measured."""
