"""How many traces of a machine a perceptron needs (specification `autoregressive` 2E)."""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.learners import MISTAKE_BOUND, ar_perceptron, norm2, positions
from theory.autoregressive.parameters import T, delta, epsilon, m, n
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Induction, Termwise, decide, fact, quick
from theory.lemma import Lemma
from theory.lemmas.online import KAPPA
from theory.lemmas.perceptron import kappa
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

_n, _T, _kappa = n.symbol, T.symbol, kappa.symbol
layers2 = Parameter("B2", "B^2", "bound of B_t^2 at all tokens but the last", reals(0, open="lower"), (1, 10_000))
answer2 = Parameter("BT2", "B_T^2", "bound of B_T^2 at the last token, the answer", reals(0, open="lower"), (1, 10_000))
_B2, _BT2 = layers2.symbol, answer2.symbol
_t, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "tj")
_s = sp.Symbol("s", integer=True, positive=True)


def _up_to(end: sp.Expr, term: sp.Expr) -> sp.Sum:
    return sp.Sum(term, (_t, 1, end))


_term = (_n + _t) * norm2(_t)
_CLOSED = _kappa * (_B2 * (_T - 1) * (_n + _T / 2) + _BT2 * (_n + _T))
NORMS = (Forall((_t,), le(norm2(_t), _B2), (le(_t, _T - 1),)), le(norm2(_T), _BT2))
trace_bound = Lemma(
    "autoregressive/trace_bound",
    "The perceptron's bound from one norm for all tokens but the last",
    (n, T, kappa, layers2, answer2),
    le(MISTAKE_BOUND, _CLOSED),
    hypotheses=NORMS,
    functions=(norm2,),
    backing=derive()
    .have(
        "last term",
        Forall((_s,), eq(_up_to(_s, _term), _up_to(_s - 1, _term) + (_n + _s) * norm2(_s))),
        by=[Induction(_s), quick],
    )
    .have(
        "a layer",
        Forall((_t,), le(_term, (_n + _t) * _B2), (le(_t, _T - 1),)),
        by=[fact("hypothesis 1", t=_t), quick],
    )
    .have("layers", le(_up_to(_T - 1, _term), _up_to(_T - 1, (_n + _t) * _B2)), by=[Termwise(), "a layer"])
    .have(
        "sum",
        Forall((_j,), eq(_up_to(_j, (_n + _t) * _B2), _B2 * _j * (_n + (_j + 1) / 2))),
        by=[Induction(_j), quick],
    )
    .have(
        "sum of the layers",
        eq(_up_to(_T - 1, (_n + _t) * _B2), _B2 * (_T - 1) * (_n + _T / 2)),
        by=[fact("sum", j=_T - 1), quick],
    )
    .have("the answer", le((_n + _T) * norm2(_T), (_n + _T) * _BT2), by=["hypothesis 2", quick])
    .have(
        "all tokens",
        le(positions(_term), _B2 * (_T - 1) * (_n + _T / 2) + _BT2 * (_n + _T)),
        by=[fact("last term", s=_T), "layers", "sum of the layers", "the answer", quick],
    )
    .have("bound", le(MISTAKE_BOUND, _CLOSED), by=["all tokens", decide]),
)

_p, _q, _r, _l = (Parameter(f"number_{x}", x, "a number", reals(), (0, 10)) for x in "pqrl")
larger_bound = Lemma(
    "autoregressive/larger_bound",
    "A sample large enough for a bound is large enough for a smaller one",
    (_p, _q, _r, _l),
    ge(_p.symbol, 2 * (_q.symbol - _l.symbol)),
    hypotheses=(ge(_p.symbol, 2 * (_r.symbol - _l.symbol)), le(_q.symbol, _r.symbol)),
    backing=derive().have(
        "larger", ge(_p.symbol, 2 * (_q.symbol - _l.symbol)), by=["hypothesis 1", "hypothesis 2", quick]
    ),
)

_given = ar_perceptron.hypotheses[:-1]
_size = ar_perceptron.hypotheses[-1]
_size_of_traces = ge(KAPPA * m.symbol * epsilon.symbol, 2 * (_CLOSED - sp.log(delta.symbol)))
_losses, _voted = (s.quantity for s in ar_perceptron.statements)
_hypotheses = [f"hypothesis {k}" for k in range(1, len(_given) + 1)]
_after = len(_given)

turing_learnable = Claim(
    id="autoregressive/turing_learnable",
    title="Sample size for the traces of a machine",
    kind=Kind.UPPER,
    text=(
        "A perceptron a token, shown traces of a machine that a route compiles with B_t^2 <= B^2 at all tokens but the "
        "last and B_T^2 at that, misses on at most M = 2 [B^2 (T - 1)(n + T/2) + B_T^2 (n + T)] presented traces, and "
        "the vote of its iterates errs on more than epsilon of all chains with probability at most delta after "
        "2e/(e-1) (M + log(1/delta))/epsilon of them. Obliviously M = O(tau (n + tau)|D|(|Q| + |A|))"
    ),
    parameters=(*ar_perceptron.parameters, layers2, answer2),
    hypotheses=(*_given, *NORMS, _size_of_traces),
    functions=ar_perceptron.functions,
    statements=(
        upper(_losses, _CLOSED, label="mistakes"),
        upper(_voted, ar_perceptron.statements[1].bound, trivial=1, label="voted"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("useless where M is larger than the number of inputs: then all of them can be shown",),
    derivation=derive(_losses)
    .have(
        "norms",
        le(MISTAKE_BOUND, _CLOSED),
        by=[f"hypothesis {_after + 1}", f"hypothesis {_after + 2}", trace_bound.at()],
    )
    .have(
        "size",
        _size,
        by=[
            f"hypothesis {_after + 3}",
            "norms",
            larger_bound.at(
                number_p=_size.lhs, number_q=MISTAKE_BOUND, number_r=_CLOSED, number_l=sp.log(delta.symbol)
            ),
        ],
    )
    .le(
        MISTAKE_BOUND,
        by=[*_hypotheses, "size", ar_perceptron.at("mistakes")],
        name="perceptron",
        note="the compiled predictor is the decoder of gap at least 1",
    )
    .le(_CLOSED, by="norms", name="one norm")
    .have("voted", ar_perceptron.statements[1].relation, by=[*_hypotheses, "size", ar_perceptron.at("voted")]),
)
