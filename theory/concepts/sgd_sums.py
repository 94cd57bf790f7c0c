"""Sums that differ in one term, quantities that never grow, and two gains: used on runs that differ in one draw.

Main statements
    replaced_term   two sums that differ in one term
    never_grown     a quantity that starts at 0 at most and never grows before N
    two_gains       g^2 A - 2 g g' P + g'^2 C <= D^2 for g, g' in [0, 1]
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick
from theory.lemma import Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

D2 = Parameter("D2", "D^2", "bound on R^2 and on every |z - z'|^2", reals(0), (0.1, 10))
_D2 = D2.symbol
_x, _n = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xn")
phi, psi = sp.Function("phi", real=True), sp.Function("psi", real=True)
_last = Parameter("last", r"\\hat n", "last index of the sum", integers(0), (0, 9))
_place = Parameter("e1", "e", "index at which two sums differ", integers(0), (0, 9))
_N, _E = _last.symbol, _place.symbol


def _upto(f: Any, low: Any, high: Any) -> sp.Sum:
    return sp.Sum(f(_x), (_x, low, high))


def _before(f: Any, end: Any) -> sp.Sum:
    """f(0) + ... + f(end - 1), empty for end = 0."""
    return sp.Sum(f(_x - 1), (_x, 1, end))


terms_apart = Lemma(
    "concepts/terms_apart",
    "A sum split at an index",
    (_last, _place),
    eq(_upto(phi, 0, _N), _upto(phi, 0, _E) + _upto(phi, _E + 1, _N)),
    hypotheses=(le(_E, _N),),
    functions=(phi,),
    backing=derive()
    .have(
        "every end",
        Forall((_n,), eq(_upto(phi, 0, _n), _upto(phi, 0, _E) + _upto(phi, _E + 1, _n)), (ge(_n, _E),)),
        by=[Induction(_n, _E), quick],
    )
    .have(
        "split",
        eq(_upto(phi, 0, _N), _upto(phi, 0, _E) + _upto(phi, _E + 1, _N)),
        by=["hypothesis 1", fact("every end", n=_N)],
    ),
)
last_term = Lemma(
    "concepts/last_term",
    "A sum and its last term",
    (_last,),
    eq(_upto(phi, 0, _N), phi(_N) + _before(phi, _N)),
    functions=(phi,),
    backing=derive()
    .have(
        "every end",
        Forall((_n,), eq(_upto(phi, 0, _n), phi(_n) + _before(phi, _n))),
        by=[Induction(_n), quick],
    )
    .have("last", eq(_upto(phi, 0, _N), phi(_N) + _before(phi, _N)), by=fact("every end", n=_N)),
)
replaced_term = Lemma(
    "concepts/replaced_term",
    "Two sums that differ in one term",
    (_last, _place),
    eq(_upto(psi, 0, _N), _upto(phi, 0, _N) + psi(_E) - phi(_E)),
    hypotheses=(
        le(_E, _N),
        Forall((_x,), eq(psi(_x), phi(_x)), (ge((_x - _E) ** 2, 1),)),
    ),
    functions=(phi, psi),
    backing=derive()
    .have("before term", Forall((_x,), eq(psi(_x), phi(_x)), (le(_x, _E - 1),)), by=fact("hypothesis 2", x=_x))
    .have("after term", Forall((_x,), eq(psi(_x), phi(_x)), (ge(_x, _E + 1),)), by=fact("hypothesis 2", x=_x))
    .have("before", eq(_before(psi, _E), _before(phi, _E)), by=[Termwise(), fact("before term", x=_x - 1)])
    .have(
        "after",
        eq(_upto(psi, _E + 1, _N), _upto(phi, _E + 1, _N)),
        by=[Termwise(), "hypothesis 1", fact("after term", x=_x)],
    )
    .have(
        "parts of psi",
        eq(_upto(psi, 0, _N), _upto(psi, 0, _E) + _upto(psi, _E + 1, _N)),
        by=["hypothesis 1", terms_apart.at(phi=psi)],
    )
    .have(
        "parts of phi",
        eq(_upto(phi, 0, _N), _upto(phi, 0, _E) + _upto(phi, _E + 1, _N)),
        by=["hypothesis 1", terms_apart.at()],
    )
    .have("last of psi", eq(_upto(psi, 0, _E), psi(_E) + _before(psi, _E)), by=last_term.at(last=_E, phi=psi))
    .have("last of phi", eq(_upto(phi, 0, _E), phi(_E) + _before(phi, _E)), by=last_term.at(last=_E))
    .have(
        "replaced",
        eq(_upto(psi, 0, _N), _upto(phi, 0, _N) + psi(_E) - phi(_E)),
        by=["before", "after", "parts of psi", "parts of phi", "last of psi", "last of phi", quick],
    ),
)
never_grown = Lemma(
    "concepts/never_grown",
    "A quantity that starts at 0 at most and never grows before N",
    (_last,),
    le(phi(_N), 0),
    hypotheses=(
        le(phi(0), 0),
        Forall((_x,), le(psi(_x), 0), (le(_x, _N - 1),)),
        Forall((_x,), eq(psi(_x), phi(_x + 1) - phi(_x))),
    ),
    functions=(phi, psi),
    statement="psi is what it grows by",
    backing=derive()
    .have(
        "telescope",
        Forall((_n,), eq(_before(psi, _n), phi(_n) - phi(0))),
        by=[Induction(_n), fact("hypothesis 3", x=_n), quick],
    )
    .have("term", Forall((_x,), le(psi(_x), 0), (le(_x, _N - 1),)), by=fact("hypothesis 2", x=_x))
    .have(
        "terms",
        le(_before(psi, _N), _before(lambda x: 0 * psi(x), _N)),
        by=[Termwise(), fact("term", x=_x - 1)],
    )
    .have("nothing", Forall((_n,), eq(_before(lambda x: 0 * psi(x), _n), 0)), by=[Induction(_n), quick])
    .have("zero", le(phi(_N), 0), by=[fact("telescope", n=_N), "terms", fact("nothing", n=_N), "hypothesis 1", quick]),
)

_A, _C = (Parameter(n, n, "a squared length", reals(0), (0, 1)) for n in ("A", "C"))
_P = Parameter("P", "P", "an inner product", reals(), (-1, 1))
_f, _k = Parameter("f", "g", "a gain", reals(0, 1), (0, 1)), Parameter("k", "g'", "another gain", reals(0, 1), (0, 1))
_square = _f.symbol**2 * _A.symbol - 2 * _f.symbol * _k.symbol * _P.symbol + _k.symbol**2 * _C.symbol
two_gains = Lemma(
    "concepts/two_gains",
    "g^2 A - 2 g g' P + g'^2 C <= D^2 from A, C, A - 2 P + C <= D^2",
    (_f, _k, _A, _C, _P, D2),
    le(_square, _D2),
    hypotheses=(le(_A.symbol, _D2), le(_C.symbol, _D2), le(_A.symbol - 2 * _P.symbol + _C.symbol, _D2)),
    statement="a convex function of (g, g') is largest at a corner of the square",
    backing=derive()
    .have(
        "mixed",
        eq(
            _square,
            _f.symbol * _k.symbol * (_A.symbol - 2 * _P.symbol + _C.symbol)
            + (_f.symbol - _k.symbol) * (_f.symbol * _A.symbol - _k.symbol * _C.symbol),
        ),
        by=algebra,
    )
    .have("square", le(_square, _D2), by=["hypothesis 1", "hypothesis 2", "hypothesis 3", decide]),
)

_a0 = Parameter("a0", "a", "a number", reals(), (-1, 1))
_b1 = Parameter("b1", "b", "a number", reals(0), (0, 1))
_k1 = Parameter("k1", "k", "a factor", reals(0, 1), (0, 1))
closer_than = Lemma(
    "concepts/closer_than",
    "a - b <= 0 from a <= k b, 0 <= k <= 1, b >= 0",
    (_a0, _b1, _k1),
    le(_a0.symbol - _b1.symbol, 0),
    hypotheses=(le(_a0.symbol, _k1.symbol * _b1.symbol),),
    backing=derive().have("closer", le(_a0.symbol - _b1.symbol, 0), by=["hypothesis 1", decide]),
)
