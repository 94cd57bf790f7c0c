"""Linear information inequalities: expressions, elemental inequalities, exact certificates."""
