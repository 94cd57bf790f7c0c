"""Multiplication needs no hidden layer, and length buys margin (specification 2G).

Main statements
    multiplication_linear_exact      the published chain of thought, by integers and arg max
    multiplication_short             d^2 + 2d tokens
    multiplication_constant_margin   3d^3 + 6d^2 - 4d tokens of unit weights, every gap 1, B^2 <= 600

Conventions: d digits an operand; the tokens of the answer floor-divide what the digits before them have left by the
place m = 10^place, with the scores of `tokens.bucket_token`, q = 10.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory.autoregressive.multiplication import d
from theory.autoregressive.tokens import bucket_score, lookup_gap
from theory.claim import Claim, Kind, Statement, Status, equal, lower, upper
from theory.define import defined, opaque
from theory.derivation import Derivation, derive
from theory.justification import Computation, Induction, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

place = Parameter("place", r"\mathrm{place}", "place of a digit of the product, 0 the lowest", integers(0), (0, 7))
_m = 10**place.symbol
digit = Parameter("digit", "d^*", "the true digit at that place", integers(0, 9), (0, 9))
left = Parameter("left", "u", "what the lower places are worth", integers(0, _m - 1), (0, 9))
less = Parameter("less", "e", "by how much another digit is smaller than the true one", integers(1, 9), (1, 9))
more = Parameter("more", "e'", "by how much another digit is larger than the true one", integers(1, 9), (1, 9))
same_a = Parameter("same_a", "s_a", "1 if another joint token has the true first digit, else 0", integers(0, 1), (0, 1))
same_b = Parameter(
    "same_b",
    "s_b",
    "1 if another joint token has the true second digit, else 0: not both",
    integers(0, 1 - same_a.symbol),
    (0, 1),
)

_d, _p, _digit, _u, _e, _f = (p.symbol for p in (d, place, digit, left, less, more))
_s, _t = same_a.symbol, same_b.symbol
_i, _j, _k = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ijk")
_value = _m * _digit + _u


def _over(other: sp.Expr) -> sp.Expr:
    """Score of the true digit minus that of another."""
    return bucket_score(_digit, _value, _m) - bucket_score(other, _value, _m)


_GAP_PARAMETERS = (place, digit, left, less, more, same_a, same_b)
joint_gap = defined(
    "autoregressive/joint_gap",
    "joint_gap(s_a, s_b) = score of the true joint token, 1 + 1, minus that of another, one for each digit it shares",
    (_i, _j),
    2 - _i - _j,
    integer=True,
)


def _gaps() -> tuple[Statement, ...]:
    return (
        lower(_over(_digit - _e), 1, label="digit, over a smaller one"),
        lower(_over(_digit + _f), 1, label="digit, over a larger one"),
        lower(joint_gap(_s, _t), 1, label="joint token"),
    )


def _with_gaps(derivation: Derivation) -> Derivation:
    """The steps that prove `_gaps`."""
    lowered = _e * (2 * _u + 1 + _m * (_e - 1))
    raised = _f * (2 * (_m - 1 - _u) + 1 + _m * (_f - 1))
    return (
        derivation.have(
            "smaller",
            eq(_over(_digit - _e), lowered),
            by=[
                unfold(bucket_score, x=_digit, y=_value, z=_m),
                unfold(bucket_score, x=_digit - _e, y=_value, z=_m),
                quick,
            ],
        )
        .have(
            "larger",
            eq(_over(_digit + _f), raised),
            by=[
                unfold(bucket_score, x=_digit, y=_value, z=_m),
                unfold(bucket_score, x=_digit + _f, y=_value, z=_m),
                quick,
            ],
        )
        .have("odd and positive", ge(lowered, 1), by=decide)
        .have("odd and positive again", ge(raised, 1), by=decide)
        .have("digit, over a smaller one", ge(_over(_digit - _e), 1), by=["smaller", "odd and positive"])
        .have("digit, over a larger one", ge(_over(_digit + _f), 1), by=["larger", "odd and positive again"])
        .have("joint token", ge(joint_gap(_s, _t), 1), by=[unfold(joint_gap, i=_s, j=_t), quick])
    )


def answer_norm(d: int, place: int) -> int:
    """B^2 of the answer's token at a place, from the definition of its weights.

    The score of digit y is 2 y r + y - 10^place y (y + 1); r adds a b 10^(i + j) for the joint token `axb` of the term
    (i, j), and takes 10^k y' for the digit y' at every higher place k.
    """
    slopes = sum((2 * y) ** 2 for y in range(10))
    joint = sum((a * b * 10 ** (i + j)) ** 2 for a in range(10) for b in range(10) for i in range(d) for j in range(d))
    earlier = sum((y * 10**k) ** 2 for k in range(place + 1, 2 * d) for y in range(10))
    bias = sum((y - 10**place * y * (y + 1)) ** 2 for y in range(10))
    norm: int = slopes * (joint + earlier) + bias
    return norm


def _norm(place: int) -> Callable[[], int]:
    return lambda: answer_norm(4, place)


generated_tokens = defined(
    "autoregressive/generated_tokens",
    "tokens after the prompt of the long form",
    (_k,),
    2 * _k**3 + 8 * _k**2 + 11 * _k + 7 - (2 * _k + 2),
    integer=True,
)
read_tokens = defined(
    "autoregressive/read_tokens",
    "generated tokens that are read off the context: 2d copies, d^2 joint tokens, 2d^2 product digits, 2d final digits",
    (_k,),
    2 * _k + _k**2 + 2 * _k**2 + 2 * _k,
    integer=True,
)
answer_weights = opaque(
    "autoregressive/answer_weights", "answer_weights(place) = B^2 of that final digit for d = 4", integer=True
)

FIRST, LAST = 96443382086306896785, 127294763950688401833
multiplication_linear_exact = Claim(
    id="autoregressive/multiplication_linear_exact",
    title="Multiplication needs no hidden layer",
    kind=Kind.STRUCTURAL,
    text=(
        "An integer linear predictor reproduces the whole long form for all pairs with gap at least 1: all generated "
        "tokens but 3d^2 + 4d are constants; the others copy, join two digits, look a product up, or floor-divide. "
        "The margin is tiny: for d = 4 the final digits have B^2 near 10^20, and the last one a normalised margin "
        "below 6 10^-12"
    ),
    parameters=(d, *_GAP_PARAMETERS),
    statements=(
        equal(generated_tokens(_d) - read_tokens(_d), 2 * _d**3 + 5 * _d**2 + 5 * _d + 5, label="constants"),
        *_gaps(),
        equal(lookup_gap(), 1, label="copies and products"),
        equal(answer_weights(7), FIRST, label="norm of the first digit"),
        equal(answer_weights(0), LAST, label="norm of the last digit"),
        upper(1 / (307 * answer_weights(0)), sp.Rational(6, 10**12) ** 2, label="squared margin of the last digit"),
    ),
    source=OWN,
    status=Status.CORRECTED,
    remarks=("corrects the impression that the experiments' hidden layer is needed to express the chain",),
    derivation=_with_gaps(
        derive().have(
            "constants",
            eq(generated_tokens(_d) - read_tokens(_d), 2 * _d**3 + 5 * _d**2 + 5 * _d + 5),
            by=[unfold(generated_tokens, k=_d), unfold(read_tokens, k=_d), algebra],
        )
    )
    .have("copies and products", eq(lookup_gap(), 1), by=unfold(lookup_gap))
    .have("norm of the first digit", eq(answer_weights(7), FIRST), by=Computation(_norm(7), "sum of squared weights"))
    .have("norm of the last digit", eq(answer_weights(0), LAST), by=Computation(_norm(0), "sum of squared weights"))
    .have(
        "squared margin of the last digit",
        le(1 / (307 * answer_weights(0)), sp.Rational(6, 10**12) ** 2),
        by=["norm of the last digit", decide],
        note="gap 1, and R^2 = n + t = 307 at the last token",
    ),
)


def _tokens(name: str, meaning: str, value: sp.Expr) -> Definition:
    return defined(f"autoregressive/{name}", meaning, (_d,), value, integer=True)


short_tokens = _tokens(
    "short_tokens",
    "a joint token for every term, a digit for every place of the product",
    sp.Sum(_d, (_i, 0, _d - 1)) + sp.Sum(1, (_k, 0, 2 * _d - 1)),
)
multiplication_short = Claim(
    id="autoregressive/multiplication_short",
    title="Multiplication in d^2 + 2d tokens",
    kind=Kind.UPPER,
    text=(
        "After a prompt of 2d digits, d^2 joint tokens and then the 2d digits of the product, most significant first, "
        "are predicted linearly with gap at least 1"
    ),
    parameters=(d, *_GAP_PARAMETERS),
    statements=(upper(short_tokens(_d), _d**2 + 2 * _d, label="length"), *_gaps()),
    source=OWN,
    status=Status.OWN,
    derivation=_with_gaps(
        derive()
        .have("counted", eq(short_tokens(_d), _d**2 + 2 * _d), by=[unfold(short_tokens, d=_d), algebra])
        .have("length", le(short_tokens(_d), _d**2 + 2 * _d), by=["counted", quick])
    ),
)

column_tokens = defined(
    "autoregressive/column_tokens",
    "column_tokens(i) = sum over j of the columns i + j .. 2d - 1 to which product (i, j) is added",
    (_i,),
    sp.Sum(2 * _d - _i - _j, (_j, 0, _d - 1)),
    integer=True,
)
ripple_tokens = _tokens(
    "ripple_tokens",
    "a joint token and two digits for every product; three tokens for every column of every product but the first; "
    "the 2d digits of the answer",
    3 * _d**2 + 3 * (sp.Sum(column_tokens(_i), (_i, 0, _d - 1)) - 2 * _d) + 2 * _d,
)
_COLUMNS = 2 * _d**2 - _d * _i - _d * (_d - 1) / 2
columns = Lemma(
    "autoregressive/columns",
    "Columns of all products",
    (d,),
    eq(sp.Sum(column_tokens(_i), (_i, 0, _d - 1)), _d**2 * (_d + 1)),
    backing=derive()
    .have("a row", Forall((_i,), eq(column_tokens(_i), _COLUMNS)), by=[unfold(column_tokens, i=_i), algebra])
    .have(
        "rows",
        eq(sp.Sum(column_tokens(_i), (_i, 0, _d - 1)), sp.Sum(_COLUMNS, (_i, 0, _d - 1))),
        by=[Termwise(), fact("a row", i=_i)],
    )
    .have("all rows", eq(sp.Sum(_COLUMNS, (_i, 0, _d - 1)), _d**2 * (_d + 1)), by=algebra)
    .have("columns", eq(sp.Sum(column_tokens(_i), (_i, 0, _d - 1)), _d**2 * (_d + 1)), by=["rows", "all rows"]),
)

digits_a = Parameter("digits_a", "A_1", "values that the digit added to can have", integers(1, 10), (1, 10))
digits_b = Parameter("digits_b", "A_2", "values that the digit added can have", integers(1, 10), (1, 10))
carries = Parameter("carries", "A_3", "values that the carry can have", integers(1, 2), (1, 2))
_a, _b, _c = digits_a.symbol, digits_b.symbol, carries.symbol
agreeing = Parameter(
    "agreeing", "s", "parts of a tuple of three that another tuple shares with it", integers(0, 2), (0, 2), "tokens"
)
three_part_gap = defined(
    "autoregressive/three_part_gap",
    "three_part_gap(s) = score of the true tuple of three parts, 3, minus that of one that shares s parts",
    (_i,),
    3 - _i,
    integer=True,
)
three_part_weights = defined(
    "autoregressive/three_part_weights",
    "B^2 of a tuple of up to three parts: at most one unit weight for each part and tuple (conjunction_token)",
    (_i, _j, _k),
    _i * (_j * _k) + _j * (_i * _k) + _k * (_i * _j),
    integer=True,
)
step_weights = opaque(
    "autoregressive/step_weights", "step_weights(t) = B_t^2 of chain token t of the ripple layout", nonnegative=True
)
_RIPPLE = 3 * _d**3 + 6 * _d**2 - 4 * _d
_at = sp.Symbol("t", integer=True, positive=True)
_reach = 2 * _d + _at
column_carry = defined(
    "autoregressive/column_carry",
    "what a column hands on at most: two digits and a carry of 1, in tens",
    (),
    sp.floor(sp.Rational(9 + 9 + 1, 10)),
    integer=True,
)
multiplication_constant_margin = Claim(
    id="autoregressive/multiplication_constant_margin",
    title="Length buys margin: multiplication with unit weights",
    kind=Kind.UPPER,
    text=(
        "The ripple layout uses tuples and lookups only: 3d^3 + 6d^2 - 4d tokens, every gap 1, every B^2 at most 600; "
        "no carry exceeds 1. So the mistakes of perceptrons, at most 2 sum R_t^2 B_t^2 (ar_perceptron), are at most "
        "1200 sum (2d + t)"
    ),
    parameters=(d, digits_a, digits_b, carries, agreeing, same_a, same_b),
    hypotheses=(Forall((_at,), le(step_weights(_at), 600)),),
    statements=(
        equal(ripple_tokens(_d), _RIPPLE, label="length"),
        equal(column_carry(), 1, label="carry"),
        upper(three_part_weights(_a, _b, _c), 600, label="norm of a tuple"),
        upper(_a * _b * _c, 200, label="norm of a lookup"),
        lower(three_part_gap(agreeing.symbol), 1, label="gap of a tuple"),
        lower(joint_gap(_s, _t), 1, label="gap of a joint token"),
        equal(lookup_gap(), 1, label="gap of a lookup"),
        upper(
            2 * sp.Sum(_reach * step_weights(_at), (_at, 1, _RIPPLE)),
            1200 * sp.Sum(_reach, (_at, 1, _RIPPLE)),
            label="mistakes",
        ),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "length",
        eq(ripple_tokens(_d), _RIPPLE),
        by=[unfold(ripple_tokens, d=_d), columns.at(), algebra],
    )
    .have("carry", eq(column_carry(), 1), by=[unfold(column_carry), algebra])
    .have("tuples", le(_a * _b * _c, 200), by=decide)
    .have(
        "weights",
        eq(three_part_weights(_a, _b, _c), 3 * _a * _b * _c),
        by=[unfold(three_part_weights, i=_a, j=_b, k=_c), algebra],
    )
    .have("norm of a tuple", le(three_part_weights(_a, _b, _c), 600), by=["weights", "tuples", quick])
    .have(
        "gap of a tuple",
        ge(three_part_gap(agreeing.symbol), 1),
        by=[unfold(three_part_gap, i=agreeing.symbol), quick],
    )
    .have("gap of a joint token", ge(joint_gap(_s, _t), 1), by=[unfold(joint_gap, i=_s, j=_t), quick])
    .have("gap of a lookup", eq(lookup_gap(), 1), by=unfold(lookup_gap))
    .have("terms", Forall((_at,), le(_reach * step_weights(_at), 600 * _reach)), by=["hypothesis 1", quick])
    .have(
        "sums",
        le(sp.Sum(_reach * step_weights(_at), (_at, 1, _RIPPLE)), sp.Sum(600 * _reach, (_at, 1, _RIPPLE))),
        by=[Termwise(), fact("terms", t=_at)],
    )
    .have(
        "constant out",
        Forall((_k,), eq(sp.Sum(600 * _reach, (_at, 1, _k)), 600 * sp.Sum(_reach, (_at, 1, _k)))),
        by=[Induction(_k), quick],
    )
    .have("tokens", ge(_RIPPLE, 0), by=decide)
    .have(
        "mistakes",
        le(
            2 * sp.Sum(_reach * step_weights(_at), (_at, 1, _RIPPLE)),
            1200 * sp.Sum(_reach, (_at, 1, _RIPPLE)),
        ),
        by=["sums", "tokens", fact("constant out", k=_RIPPLE), quick],
        note="R_t^2 = n + t with n = 2d, in the bound of ar_perceptron",
    ),
)
