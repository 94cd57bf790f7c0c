"""Single tokens of large dictionaries (specification `autoregressive` 2D).

Main statements
    bucket_token         floor(r/m) is one linear token, with its exact gap
    conjunction_token    a tuple of context tokens, and any function of one token, is one token
    dictionary_tradeoff  with a large enough dictionary two tokens compute anything
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, SingleTerm, algebra, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

# -- floor division ------------------------------------------------------------------------------------------

m = Parameter("m", "m", "place of the digit", integers(1), (1, 8))
q = Parameter("q", "q", "number of digits", integers(2), (2, 5))
digit = Parameter("digit", "d^*", "the true digit floor(r/m)", integers(0, q.symbol - 1), (0, 4))
left = Parameter("left", "u", "remainder r mod m", integers(0, m.symbol - 1), (0, 7))
lower_digit = Parameter("below", "d", "a digit below the true one", integers(0), (0, 4))
higher_digit = Parameter("above", "d", "a digit above the true one", integers(0, q.symbol - 1), (0, 4))
_m, _q, _d, _u, _b, _a = (p.symbol for p in (m, q, digit, left, lower_digit, higher_digit))
_r = _m * _d + _u

_x, _y, _z = (sp.Symbol(name, integer=True) for name in "xyz")
bucket_score = defined(
    "autoregressive/bucket_score",
    "bucket_score(d, r, m) = score of digit d, linear in r",
    (_x, _y, _z),
    2 * _x * _y + _x - _z * _x * (_x + 1),
    integer=True,
)


def _advantage(over: sp.Expr) -> sp.Expr:
    """Score of the true digit minus that of another."""
    return bucket_score(_d, _r, _m) - bucket_score(over, _r, _m)


bucket_token = Claim(
    id="autoregressive/bucket_token",
    title="Floor division is one linear token",
    kind=Kind.EQUALITY,
    text=(
        "For integers q >= 2, m >= 1, 0 <= r < q m, with r linear in one-hot tokens, the arg max over d in 0..q-1 of "
        "2 d r + d - m d (d + 1) is floor(r/m). With u = r mod m the gap is the smaller of 2 u + 1 (if the digit is "
        "not 0) and 2 (m - 1 - u) + 1 (if it is not q - 1)"
    ),
    parameters=(m, q, digit, left, lower_digit, higher_digit),
    hypotheses=(le(_b, _d - 1), ge(_a, _d + 1)),
    statements=(
        equal(sp.floor(_r / _m), _d, label="digit"),
        equal(_advantage(_d - 1), 2 * _u + 1, label="next below"),
        equal(_advantage(_d + 1), 2 * (_m - 1 - _u) + 1, label="next above"),
        lower(_advantage(_b), 2 * _u + 1, trivial=0, label="below"),
        lower(_advantage(_a), 2 * (_m - 1 - _u) + 1, trivial=0, label="above"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("digit", eq(sp.floor(_r / _m), _d), by=decide)
    .have(
        "own",
        eq(bucket_score(_d, _r, _m), 2 * _d * _r + _d - _m * _d * (_d + 1)),
        by=unfold(bucket_score, x=_d, y=_r, z=_m),
    )
    .have(
        "step of the score",
        Forall((_x,), eq(bucket_score(_x, _r, _m) - bucket_score(_x - 1, _r, _m), 2 * _r + 1 - 2 * _m * _x)),
        by=[unfold(bucket_score, x=_x, y=_r, z=_m), unfold(bucket_score, x=_x - 1, y=_r, z=_m), quick],
        note="odd, positive exactly for r >= m d, and falling in d: the score has one peak",
    )
    .have("next below", eq(_advantage(_d - 1), 2 * _u + 1), by=[fact("step of the score", x=_d), quick])
    .have("next above", eq(_advantage(_d + 1), 2 * (_m - 1 - _u) + 1), by=[fact("step of the score", x=_d + 1), quick])
    .have(
        "below, factored",
        eq(_advantage(_b), (_d - _b) * (2 * _u + 1 + _m * (_d - _b - 1))),
        by=["own", unfold(bucket_score, x=_b, y=_r, z=_m), quick],
    )
    .have(
        "above, factored",
        eq(_advantage(_a), (_a - _d) * (2 * (_m - 1 - _u) + 1 + _m * (_a - _d - 1))),
        by=["own", unfold(bucket_score, x=_a, y=_r, z=_m), quick],
    )
    .have(
        "product below",
        ge((_d - _b) * (2 * _u + 1 + _m * (_d - _b - 1)), 2 * _u + 1),
        by=["hypothesis 1", decide],
    )
    .have(
        "product above",
        ge((_a - _d) * (2 * (_m - 1 - _u) + 1 + _m * (_a - _d - 1)), 2 * (_m - 1 - _u) + 1),
        by=["hypothesis 2", decide],
    )
    .have("below", ge(_advantage(_b), 2 * _u + 1), by=["below, factored", "product below"])
    .have("above", ge(_advantage(_a), 2 * (_m - 1 - _u) + 1), by=["above, factored", "product above"]),
)

# -- tuples and lookups --------------------------------------------------------------------------------------

parts = Parameter("r", "r", "number of context tokens in the tuple, less one", integers(0), (0, 4))
wrong = Parameter(
    "wrong", "j_0", "a part in which a tuple differs from the true one", integers(0, parts.symbol), (0, 4)
)
alphabet = Parameter("alphabet", r"|\mathcal A|", "size of the alphabet of the one context token", integers(1), (1, 8))
K = Parameter("K", "K", "size of the dictionary", integers(2), (2, 4), "tokens")
fan_in = Parameter("fan_in", "r", "fan-in of the gates", integers(1), (1, 4))
gates = Parameter("gates", "s", "gates of a circuit of arbitrary gates", integers(1), (1, 8))
_p, _w, _A, _K, _f, _s = (p.symbol for p in (parts, wrong, alphabet, K, fan_in, gates))
_j = sp.Symbol("j", integer=True, nonnegative=True)
_i = sp.Symbol("i", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, positive=True)
_l = sp.Symbol("l", integer=True, positive=True)
_same = sp.Function("part_agrees", real=True)
_size = sp.Function("alphabet_size", integer=True)

tuple_gap = defined(
    "autoregressive/tuple_gap",
    "tuple_gap(r) = score of the true tuple minus that of another: each of the parts 0..r adds 1 for the true token",
    (_i,),
    sp.Sum(1 - _same(_j), (_j, 0, _i)),
)
_tuples = sp.Function("tuples", integer=True)
tuples = Definition(
    "autoregressive/tuples",
    _tuples,
    "tuples(r) = tuples of the parts 0..r: the product of the sizes of their alphabets",
    equations=(
        eq(_tuples(0), _size(0)),
        Forall((_i,), eq(_tuples(_i + 1), _tuples(_i) * _size(_i + 1))),
    ),
)
unit_weights = defined(
    "autoregressive/unit_weights",
    "unit_weights(r) = B^2 of the tuple's step: each output has one unit weight for each of the parts 0..r",
    (_i,),
    sp.Sum(tuples(_i), (_j, 0, _i)),
)
lookup_gap = defined(
    "autoregressive/lookup_gap",
    "lookup_gap() = score of the true value of g, 1, minus the score of another value, 0",
    (),
    sp.S(1) - 0,
)
lookup_weights = defined(
    "autoregressive/lookup_weights",
    "lookup_weights(A) = B^2 of the step of a function of one token: one unit weight for each of its A values",
    (_k,),
    sp.Sum(1, (_l, 1, _k)),
    integer=True,
)

lookup_norm = Lemma(
    "autoregressive/lookup_norm",
    "A function of one token has a unit weight for each value of that token",
    (alphabet,),
    eq(lookup_weights(_A), _A),
    backing=derive()
    .have("ones", eq(sp.Sum(1, (_l, 1, _A)), _A), by=algebra)
    .have("norm", eq(lookup_weights(_A), _A), by=[unfold(lookup_weights, k=_A), "ones"]),
)

conjunction_token = Claim(
    id="autoregressive/conjunction_token",
    title="Tuples and lookups cost one token each",
    kind=Kind.EQUALITY,
    text=(
        "The tuple of the context tokens 0..r, with alphabets A_j, is one token that scores the number of parts that "
        "agree: gap 1 and B^2 = (r + 1) prod |A_j|. Any function g of one context token is one token that scores "
        "1[g(a) = d]: gap 1 and B^2 = |A|"
    ),
    parameters=(parts, wrong, alphabet),
    hypotheses=(
        Forall((_j,), ge(_same(_j), 0)),
        Forall((_j,), le(_same(_j), 1)),
        eq(_same(_w), 0),
    ),
    statements=(
        lower(tuple_gap(_p), 1, label="gap of a tuple"),
        equal(unit_weights(_p), (_p + 1) * tuples(_p), label="norm of a tuple"),
        equal(lookup_gap(), 1, label="gap of a lookup"),
        equal(lookup_weights(_A), _A, label="norm of a lookup"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "another tuple misses a part",
        ge(sp.Sum(1 - _same(_j), (_j, 0, _p)), 1),
        by=[SingleTerm(_w), "hypothesis 2", "hypothesis 3"],
    )
    .have("gap of a tuple", ge(tuple_gap(_p), 1), by=[unfold(tuple_gap, i=_p), "another tuple misses a part", quick])
    .have("constant terms", Forall((_i, _x), eq(sp.Sum(_x, (_j, 0, _i)), (_i + 1) * _x)), by=[Induction(_i), quick])
    .have(
        "norm of a tuple",
        eq(unit_weights(_p), (_p + 1) * tuples(_p)),
        by=[unfold(unit_weights, i=_p), fact("constant terms", i=_p, x=tuples(_p))],
    )
    .have("gap of a lookup", eq(lookup_gap(), 1), by=unfold(lookup_gap))
    .have("norm of a lookup", eq(lookup_weights(_A), _A), by=lookup_norm.at()),
)

# -- any function ---------------------------------------------------------------------------------------------

circuit_chain = defined(
    "autoregressive/circuit_chain",
    "circuit_chain(s) = tokens of the chain of s arbitrary gates: for each gate the tuple of its inputs, then its "
    "value",
    (_k,),
    sp.Sum(2, (_l, 1, _k)),
    integer=True,
)
tuple_dictionary = defined(
    "autoregressive/tuple_dictionary",
    "tuple_dictionary(r) = tokens of the dictionary with all tuples of r tokens: K + prod_{j<r} K",
    (_k,),
    _K + tuples(_k - 1),
    integer=True,
)

dictionary_tradeoff = Claim(
    id="autoregressive/dictionary_tradeoff",
    title="Two tokens compute anything",
    kind=Kind.UPPER,
    text=(
        "With a dictionary that contains all prompts, every f: D^n -> D is computed by two tokens: the prompt as one "
        "token, then its value, with gap 1, B_1^2 = n K^n and B_2^2 = K^n. A circuit of s arbitrary gates of fan-in r "
        "takes 2 s tokens over K + K^r. A length is meaningless without its dictionary"
    ),
    parameters=(K, fan_in, gates),
    hypotheses=(Forall((_j,), eq(_size(_j), _K)),),
    statements=(
        upper(circuit_chain(_s), 2 * _s, label="length"),
        equal(tuple_dictionary(_f), _K + _K**_f, label="dictionary"),
        equal(unit_weights(_f - 1), _f * _K**_f, label="norm of the tuple"),
        equal(lookup_weights(_K**_f), _K**_f, label="norm of the value"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    remarks=("one gate whose inputs are the whole prompt, s = 1 and r = n, is the case of two tokens",),
    derivation=derive()
    .have("twos", eq(sp.Sum(2, (_l, 1, _s)), 2 * _s), by=algebra)
    .have("length", le(circuit_chain(_s), 2 * _s), by=[unfold(circuit_chain, k=_s), "twos"])
    .have("first", eq(tuples(0), _K), by=[unfold(tuples), fact("hypothesis 1", j=0)])
    .have(
        "powers",
        Forall((_i,), eq(tuples(_i), _K ** (_i + 1))),
        by=[Induction(_i), "first", unfold(tuples, i=_i), fact("hypothesis 1", j=_i + 1), quick],
    )
    .have("tuples", eq(tuples(_f - 1), _K**_f), by=fact("powers", i=_f - 1))
    .have("dictionary", eq(tuple_dictionary(_f), _K + _K**_f), by=[unfold(tuple_dictionary, k=_f), "tuples"])
    .have(
        "weights of the tuple",
        Forall((_i, _x), eq(sp.Sum(_x, (_j, 0, _i)), (_i + 1) * _x)),
        by=[Induction(_i), quick],
    )
    .have(
        "norm of the tuple",
        eq(unit_weights(_f - 1), _f * _K**_f),
        by=[
            unfold(unit_weights, i=_f - 1),
            fact("weights of the tuple", i=_f - 1, x=tuples(_f - 1)),
            "tuples",
        ],
    )
    .have(
        "norm of the value",
        eq(lookup_weights(_K**_f), _K**_f),
        by=lookup_norm.at(alphabet=_K**_f),
    ),
)
