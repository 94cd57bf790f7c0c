"""Turing machines by chains of tokens (specification `autoregressive` 2E)."""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower
from theory.define import defined
from theory.derivation import derive
from theory.justification import SingleTerm, algebra, decide, unfold
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

tau = Parameter("tau", r"\tau", "number of steps of the machine", integers(1), (1, 1000), "steps")
tapes = Parameter("k", "k", "number of tapes", integers(1), (1, 4))
wrong = Parameter(
    "wrong", "j_0", "a component in which a token differs from the true one", integers(0, tapes.symbol), (0, 4)
)

_t = sp.Symbol("t", integer=True, positive=True)
_j = sp.Symbol("j", integer=True, nonnegative=True)
_agrees = sp.Function("agrees", real=True)

oblivious_chain_length = defined(
    "autoregressive/oblivious_chain_length",
    "tokens of the chain: one for each step 1..tau of the machine, then the answer",
    (_t,),
    sp.Sum(1, (_j, 1, _t)) + 1,
    integer=True,
    nonnegative=True,
)
token_gap = defined(
    "autoregressive/token_gap",
    "score of the true token minus score of another: the state and each of the k tapes contribute one indicator each, "
    "so the true token scores Sum_{j=0}^k 1 and the other Sum_{j=0}^k agrees(j), agrees(j) in {0, 1}",
    (_t,),
    sp.Sum(1 - _agrees(_j), (_j, 0, _t)),
)

turing_oblivious = Claim(
    id="autoregressive/turing_oblivious",
    title="One token per step of an oblivious machine",
    kind=Kind.EQUALITY,
    text=(
        "An oblivious machine with k tapes running tau steps compiles to a chain of exactly tau + 1 tokens over "
        "Q x Gamma^k, with gap at least 1 at every token"
    ),
    parameters=(tau, tapes, wrong),
    hypotheses=(
        Forall((_j,), ge(_agrees(_j), 0)),
        Forall((_j,), le(_agrees(_j), 1)),
        eq(_agrees(wrong.symbol), 0),
    ),
    statements=(
        equal(oblivious_chain_length(tau.symbol), tau.symbol + 1, label="length"),
        lower(token_gap(tapes.symbol), 1, label="gap"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "one token a step",
        eq(oblivious_chain_length(tau.symbol), sp.Sum(1, (_j, 1, tau.symbol)) + 1),
        by=unfold(oblivious_chain_length, t=tau.symbol),
    )
    .have("count", eq(sp.Sum(1, (_j, 1, tau.symbol)) + 1, tau.symbol + 1), by=algebra)
    .have("length", eq(oblivious_chain_length(tau.symbol), tau.symbol + 1), by=["one token a step", "count"])
    .have(
        "another token misses a component",
        ge(sp.Sum(1 - _agrees(_j), (_j, 0, tapes.symbol)), 1),
        by=[SingleTerm(wrong.symbol), "hypothesis 2", "hypothesis 3"],
    )
    .have(
        "gap",
        ge(token_gap(tapes.symbol), 1),
        by=[unfold(token_gap, t=tapes.symbol), "another token misses a component", decide],
    ),
)
