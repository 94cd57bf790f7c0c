"""The house of cards: coupling token by token (specification 2.B).

Two copies of the chain draw their next tokens together; if their contexts agree on the last k tokens, the next ones
agree with probability at least beta_k (D10), else agreement falls to 0. After K agreements in a row they are equal.

Main statements
    convergence_house_of_cards   dbar(n) <= h(n), and d_TV(Q^n(i,.), pi) <= h(n-(K-ell)); h(K) = 1 - prod beta_k
    hoc_time                     expected time to coalesce, sum_{j<K} prod_{k<j} beta_k / prod_{k<K} beta_k
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Gap, Induction, decide, fact, quick, unfold
from theory.lemma import Citation, Definition, Lemma
from theory.markov.full_contexts import full_distance, mixture_of_full_contexts, reaches_full_contexts
from theory.markov.parameters import K, ell, n, start_distance
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, gt, le
from theory.source import OWN, Source

_K, _n, _l = K.symbol, n.symbol, ell.symbol
_t = sp.Symbol("t_", integer=True, nonnegative=True)
_j = sp.Symbol("j", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)

overlap_after = opaque(
    "markov/overlap_after",
    "overlap_after(k) = beta_k (D10), positive here",
    latex=r"\beta_k",
    bounds=(0, 1),
    positive=True,
)
full_pair_distance_of_contexts = opaque(
    "markov/full_pair_distance_of_contexts",
    "full_pair_distance_of_contexts(t) = dbar(t) over full contexts (D7)",
    latex=r"\bar d_{\mathcal R}(t)",
    bounds=(0, 1),
    nonnegative=True,
)
_h = sp.Function("house_of_cards", real=True, nonnegative=True)
_level = sp.Function("agreement", real=True, nonnegative=True)
_products = sp.Function("agreement_product", real=True, positive=True)
agreement = Definition(
    "markov/agreement",
    _level,
    "agreement(t, k) = mass at agreement k after t steps from agreement 0 (D11); none above t",
    (
        eq(_level(0, 0), 1),
        Forall((_t, _k), eq(_level(_t + 1, _k + 1), overlap_after(_k) * _level(_t, _k))),
    ),
    bounds=(0, 1),
    range_by=(unfold(overlap_after),),
)
house_of_cards = Definition(
    "markov/house_of_cards",
    _h,
    "house_of_cards(t) = h(t) = mass that has not coalesced after t steps from agreement 0 (D11); "
    "none coalesces before step K, then beta_(K-1) of the mass at agreement K-1 does",
    (
        Forall((_t,), eq(_h(_t), 1), (le(_t, _K - 1),)),
        eq(_h(_K), 1 - overlap_after(_K - 1) * _level(_K - 1, _K - 1)),
    ),
    latex="h(t)",
    bounds=(0, 1),
    range_by=(unfold(agreement), unfold(overlap_after)),
)
agreement_product = Definition(
    "markov/agreement_product",
    _products,
    "agreement_product(j) = beta_0 ... beta_(j-1)",
    (eq(_products(0), 1), Forall((_j,), eq(_products(_j + 1), _products(_j) * overlap_after(_j)))),
    bounds=(0, 1),
    range_by=(unfold(overlap_after),),
)
_coupling = Source("bressaud1999", "coupling with the house-of-cards process", recheck=True)
coupling_dominated = Lemma(
    "markov/coupling_dominated",
    "The maximal coupling of next tokens coalesces no later than the house of cards",
    (n,),
    le(full_pair_distance_of_contexts(_n), house_of_cards(_n)),
    derive().have(
        "coupling",
        le(full_pair_distance_of_contexts(_n), house_of_cards(_n)),
        by=Gap("own coupling proof of the specification, not formalised: beta_k grows with k, so h dominates"),
        note="the idea is that of Bressaud, Fernandez and Galves (1999)",
    ),
)
distance_of_pairs = Lemma(
    "markov/distance_of_pairs",
    "d <= dbar: pi is a mixture of laws from all starts",
    (n,),
    le(full_distance(_n), full_pair_distance_of_contexts(_n)),
    Citation(Source("levin2017", "Lemma 4.10")),
)

convergence_house_of_cards = Claim(
    id="markov/convergence_house_of_cards",
    title="Convergence by coupling token by token",
    kind=Kind.UPPER,
    text=(
        "dbar(n) <= h(n) = e_0^T H^n 1 over full starts; d_TV(Q^n(i,.), pi) <= h(n-(K-ell)) from length ell "
        "and n >= K-ell; h(K) = 1 - prod_{k<K} beta_k"
    ),
    parameters=(K, n, ell),
    assumptions=(POSITIVE,),
    hypotheses=(reaches_full_contexts,),
    statements=(
        upper(start_distance(_l, _n), house_of_cards(_n - _K + _l), trivial=1, label="starts of length ell"),
        upper(full_pair_distance_of_contexts(_n), house_of_cards(_n), trivial=1, label="pairs"),
        equal(house_of_cards(_K), 1 - agreement_product(_K), label="one window"),
    ),
    source=_coupling,
    status=Status.SHARPENED,
    sharpens=("markov/convergence_as_stated",),
    derivation=derive(start_distance(_l, _n))
    .le(full_distance(_n - _K + _l), by=mixture_of_full_contexts.at(), name="full contexts")
    .le(full_pair_distance_of_contexts(_n - _K + _l), by=distance_of_pairs.at(n=_n - _K + _l), name="pairs of starts")
    .le(house_of_cards(_n - _K + _l), by=coupling_dominated.at(n=_n - _K + _l), name="house of cards")
    .have("pairs", le(full_pair_distance_of_contexts(_n), house_of_cards(_n)), by=coupling_dominated.at())
    .have(
        "climb",
        Forall((_j,), eq(agreement(_j, _j), agreement_product(_j))),
        by=[
            Induction(_j),
            unfold(agreement, t_=_j, k=_j),
            unfold(agreement_product, j=_j),
            quick,
        ],
        note="only an unbroken run of agreements reaches agreement j in j steps",
    )
    .have("top", eq(agreement(_K - 1, _K - 1), agreement_product(_K - 1)), by=fact("climb", j=_K - 1))
    .have(
        "one window",
        eq(house_of_cards(_K), 1 - agreement_product(_K)),
        by=["top", unfold(house_of_cards, t_=0), unfold(agreement_product, j=_K - 1), quick],
    ),
)

steps_to_coalesce = opaque(
    "markov/steps_to_coalesce",
    "steps_to_coalesce() = expected steps to coalescence from agreement 0",
    latex="E",
    nonnegative=True,
)
_wait = sp.Function("waiting", real=True)
waiting = Definition(
    "markov/waiting",
    _wait,
    "waiting(k) = expected steps to coalescence from agreement k <= K, each from the one before by first-step analysis "
    "at k: E_k = 1 + beta_k E_(k+1) + (1 - beta_k) E_0 (beyond K the recursion only continues, since every beta_k > 0)",
    (
        eq(_wait(0), steps_to_coalesce()),
        Forall(
            (_k,),
            eq(_wait(_k + 1), (_wait(_k) - 1 - (1 - overlap_after(_k)) * steps_to_coalesce()) / overlap_after(_k)),
        ),
    ),
    latex="E_k",
)
_first_step = Source("norris1997", "Theorem 1.3.5, mean hitting times")
nothing_to_wait = Lemma(
    "markov/nothing_to_wait",
    "At agreement K the copies have coalesced: this fixes the expected time from agreement 0",
    (K,),
    eq(waiting(_K), 0),
    Citation(_first_step),
)
survival = opaque("markov/survival", "survival(K) = sum_{n>=0} h(n)", latex=r"\sum_{n \ge 0} h(n)")
p = Parameter("p", "p", "probability of a flip", reals(0, sp.Rational(1, 2), open="both"), (0.01, 0.49))
_p = p.symbol
tail_sum = Lemma(
    "markov/tail_sum",
    "The expected time is the sum of the probabilities of not having coalesced",
    (K,),
    eq(survival(_K), waiting(0)),
    Citation(Source("levin2017", "expectation as a sum of tail probabilities", recheck=True)),
)
parity_steps = opaque(
    "markov/parity_steps",
    "parity_steps() = steps_to_coalesce() of the parity register, which has K = 3 and beta_k = 2p for every k < 3",
    nonnegative=True,
)
_parity_wait = sp.Function("parity_waiting", real=True)
parity_waiting = Definition(
    "markov/parity_waiting",
    _parity_wait,
    "parity_waiting(k) = waiting(k) of the parity register",
    (
        eq(_parity_wait(0), parity_steps()),
        Forall((_k,), eq(_parity_wait(_k + 1), (_parity_wait(_k) - 1 - (1 - 2 * _p) * parity_steps()) / (2 * _p))),
    ),
)
parity_nothing_to_wait = Lemma(
    "markov/parity_nothing_to_wait",
    "At agreement 3 the copies of the parity register have coalesced",
    (p,),
    eq(parity_waiting(3), 0),
    Citation(_first_step),
)
_sum = sp.Sum(agreement_product(_x), (_x, 0, _j))
_whole_sum = sp.Sum(agreement_product(_x), (_x, 0, _K - 1))
_runs = eq(
    waiting(0), _sum + agreement_product(_j + 1) * waiting(_j + 1) + (1 - agreement_product(_j + 1)) * waiting(0)
)
hoc_time = Claim(
    id="markov/hoc_time",
    title="Expected time to coalesce",
    kind=Kind.EQUALITY,
    text=(
        "E = e_0^T (I-H)^-1 1 = sum_{j<K} prod_{k<j} beta_k / prod_{k<K} beta_k from agreement 0, and sum_n h(n) = E; "
        "for the parity register (1+2p+4p^2)/(8p^3)"
    ),
    parameters=(K, p),
    statements=(
        equal(waiting(0), _whole_sum / agreement_product(_K), label="time"),
        equal(survival(_K), _whole_sum / agreement_product(_K), label="sum of h"),
        equal(_parity_wait(0), (1 + 2 * _p + 4 * _p**2) / (8 * _p**3), label="parity"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("empty product", eq(agreement_product(0), 1), by=unfold(agreement_product, j=0))
    .have("one factor", eq(agreement_product(1), overlap_after(0)), by=[unfold(agreement_product, j=0), quick])
    .have(
        "first step",
        eq(waiting(0), 1 + overlap_after(0) * waiting(1) + (1 - overlap_after(0)) * waiting(0)),
        by=unfold(waiting, k=0),
    )
    .have(
        "runs",
        Forall((_j,), _runs),
        by=[
            Induction(_j),
            "empty product",
            "one factor",
            "first step",
            unfold(waiting, k=_j + 1),
            unfold(agreement_product, j=_j + 1),
            quick,
        ],
        note="a run of j agreements costs the sum of the chances of having come so far",
    )
    .have("end", eq(waiting(_K), 0), by=nothing_to_wait.at())
    .have(
        "balance",
        eq(waiting(0) * agreement_product(_K), _whole_sum),
        by=[fact("runs", j=_K - 1), "end", quick],
    )
    .have("positive", gt(agreement_product(_K), 0), by=quick)
    .have("time", eq(waiting(0), _whole_sum / agreement_product(_K)), by=["balance", "positive", decide])
    .have("sum of h", eq(survival(_K), _whole_sum / agreement_product(_K)), by=["time", tail_sum.at(), quick])
    .have("parity, end", eq(_parity_wait(3), 0), by=parity_nothing_to_wait.at())
    .have(
        "parity, first steps",
        eq((2 * _p) ** 3 * _parity_wait(0), 1 + 2 * _p + (2 * _p) ** 2),
        by=[
            unfold(parity_waiting, k=0),
            unfold(parity_waiting, k=1),
            unfold(parity_waiting, k=2),
            "parity, end",
            quick,
        ],
        note="the balance above at K = 3 and beta_k = 2p",
    )
    .have(
        "parity",
        eq(_parity_wait(0), (1 + 2 * _p + 4 * _p**2) / (8 * _p**3)),
        by=["parity, first steps", decide],
    ),
)
