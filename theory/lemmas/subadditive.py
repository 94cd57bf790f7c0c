"""Data processing for divergences whose letters may have no mass.

p and q are mass functions on 0..m, k a kernel from 0..m to 0..n, and phi(a, b) is what a letter of masses a, b adds to
the divergence: phi(a, b) = b f(a/b) for an f-divergence with f convex, a^alpha b^(1-alpha) (its negative for alpha < 1)
for the sum inside a Renyi divergence. That f is convex reads phi(a + c, b + d) <= phi(a, b) + phi(c, d), and phi is
homogeneous; masses may be zero, so that deterministic kernels are kernels like any other.

Main statements
    data_processing   sum_y phi((pk)(y), (qk)(y)) <= sum_x phi(p(x), q(x))
    strong_data_processing   the same with the largest total variation of two rows of k as a factor (cited)

Source: specification `categorical`, L1 and L8; Csiszar and Shields (2004), lemma 4.1.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, fact, quick
from theory.lemma import Citation, Lemma
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import Source

top = Parameter("m", "m", "last letter of the input", integers(0), (0, 100))
last = Parameter("n", "n", "last letter of the output", integers(0), (0, 100))
eta = Parameter("eta", r"\eta", "largest total variation between two rows of the kernel", reals(0, 1), (0, 1))
p, q, k, phi = (sp.Function(name, real=True) for name in ("p", "q", "k", "phi"))
x, y, z, i = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xyzi")
j = sp.Symbol("j", integer=True, positive=True)
a, b, c, d, s, t = (sp.Symbol(name, real=True, nonnegative=True) for name in "abcdst")
_m, _n = top.symbol, last.symbol

subadditive = Forall((a, b, c, d, s, t), le(phi(s, t), phi(a, b) + phi(c, d)), (eq(s, a + c), eq(t, b + d)))
homogeneous = Forall((a, b, c, s, t), eq(phi(s, t), c * phi(a, b)), (eq(s, a * c), eq(t, b * c)))


def over(term: Any, end: Any = _m, index: sp.Symbol = x) -> sp.Sum:
    """The sum of `term` over index = 0..end."""
    return sp.Sum(term, (index, 0, end))


def pushed(law: Any, letter: Any, end: Any = _m, kernel: Any = k) -> sp.Sum:
    """(law kernel)(letter), summed over the input letters 0..end."""
    return over(law(x) * kernel(x, letter), end)


def masses(*laws: Any) -> tuple[Any, ...]:
    """Masses are non-negative; that they sum to 1 is not used."""
    return tuple(Forall((x,), ge(law(x), 0)) for law in laws)


def is_kernel(kernel: Any, end: Any = _n) -> tuple[Any, ...]:
    """Entries are non-negative and rows sum to 1 over the outputs 0..end."""
    return (Forall((x, y), ge(kernel(x, y), 0)), Forall((x,), eq(over(kernel(x, y), end, y), 1)))


def image(end: Any = _m) -> sp.Sum:
    """The divergence of pk and qk, of the input letters 0..end only."""
    return over(phi(pushed(p, y, end), pushed(q, y, end)), _n, y)


def _arrived(law: Any, hypothesis: str) -> tuple[Any, ...]:
    """Induction over the input letters: the mass that has arrived at y is non-negative."""
    at = [fact(hypothesis, x=i), fact(hypothesis, x=i + 1), hypothesis]
    return (
        Induction(i),
        *at,
        fact("hypothesis 3", x=i, y=y),
        fact("hypothesis 3", x=i + 1, y=y),
        "hypothesis 3",
        quick,
    )


_new = p(i + 1) * k(i + 1, y), q(i + 1) * k(i + 1, y)
_old = pushed(p, y, i), pushed(q, y, i)
_next = pushed(p, y, i + 1), pushed(q, y, i + 1)
_letters = over(phi(*_old) + k(i + 1, y) * phi(p(i + 1), q(i + 1)), _n, y)
_non_negative = tuple(fact(f"mass of {law}", i=at, y=y) for at in (i, i + 1) for law in "pq")
_zero = (fact("hypothesis 1", x=0), fact("hypothesis 2", x=0), fact("hypothesis 3", x=0, y=y))
hypotheses = (*masses(p, q), *is_kernel(k), subadditive, homogeneous)
whole = over(phi(p(x), q(x)))

data_processing = Lemma(
    "subadditive/data_processing",
    "Data-processing inequality",
    (top, last),
    le(image(), whole),
    hypotheses=hypotheses,
    functions=(p, q, k, phi),
    statement="by induction on the input letters: one more letter x adds at most sum_y k(x, y) phi(p(x), q(x))",
    backing=derive()
    .have("mass of p", Forall((i, y), ge(pushed(p, y, i), 0)), by=_arrived(p, "hypothesis 1"))
    .have("mass of q", Forall((i, y), ge(pushed(q, y, i), 0)), by=_arrived(q, "hypothesis 2"))
    .have(
        "new p",
        Forall((i, y), ge(_new[0], 0)),
        by=[fact("hypothesis 1", x=i + 1), fact("hypothesis 3", x=i + 1, y=y), quick],
    )
    .have(
        "new q",
        Forall((i, y), ge(_new[1], 0)),
        by=[fact("hypothesis 2", x=i + 1), fact("hypothesis 3", x=i + 1, y=y), quick],
    )
    .have(
        "last of p",
        Forall((j, y), eq(pushed(p, y, j), pushed(p, y, j - 1) + p(j) * k(j, y))),
        by=[Induction(j, 1), quick],
    )
    .have(
        "last of q",
        Forall((j, y), eq(pushed(q, y, j), pushed(q, y, j - 1) + q(j) * k(j, y))),
        by=[Induction(j, 1), quick],
    )
    .have(
        "one more",
        Forall((i, y), le(phi(*_next), phi(*_old) + phi(*_new))),
        by=[
            fact("last of p", j=i + 1, y=y),
            fact("last of q", j=i + 1, y=y),
            *_non_negative,
            fact("new p", i=i, y=y),
            fact("new q", i=i, y=y),
            fact("hypothesis 5", a=_old[0], b=_old[1], c=_new[0], d=_new[1], s=_next[0], t=_next[1]),
        ],
        note="phi is subadditive",
    )
    .have(
        "scaled",
        Forall((x, y), eq(phi(p(x) * k(x, y), q(x) * k(x, y)), k(x, y) * phi(p(x), q(x)))),
        by=[
            fact("hypothesis 1", x=x),
            fact("hypothesis 2", x=x),
            fact("hypothesis 3", x=x, y=y),
            fact("hypothesis 6", a=p(x), b=q(x), c=k(x, y), s=p(x) * k(x, y), t=q(x) * k(x, y)),
            quick,
        ],
        note="phi is homogeneous",
    )
    .have(
        "letter",
        Forall((i, y), le(phi(*_next), phi(*_old) + k(i + 1, y) * phi(p(i + 1), q(i + 1)))),
        by=[fact("one more", i=i, y=y), fact("scaled", x=i + 1, y=y), quick],
    )
    .have("letters", Forall((i,), le(image(i + 1), _letters)), by=[Termwise(), "letter"])
    .have(
        "linear",
        Forall((i,), eq(_letters, image(i) + phi(p(i + 1), q(i + 1)) * over(k(i + 1, y), _n, y))),
        by=algebra,
    )
    .have(
        "step",
        Forall((i,), le(image(i + 1), image(i) + phi(p(i + 1), q(i + 1)))),
        by=[fact("letters", i=i), fact("linear", i=i), fact("hypothesis 4", x=i + 1), quick],
        note="the row of k sums to 1",
    )
    .have("first p", Forall((y,), eq(pushed(p, y, 0), p(0) * k(0, y))), by=algebra)
    .have("first q", Forall((y,), eq(pushed(q, y, 0), q(0) * k(0, y))), by=algebra)
    .have(
        "first letter",
        Forall((y,), eq(phi(pushed(p, y, 0), pushed(q, y, 0)), k(0, y) * phi(p(0), q(0)))),
        by=[
            fact("first p", y=y),
            fact("first q", y=y),
            fact("mass of p", i=0, y=y),
            fact("mass of q", i=0, y=y),
            *_zero,
            fact("hypothesis 6", a=p(0), b=q(0), c=k(0, y), s=pushed(p, y, 0), t=pushed(q, y, 0)),
        ],
    )
    .have("first letters", eq(image(0), over(k(0, y) * phi(p(0), q(0)), _n, y)), by=[Termwise(), "first letter"])
    .have("first", le(image(0), phi(p(0), q(0))), by=["first letters", fact("hypothesis 4", x=0), quick])
    .have(
        "all",
        Forall((i,), le(image(i), over(phi(p(x), q(x)), i))),
        by=[Induction(i), "first", fact("step", i=i), quick],
    )
    .have("data processing", le(image(), whole), by=fact("all", i=_m)),
)

rows_apart = Forall((x, z), le(over(sp.Abs(k(x, y) - k(z, y)), _n, y) / 2, eta.symbol))
strong_data_processing = Lemma(
    "subadditive/strong_data_processing",
    "Data processing with the Dobrushin coefficient as a factor",
    (top, last, eta),
    le(image(), eta.symbol * whole),
    hypotheses=(
        *hypotheses,
        eq(over(p(x)), 1),
        eq(over(q(x)), 1),
        eq(phi(1, 1), 0),
        rows_apart,
    ),
    functions=(p, q, k, phi),
    statement="eta_f <= eta_TV for every f-divergence",
    backing=Citation(Source("cohen1993", "theorem 4.1", recheck=True), "also Polyanskiy and Wu (2017), section 2"),
)

_f = sp.Function("f", real=True)
renamed = Lemma(
    "subadditive/renamed",
    "A sum does not depend on the name of its index",
    (top,),
    eq(over(_f(x)), over(_f(y), _m, y)),
    functions=(_f,),
    backing=derive()
    .have("all", Forall((i,), eq(over(_f(x), i), over(_f(y), i, y))), by=[Induction(i), quick])
    .have("at the last", eq(over(_f(x)), over(_f(y), _m, y)), by=fact("all", i=_m)),
)
single = Lemma(
    "subadditive/single",
    "A sum of a single term",
    (),
    eq(over(_f(y), 0, y), _f(0)),
    functions=(_f,),
    backing=derive().have("term", eq(over(_f(y), 0, y), _f(0)), by=algebra),
)
