"""Linear information inequalities: expressions, elemental inequalities, exact certificates."""

from theory.information.certificate import Certificate, CertificateTerm
from theory.information.cone import ConeVertex
from theory.information.expression import TC, H, I, parse
from theory.information.grammar import GrammarError, Query, parse_constraints, parse_query
from theory.information.linear_entropy import LinearEntropy, Measure
from theory.information.prover import NotShannon, Proved, TooManyVariables, Undecided, forced_constants, prove

__all__ = [
    "TC",
    "Certificate",
    "CertificateTerm",
    "ConeVertex",
    "GrammarError",
    "H",
    "I",
    "LinearEntropy",
    "Measure",
    "NotShannon",
    "Proved",
    "Query",
    "TooManyVariables",
    "Undecided",
    "forced_constants",
    "parse",
    "parse_constraints",
    "parse_query",
    "prove",
]
