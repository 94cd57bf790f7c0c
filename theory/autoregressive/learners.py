"""Perceptrons for linear decoders: mistakes on a sequence, and the error of their vote (specification 2C).

A decoder of chain token t has one row of weights a token (kappa = 2), or one row in all with sign features (kappa = 1).
Its feature vectors have squared length n + t. A perceptron a position updates at every position that it got wrong, or
at the first one only; `updates` counts what it did over a sample of m chains, `running` over the first i of them; after
its last update nothing moves any more.

Main statements
    linear_decoder_perceptron   M <= kappa R^2 B^2
    chain_mistakes              presented chains with a miss: at most kappa sum_t (n + t) B_t^2
    ar_perceptron               the same, and the vote of all whole rollouts errs more than epsilon rarely
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.autoregressive.parameters import T, delta, epsilon, m, n
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, Termwise, algebra, fact, quick
from theory.lemma import Lemma
from theory.lemmas import perceptron
from theory.lemmas.online import KAPPA, examples, expected, samples, seen
from theory.lemmas.perceptron import B2, R2, columns, kappa, mistakes_, rows
from theory.lemmas.voting import fails, voted_failure
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt, le, substitute
from theory.source import OWN, Source

_n, _T, _m, _kappa = n.symbol, T.symbol, m.symbol, kappa.symbol
_t, _j, _a, _i, _k, _h, _c = (sp.Symbol(name, integer=True, nonnegative=True) for name in "tjaikhc")
_A, _I = rows.symbol, columns.symbol

linear_decoder_perceptron = Claim(
    id="autoregressive/linear_decoder_perceptron",
    title="Mistakes of the multiclass perceptron at one position",
    kind=Kind.UPPER,
    text=(
        "If some decoder of norm at most B has gap at least 1 on every example, whose features have length at most R, "
        "then adding them to the row of the true token and subtracting them from that of the predicted one at every "
        "mistake (a tie is one) makes at most 2 R^2 B^2 mistakes, in any order and any number of passes; with sign "
        "features, one row of weights and margin at least 1, at most R^2 B^2"
    ),
    parameters=(rows, columns, kappa, R2, B2, mistakes_),
    hypotheses=perceptron.mistakes.hypotheses,
    statements=(upper(mistakes_.symbol, _kappa * R2.symbol * B2.symbol),),
    source=Source("novikoff1962", "Theorem 1; several labels: crammer2003, Theorem 1", recheck=True),
    status=Status.OWN,
    functions=perceptron.mistakes.functions,
    derivation=derive(mistakes_.symbol).le(
        _kappa * R2.symbol * B2.symbol,
        by=[*(f"hypothesis {k}" for k in range(1, 8)), perceptron.mistakes.at()],
        name="perceptron",
    ),
)

sample = Parameter("sample", "h", "a sample of m chains", integers(0), (0, 100))
updates = sp.Function("updates", integer=True, nonnegative=True)  # (sample, position)
w, f, c, u, norm2, bad, up, running = (
    sp.Function(name, real=True) for name in ("w", "f", "c", "u", "norm2", "bad", "up", "running")
)


def _rows(term: Any) -> sp.Sum:
    return sp.Sum(term, (_a, 0, _A))


def _features(term: Any) -> sp.Sum:
    return sp.Sum(term, (_i, 0, _I))


def positions(term: Any) -> sp.Sum:
    """The sum of `term` over the positions t = 1..T of the chain."""
    return sp.Sum(term, (_t, 1, _T))


MISTAKE_BOUND = _kappa * positions((_n + _t) * norm2(_t))
_moves = perceptron.moves(_j, updates(sample.symbol, _t))
PERCEPTRONS = (
    Forall((_t, _a, _i), eq(w(_t, 0, _a, _i), 0)),
    Forall((_t, _j, _a, _i), eq(w(_t, _j + 1, _a, _i), w(_t, _j, _a, _i) + c(_t, _j, _a) * f(_t, _j, _i))),
    Forall((_t, _j), eq(_rows(c(_t, _j, _a) ** 2), _kappa * _moves)),
    Forall((_t, _j), le(_features(f(_t, _j, _i) ** 2), _n + _t)),
    Forall((_t, _j), le(_rows(c(_t, _j, _a) * _features(w(_t, _j, _a, _i) * f(_t, _j, _i))), 0)),
    Forall((_t, _j), ge(_rows(c(_t, _j, _a) * _features(u(_t, _a, _i) * f(_t, _j, _i))), _moves)),
    Forall((_t,), le(_rows(_features(u(_t, _a, _i) ** 2)), norm2(_t))),
    Forall((_t,), gt(norm2(_t), 0)),
)
COUNTS = (
    Forall((_k,), le(bad(_k), positions(up(_k, _t)))),
    Forall((_t,), eq(running(0, _t), 0)),
    Forall((_k, _t), eq(running(_k + 1, _t), running(_k, _t) + up(_k, _t))),
    Forall((_t,), eq(running(_m, _t), updates(sample.symbol, _t))),
)
position_mistakes = Lemma(
    "autoregressive/position_mistakes",
    "Updates of the perceptron at position t",
    (n, rows, columns, kappa, sample),
    Forall((_t,), le(updates(sample.symbol, _t), _kappa * (_n + _t) * norm2(_t))),
    hypotheses=PERCEPTRONS,
    functions=(w, f, c, u, norm2),
    backing=derive().have(
        "position",
        Forall((_t,), le(updates(sample.symbol, _t), _kappa * (_n + _t) * norm2(_t))),
        by=[
            *(f"hypothesis {k}" for k in range(1, 8)),
            fact("hypothesis 8", t=_t),
            perceptron.mistakes.at(
                R2=_n + _t,
                B2=norm2(_t),
                M=updates(sample.symbol, _t),
                w=sp.Lambda((_j, _a, _i), w(_t, _j, _a, _i)),
                f=sp.Lambda((_j, _i), f(_t, _j, _i)),
                c=sp.Lambda((_j, _a), c(_t, _j, _a)),
                u=sp.Lambda((_a, _i), u(_t, _a, _i)),
            ),
        ],
    ),
)
chain_mistakes = Lemma(
    "autoregressive/chain_mistakes",
    "Presented chains with a miss",
    (n, T, m, rows, columns, kappa, sample),
    le(sp.Sum(bad(_k - 1), (_k, 1, _m)), MISTAKE_BOUND),
    hypotheses=(*PERCEPTRONS, *COUNTS),
    functions=(w, f, c, u, norm2, bad, up, running),
    statement="the positions are separate perceptrons, and a chain with a miss makes one of them update",
    backing=derive()
    .have(
        "positions",
        position_mistakes.conclusion,
        by=[*(f"hypothesis {k}" for k in range(1, 9)), position_mistakes.at()],
    )
    .have(
        "one more",
        Forall((_k,), eq(positions(running(_k + 1, _t)), positions(running(_k, _t) + up(_k, _t)))),
        by=[Termwise(), "hypothesis 11"],
    )
    .have(
        "linear",
        Forall(
            (_k,),
            eq(positions(running(_k, _t) + up(_k, _t)), positions(running(_k, _t)) + positions(up(_k, _t))),
        ),
        by=algebra,
    )
    .have("nothing yet", ge(positions(running(0, _t)), 0), by=[SingleTerm(1), "hypothesis 10"])
    .have(
        "every k",
        Forall((_j,), le(sp.Sum(bad(_k - 1), (_k, 1, _j)), positions(running(_j, _t)))),
        by=[
            Induction(_j),
            "nothing yet",
            fact("one more", k=_j),
            fact("linear", k=_j),
            fact("hypothesis 9", k=_j),
            quick,
        ],
    )
    .have(
        "term",
        Forall((_t,), le(running(_m, _t), _kappa * ((_n + _t) * norm2(_t)))),
        by=[fact("positions", t=_t), fact("hypothesis 12", t=_t), quick],
    )
    .have(
        "all positions",
        le(positions(running(_m, _t)), positions(_kappa * ((_n + _t) * norm2(_t)))),
        by=[Termwise(), "term"],
    )
    .have("factor", eq(positions(_kappa * ((_n + _t) * norm2(_t))), MISTAKE_BOUND), by=algebra)
    .have(
        "mistakes",
        le(sp.Sum(bad(_k - 1), (_k, 1, _m)), MISTAKE_BOUND),
        by=[fact("every k", j=_m), "all positions", "factor", quick],
    ),
)
no_negative_bound = Lemma(
    "autoregressive/no_negative_bound",
    "The bound of the mistakes is not negative",
    (n, T, kappa),
    ge(MISTAKE_BOUND, 0),
    hypotheses=PERCEPTRONS[-1:],
    functions=(norm2,),
    backing=derive()
    .have("term", Forall((_t,), ge((_n + _t) * norm2(_t), 0)), by=[fact("hypothesis 1", t=_t), quick])
    .have("sum", ge(positions((_n + _t) * norm2(_t)), 0), by=[SingleTerm(1), fact("term", t=_t), fact("term", t=1)])
    .have("bound", ge(MISTAKE_BOUND, 0), by=["sum", quick]),
)

_W, _F, _C, _up, _running = (sp.Function(name, real=True) for name in ("W", "F", "C", "upd", "run"))
_of = {
    w: sp.Lambda((_t, _j, _a, _i), _W(_h, _t, _j, _a, _i)),
    f: sp.Lambda((_t, _j, _i), _F(_h, _t, _j, _i)),
    c: sp.Lambda((_t, _j, _a), _C(_h, _t, _j, _a)),
    bad: sp.Lambda((_k,), seen(_k, _h)),
    up: sp.Lambda((_k, _t), _up(_h, _k, _t)),
    running: sp.Lambda((_k, _t), _running(_h, _k, _t)),
}


def _on_every_sample(proposition: Any) -> Forall:
    """A hypothesis about one sample, for every sample h."""
    given = substitute(proposition, {**_of, sample.symbol: _h})
    about_sample = any(_h in p.free_symbols for p in (given.body,))
    return Forall((_h, *given.variables), given.body, given.conditions) if about_sample else given


_every = tuple(_on_every_sample(p) for p in (*PERCEPTRONS, *COUNTS))
_losses = sp.Sum(seen(_k - 1, _h), (_k, 1, _m))
every_chain_mistakes = Lemma(
    "autoregressive/every_chain_mistakes",
    "Presented chains with a miss, on every sample",
    (n, T, m, rows, columns, kappa),
    Forall((_h,), le(_losses, MISTAKE_BOUND)),
    hypotheses=_every,
    functions=(_W, _F, _C, u, norm2, seen, _up, _running),
    backing=derive().have(
        "every sample",
        Forall((_h,), le(_losses, MISTAKE_BOUND)),
        by=[
            *(f"hypothesis {k}" for k in range(1, 13)),
            chain_mistakes.at(sample=_h, **{str(k): v for k, v in _of.items()}),
        ],
    ),
)
_voting = voted_failure.hypotheses[:-2]
_size = ge(KAPPA * _m * epsilon.symbol, 2 * (MISTAKE_BOUND - sp.log(delta.symbol)))
ar_perceptron = Claim(
    id="autoregressive/ar_perceptron",
    title="Mistakes on whole chains, and the vote of whole rollouts",
    kind=Kind.UPPER,
    text=(
        "A perceptron a position, teacher forced, updated at every position it got wrong or at the first one only: the "
        "number of presented chains with any miss is at most M = 2 sum_t R_t^2 B_t^2 with R_t^2 = n + t (sign "
        "features: sum_t R_t^2 |u_t|^2). After one pass over m independent chains, predicting by the plurality of the "
        "whole rollouts of the m iterates errs on more than epsilon of all chains with probability at most delta once "
        "m >= 2e/(e-1) (M + log(1/delta))/epsilon"
    ),
    parameters=(n, T, m, rows, columns, kappa, sample, examples, samples, epsilon, delta),
    hypotheses=(*_every, *_voting, _size),
    statements=(
        upper(_losses.xreplace({_h: sample.symbol}), MISTAKE_BOUND, label="mistakes"),
        upper(expected(fails(_h)), delta.symbol, trivial=1, label="voted"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/linear_decoder_as_stated",),
    remarks=(
        "With one weight matrix shared by all positions and a decoder of norm B with gap 1, updates at the first wrong "
        "position give M <= 2 R_T^2 B^2 without a factor T: each bad chain is one update of one perceptron.",
        "Says nothing when M is at least the number of distinct prompts.",
    ),
    derivation=derive()
    .have(
        "every sample",
        Forall((_h,), le(_losses, MISTAKE_BOUND)),
        by=[*(f"hypothesis {k}" for k in range(1, 13)), every_chain_mistakes.at()],
        note="a perceptron a position; every chain with a miss makes one update at least",
    )
    .have(
        "mistakes",
        le(_losses.xreplace({_h: sample.symbol}), MISTAKE_BOUND),
        by=fact("every sample", h=sample.symbol),
    )
    .have("not negative", ge(MISTAKE_BOUND, 0), by=["hypothesis 8", no_negative_bound.at()])
    .have(
        "voted",
        le(expected(fails(_h)), delta.symbol),
        by=[
            *(f"hypothesis {k}" for k in range(13, 13 + len(_voting) + 1)),
            "every sample",
            "not negative",
            voted_failure.at(M=MISTAKE_BOUND),
        ],
        note="online to batch: the exponential supermartingale of the misses, Markov's inequality, then the vote",
    ),
)
