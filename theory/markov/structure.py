"""Blocks, paths and recurrent classes of Q (specification 2.A).

Main statements
    block_structure      short contexts die out in K-1 steps; full contexts are reached by every path
    path_product         an entry of A = P_R^K is one product along a path, and eps is its minimum
    ergodic_as_stated    "the chain on all states is ergodic", as stated
    ergodic_unichain     full contexts are the only recurrent class, aperiodic; the stationary law is unique
    truncated_decoding   without positivity several classes and periods are possible
    window_chain         windows of a source of memory at most K form a Markov chain (and not otherwise)
"""

from __future__ import annotations

import networkx as nx
import sympy as sp

from theory.assumption import FINITE_WINDOW, POSITIVE
from theory.claim import Claim, Kind, Statement, Status, equal
from theory.derivation import derive
from theory.justification import Computation, Induction, algebra, decide, fact, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.parameters import K, T
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, gt, le, lt
from theory.source import OWN, Source
from theory.verdict import Verdict

_T, _K = T.symbol, K.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)
_l = sp.Symbol("l", integer=True, positive=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)

steps = Parameter("k", "k", "number of steps", integers(K.symbol), (1, 20), "steps")

_length = sp.Function("length_after", integer=True, positive=True)
length_after = Definition(
    "markov/length_after",
    _length,
    "length_after(l, k) = length of the state k steps after a state of length l <= K: a step adds a token, and keeps the last K",
    equations=(
        Forall((_l,), eq(_length(_l, 0), _l)),
        Forall((_l, _k), eq(_length(_l, _k + 1), sp.Min(_K, _length(_l, _k) + 1))),
    ),
)
_nilpotency = sp.Function("nilpotency_index", integer=True, nonnegative=True)
nilpotency_index = Definition(
    "markov/nilpotency_index",
    _nilpotency,
    "nilpotency_index(K) = least k with P_T^k = 0: least k after which every state has length K (0 for K = 1, no short states)",
)
_entry = sp.Function("least_full_entry", real=True)
least_full_entry = Definition(
    "markov/least_full_entry", _entry, "least_full_entry(k) = min of Q^k(i, j) over states i and full contexts j"
)
_short = sp.Function("short_mass", real=True, nonnegative=True)
short_mass = Definition(
    "markov/short_mass", _short, "short_mass(k) = max over starts of the probability of a context shorter than K after k steps"
)
_gap = sp.Function("characteristic_mismatch", real=True, nonnegative=True)
characteristic_mismatch = Definition(
    "markov/characteristic_mismatch",
    _gap,
    "characteristic_mismatch() = largest coefficient of chi_Q(x) - x^(n_S - T^K) chi_{P_R}(x), relative to the largest of chi_Q",
)

lengths_grow = Lemma(
    "markov/lengths_grow",
    "After k steps a state of length l has length min(K, l + k)",
    (K,),
    Forall((_l, _k), eq(_length(_l, _k), sp.Min(_K, _l + _k)), (le(_l, _K),)),
    backing=derive().have(
        "min",
        Forall((_l, _k), eq(_length(_l, _k), sp.Min(_K, _l + _k)), (le(_l, _K),)),
        by=[Induction(_k), unfold(length_after, l=_l, k=_k), unfold(length_after, l=_l)],
    ),
)
