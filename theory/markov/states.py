"""Counting states and transitions (specification 2.A).

Main statements
    state_count               T (T^K - 1)/(T - 1) strings of length 1..K
    printed_incompatibility   the printed rule for impossible transitions, as stated
    transition_rule           the rule the proofs use: u -> u x, with T successors and row sum 1
    sparsity                  share of entries of Q that are not zero
"""

from __future__ import annotations

import sympy as sp

from theory.assumption import POSITIVE
from theory.claim import Claim, Kind, Status, equal
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Gap, Induction, Termwise, algebra, fact, unfold
from theory.lemma import Definition, Lemma
from theory.markov.parameters import K, T
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq
from theory.source import OWN, Source
from theory.verdict import Verdict

_k = sp.Symbol("k", integer=True, nonnegative=True)
_j = sp.Symbol("j", integer=True, positive=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_y = sp.Symbol("y", integer=True, nonnegative=True)
_u = sp.Symbol("u", integer=True, nonnegative=True)
_v = sp.Symbol("v", integer=True, nonnegative=True)
_i = sp.Symbol("i", integer=True, nonnegative=True)
_T, _K = T.symbol, K.symbol

_strings = sp.Function("strings", integer=True, nonnegative=True)
_entry = sp.Function("transition_entry", real=True, nonnegative=True)

strings = Definition(
    "markov/strings",
    _strings,
    "strings(k) = number of strings of k tokens: a string of k+1 tokens is one of k tokens and a further one (D1, D2)",
    equations=(eq(_strings(0), 1), Forall((_k,), eq(_strings(_k + 1), _T * _strings(_k)))),
)
states = Definition(
    "markov/states",
    sp.Function("states", integer=True, nonnegative=True),
    "states(T, K) = number of strings of length 1..K (D2)",
    equations=(eq(sp.Function("states", integer=True, nonnegative=True)(_T, _K), sp.Sum(_strings(_j), (_j, 1, _K))),),
    latex="n_S",
)
successor = defined(
    "markov/successor",
    "successor(u, x) = index of the full context u x, the last K tokens of (u, x), in base T: the oldest token, "
    "floor(u / T^(K-1)), is dropped, and x is appended (D3, D5)",
    (_u, _x),
    (_u - _T ** (_K - 1) * sp.floor(_u / _T ** (_K - 1))) * _T + _x,
    integer=True,
    nonnegative=True,
)
short_successor = defined(
    "markov/short_successor",
    "short_successor(i, x) = index (D3) of s x for the context s shorter than K with index i: nothing is dropped",
    (_i, _x),
    (_i + 1) * _T + _x,
    integer=True,
    nonnegative=True,
)
row_sum = defined(
    "markov/row_sum",
    "row_sum(u) = sum of the row of u in Q: of Q(u, v) over the full contexts v",
    (_u,),
    sp.Sum(_entry(_u, _v), (_v, 0, _T**_K - 1)),
)
next_token_probability = opaque(
    "markov/next_token_probability",
    "next_token_probability(x, u) = P(x | u), token x after the context u (D3)",
    nonnegative=True,
)
transition_entry = Definition(
    "markov/transition_entry", _entry, "transition_entry(u, v) = Q(u, v): P(x | u) if v = u x for a token x, else 0"
)

_state = Parameter("u", "u", "index of a full context", integers(0, _T**_K - 1), (0, 7))
successors = opaque(
    "markov/successors",
    "successors(u) = number of states v with Q(u, v) > 0, for a full context u of a positive model",
    integer=True,
    nonnegative=True,
)
row_nonzeros = opaque(
    "markov/row_nonzeros",
    "row_nonzeros(i) = number of states v with Q(i, v) > 0, for the state numbered i, of whatever length, of a "
    "positive model",
    integer=True,
    nonnegative=True,
)
compatible_pairs = opaque(
    "markov/compatible_pairs",
    "pairs (u, v) of states that are not incompatible in the sense of D25",
    integer=True,
    nonnegative=True,
)
rejected_transitions = opaque(
    "markov/rejected_transitions",
    "transitions of positive probability that D25 calls incompatible",
    integer=True,
    nonnegative=True,
)
nonzeros = Definition(
    "markov/nonzeros",
    sp.Function("nonzeros", integer=True, nonnegative=True),
    "nonzeros(T, K) = non-zero entries of Q, counted row by row",
    equations=(
        eq(
            sp.Function("nonzeros", integer=True, nonnegative=True)(_T, _K),
            sp.Sum(row_nonzeros(_i), (_i, 0, states(_T, _K) - 1)),
        ),
    ),
)
proportion = Definition(
    "markov/proportion",
    sp.Function("proportion", real=True),
    "proportion(T, K) = nonzeros / n_S^2",
    equations=(eq(sp.Function("proportion", real=True)(_T, _K), nonzeros(_T, _K) / states(_T, _K) ** 2),),
)

strings_up_to = Lemma(
    "markov/strings_up_to",
    "Number of strings of at most k tokens",
    (T,),
    Forall((_k,), eq(sp.Sum(_strings(_j), (_j, 1, _k)), _T * (_T**_k - 1) / (_T - 1))),
    backing=derive()
    .have(
        "strings",
        Forall((_k,), eq(_strings(_k), _T**_k)),
        by=[Induction(_k), unfold(strings, k=_k)],
        note="T choices for each further token",
    )
    .have(
        "geometric sum",
        Forall((_k,), eq(sp.Sum(_T**_j, (_j, 1, _k)), _T * (_T**_k - 1) / (_T - 1))),
        by=Induction(_k),
    )
    .have(
        "by length",
        Forall((_k,), eq(sp.Sum(_strings(_j), (_j, 1, _k)), sp.Sum(_T**_j, (_j, 1, _k)))),
        by=[Termwise(), fact("strings", k=_j)],
        note="T^k strings of length k",
    )
    .have(
        "sum",
        Forall((_k,), eq(sp.Sum(_strings(_j), (_j, 1, _k)), _T * (_T**_k - 1) / (_T - 1))),
        by=[fact("by length", k=_k), fact("geometric sum", k=_k)],
    ),
)

state_count = Claim(
    id="markov/state_count",
    title="Number of states",
    kind=Kind.EQUALITY,
    text="The chain of a model with T tokens and window K has T (T^K - 1)/(T - 1) states, the strings of length 1..K",
    parameters=(T, K),
    statements=(equal(states(_T, _K), _T * (_T**_K - 1) / (_T - 1)),),
    source=Source("zekri2024", "Prop. 3.2", "v2"),
    status=Status.AS_STATED,
    derivation=derive(states(_T, _K))
    .have("strings up to", strings_up_to.conclusion, by=strings_up_to.at())
    .eq(sp.Sum(_strings(_j), (_j, 1, _K)), by=unfold(states), name="by length")
    .eq(_T * (_T**_K - 1) / (_T - 1), by=fact("strings up to", k=_K), name="sum"),
)

printed_incompatibility = Claim(
    id="markov/printed_incompatibility",
    title="The printed rule for impossible transitions",
    kind=Kind.STRUCTURAL,
    text=(
        "Q(u, v) is the next-token probability of v's last token unless v is incompatible with u, that is, unless some "
        "l in 1..|u|-1 has u_{l+1} different from v_l (a missing v_l differs)"
    ),
    parameters=(T, K),
    statements=(
        equal(compatible_pairs(_T, _K), _T * states(_T, _K), label="pairs called compatible"),
        equal(rejected_transitions(_T, _K), 0, label="true transitions rejected"),
    ),
    source=Source("zekri2024", "Def. 3.1", "v2"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="it puts no condition on the length of v, and rejects the transitions out of short non-constant contexts",
)

_injective = Forall((_x, _y), eq(_x, _y), (eq(successor(_state.symbol, _x), successor(_state.symbol, _y)),))
_injective_short = Forall((_i, _x, _y), eq(_x, _y), (eq(short_successor(_i, _x), short_successor(_i, _y)),))


def _counted(name: str, title: str, parameters: object, conclusion: object, reason: str, **rest: object) -> Lemma:
    """An own counting argument that is not formalised."""
    backing = derive().have("counted", conclusion, by=Gap(reason))
    return Lemma(f"markov/{name}", title, parameters, conclusion, backing, **rest)  # type: ignore[arg-type]  # as given


row_by_tokens = _counted(
    "row_by_tokens",
    "If x -> u x is injective, the row of u in Q sums P(x | u) over the tokens",
    (T, K, _state),
    eq(row_sum(_state.symbol), sp.Sum(next_token_probability(_x, _state.symbol), (_x, 0, _T - 1))),
    "re-indexing a sum over states by the tokens that lead there, an injective map: not formalised",
    hypotheses=(_injective,),
)
successors_by_tokens = _counted(
    "successors_by_tokens",
    "If x -> u x is injective and the model positive, u has one successor for each token",
    (T, K, _state),
    eq(successors(_state.symbol), sp.Sum(1, (_x, 0, _T - 1))),
    "the image of the T tokens under an injective map has T elements: not formalised",
    hypotheses=(_injective,),
)
rows_by_tokens = _counted(
    "rows_by_tokens",
    "Every row of a positive model, of a full context as of a shorter one, has T non-zero entries",
    (T, K),
    Forall((_i,), eq(row_nonzeros(_i), _T)),
    "the image of the T tokens under x -> u x, injective from every state (markov/transition_rule): not formalised",
)

transition_rule = Claim(
    id="markov/transition_rule",
    title="The transition rule that the counts and proofs use",
    kind=Kind.STRUCTURAL,
    text=(
        "From u the chain moves to u x, the last K tokens of (u, x), with probability P(x | u): every row of Q sums to "
        "1, and a positive model has exactly T non-zeros in every row"
    ),
    parameters=(T, K, _state),
    assumptions=(POSITIVE,),
    hypotheses=(eq(sp.Sum(next_token_probability(_x, _state.symbol), (_x, 0, _T - 1)), 1),),
    statements=(
        equal(row_sum(_state.symbol), 1, label="row sum"),
        equal(successors(_state.symbol), _T, label="non-zeros"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    corrects=("markov/printed_incompatibility",),
    derivation=derive()
    .have(
        "injective",
        _injective,
        by=[unfold(successor, u=_state.symbol, x=_x), unfold(successor, u=_state.symbol, x=_y)],
        note="x -> u x is injective, so the T tokens lead to T different states",
    )
    .have(
        "injective from shorter contexts",
        _injective_short,
        by=[unfold(short_successor, i=_i, x=_x), unfold(short_successor, i=_i, x=_y)],
    )
    .have(
        "tokens of the row",
        eq(row_sum(_state.symbol), sp.Sum(next_token_probability(_x, _state.symbol), (_x, 0, _T - 1))),
        by=["injective", row_by_tokens.at()],
    )
    .have("row sum", eq(row_sum(_state.symbol), 1), by=["tokens of the row", "hypothesis 1"])
    .have(
        "non-zeros",
        eq(successors(_state.symbol), _T),
        by=["injective", successors_by_tokens.at()],
        note="one for each token, all different",
    ),
)

sparsity = Claim(
    id="markov/sparsity",
    title="Share of non-zero entries of Q",
    kind=Kind.EQUALITY,
    text="A positive model has T n_S non-zero transition probabilities, a share (T - 1)/(T^K - 1) of all entries of Q",
    parameters=(T, K),
    assumptions=(POSITIVE,),
    statements=(
        equal(proportion(_T, _K), (_T - 1) / (_T**_K - 1), label="proportion"),
        equal(nonzeros(_T, _K), _T**2 * (_T**_K - 1) / (_T - 1), label="non-zeros"),
    ),
    source=Source("zekri2024", "Prop. 3.2", "v2"),
    status=Status.AS_STATED,
    derivation=derive(proportion(_T, _K))
    .have("row", rows_by_tokens.conclusion, by=rows_by_tokens.at())
    .have(
        "row by row",
        eq(sp.Sum(row_nonzeros(_i), (_i, 0, states(_T, _K) - 1)), sp.Sum(_T, (_i, 0, states(_T, _K) - 1))),
        by=[Termwise(), fact("row", i=_i)],
    )
    .have("constants", Forall((_k,), eq(sp.Sum(_T, (_i, 0, _k - 1)), _T * _k)), by=Induction(_k))
    .have(
        "constant",
        eq(sp.Sum(_T, (_i, 0, states(_T, _K) - 1)), _T * states(_T, _K)),
        by=fact("constants", k=states(_T, _K)),
    )
    .have("rows", eq(nonzeros(_T, _K), _T * states(_T, _K)), by=[unfold(nonzeros), "row by row", "constant"])
    .have("states", eq(states(_T, _K), _T * (_T**_K - 1) / (_T - 1)), by=state_count.at())
    .have("non-zeros", eq(nonzeros(_T, _K), _T**2 * (_T**_K - 1) / (_T - 1)), by=["rows", "states"])
    .eq(nonzeros(_T, _K) / states(_T, _K) ** 2, by=unfold(proportion), name="share")
    .eq((_T - 1) / (_T**_K - 1), by=["non-zeros", "states", algebra], name="simplify"),
)
