"""Decision procedures that back the steps of a derivation."""
