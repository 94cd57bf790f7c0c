"""Linear information inequalities: expressions, elemental inequalities, exact certificates."""

from theory.information.answer import Answer, decide
from theory.information.certificate import Certificate, CertificateTerm
from theory.information.cone import ConeVertex
from theory.information.contradiction import ContradictoryConstraints
from theory.information.distribution import Distribution
from theory.information.expression import TC, H, I, parse
from theory.information.grammar import GrammarError, Query, parse_constraints, parse_query
from theory.information.linear_entropy import LinearEntropy, Measure
from theory.information.prover import NotShannon, Proved, TooManyVariables, Undecided, forced_constants, prove

__all__ = [
    "TC",
    "Answer",
    "Certificate",
    "CertificateTerm",
    "ConeVertex",
    "ContradictoryConstraints",
    "Distribution",
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
    "decide",
    "forced_constants",
    "parse",
    "parse_constraints",
    "parse_query",
    "prove",
]
