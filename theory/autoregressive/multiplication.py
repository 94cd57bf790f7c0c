"""How long multiplication by chain of thought is, layout by layout (specification 2G and 3.5).

Main statements
    multiplication_cot_length   2d^3 + 8d^2 + 11d + 7 tokens in the published long form, segment by segment

Conventions: d digits an operand; terms (i, j) with 0 <= i, j < d; the prompt is counted in the long form and in nothing
else. The numbers of tokens are sums over what the format spells out; the closed forms are derived.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.define import defined
from theory.derivation import derive
from theory.justification import Termwise, algebra, fact, unfold
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq
from theory.source import Source

d = Parameter("d", "d", "digits of each operand", integers(1), (1, 8), "digits")

_d = d.symbol
constant = Parameter("c", "c", "what every term costs", integers(0), (0, 10), "tokens")
_c = constant.symbol
_i = sp.Symbol("i", integer=True, nonnegative=True)
_j = sp.Symbol("j", integer=True, nonnegative=True)
GENERATOR = Source("malach2023", "format of the released data generator; the count is derived here", "v3", recheck=True)


def _counts(name: str, meaning: str, value: sp.Expr) -> Definition:
    return defined(f"autoregressive/{name}", meaning, (_d,), value, integer=True)


row_tokens = defined(
    "autoregressive/row_tokens",
    "row_tokens(c, i) = sum over j of c + i + j: tokens of the terms (i, 0), ..., (i, d - 1), c of them in every term",
    (_c, _i),
    sp.Sum(_c + _i + _j, (_j, 0, _d - 1)),
    integer=True,
)


def over_terms(cost: Any) -> sp.Sum:
    """Sum over all terms (i, j) of cost + i + j."""
    return sp.Sum(row_tokens(cost, _i), (_i, 0, _d - 1))


prompt_tokens = _counts(
    "prompt_tokens", "[BOS], the digits of the first operand, x, the digits of the second", 1 + _d + 1 + _d
)
expansion_tokens = _counts(
    "expansion_tokens",
    "( a0 x 1 + a1 x 1 0 + ... ): digit i costs itself, x, 1 and i zeros; d - 1 plus signs; two parentheses",
    sp.Sum(3 + _i, (_i, 0, _d - 1)) + (_d - 1) + 2,
)
factors_tokens = _counts(
    "factors_tokens",
    "both expansions and the x between them",
    2 * expansion_tokens(_d) + 1,
)
joint_tokens = _counts(
    "joint_tokens",
    "a term is its joint token, x, 1 and i zeros, x, 1 and j zeros: 5 + i + j; d^2 - 1 plus signs",
    over_terms(5) + _d**2 - 1,
)
product_tokens = _counts(
    "product_tokens",
    "a product has two digits and i + j zeros; d^2 - 1 plus signs",
    over_terms(2) + _d**2 - 1,
)
answer_tokens = _counts("answer_tokens", "the product, zero-padded", 2 * _d)
long_form_tokens = _counts(
    "long_form_tokens",
    "the five segments and the four = between them",
    prompt_tokens(_d) + factors_tokens(_d) + joint_tokens(_d) + product_tokens(_d) + answer_tokens(_d) + 4,
)
split_form_tokens = _counts(
    "split_form_tokens",
    "each of the d^2 joint tokens is spelled as three: digit, x, digit",
    long_form_tokens(_d) + 2 * _d**2,
)

_ROW = _c * _d + _d * _i + _d * (_d - 1) / 2
terms_of_both = Lemma(
    "autoregressive/terms_of_both",
    "The double sum of a constant and both indices",
    (d, constant),
    eq(over_terms(_c), _d**2 * (_c + _d - 1)),
    backing=derive()
    .have("a row", Forall((_i,), eq(row_tokens(_c, _i), _ROW)), by=[unfold(row_tokens, c=_c, i=_i), algebra])
    .have("rows", eq(over_terms(_c), sp.Sum(_ROW, (_i, 0, _d - 1))), by=[Termwise(), fact("a row", i=_i)])
    .have("sum of the rows", eq(sp.Sum(_ROW, (_i, 0, _d - 1)), _d**2 * (_c + _d - 1)), by=algebra)
    .have("both", eq(over_terms(_c), _d**2 * (_c + _d - 1)), by=["rows", "sum of the rows"]),
)

_EXPANSION = _d * (_d + 1) / 2 + 3 * _d + 1
_FACTORS = _d**2 + 7 * _d + 3
_JOINT = _d**3 + 5 * _d**2 - 1
_PRODUCTS = _d**3 + 2 * _d**2 - 1
_TOTAL = 2 * _d**3 + 8 * _d**2 + 11 * _d + 7

multiplication_cot_length = Claim(
    id="autoregressive/multiplication_cot_length",
    title="Length of multiplication in the long form",
    kind=Kind.STRUCTURAL,
    text=(
        "The published chain of thought for the product of two d-digit numbers has 2d^3 + 8d^2 + 11d + 7 tokens with "
        "its prompt of 2d + 2, and 2d^2 more where joint tokens are split; between the signs of equality stand 2d + 2, "
        "d^2 + 7d + 3, d^3 + 5d^2 - 1, d^3 + 2d^2 - 1 and 2d tokens"
    ),
    parameters=(d,),
    statements=(
        equal(prompt_tokens(_d), 2 * _d + 2, label="prompt"),
        equal(factors_tokens(_d), _FACTORS, label="factors"),
        equal(joint_tokens(_d), _JOINT, label="joint terms"),
        equal(product_tokens(_d), _PRODUCTS, label="products"),
        equal(answer_tokens(_d), 2 * _d, label="answer"),
        equal(long_form_tokens(_d), _TOTAL, label="all"),
        equal(split_form_tokens(_d), _TOTAL + 2 * _d**2, label="all, split"),
    ),
    source=GENERATOR,
    status=Status.OWN,
    derivation=derive()
    .have("prompt", eq(prompt_tokens(_d), 2 * _d + 2), by=[unfold(prompt_tokens, d=_d), algebra])
    .have("an expansion", eq(expansion_tokens(_d), _EXPANSION), by=[unfold(expansion_tokens, d=_d), algebra])
    .have("two expansions", eq(factors_tokens(_d), 2 * expansion_tokens(_d) + 1), by=unfold(factors_tokens, d=_d))
    .have("factors", eq(factors_tokens(_d), _FACTORS), by=["two expansions", "an expansion", algebra])
    .have("joint terms", eq(joint_tokens(_d), _JOINT), by=[unfold(joint_tokens, d=_d), terms_of_both.at(c=5), algebra])
    .have(
        "products", eq(product_tokens(_d), _PRODUCTS), by=[unfold(product_tokens, d=_d), terms_of_both.at(c=2), algebra]
    )
    .have("answer", eq(answer_tokens(_d), 2 * _d), by=unfold(answer_tokens, d=_d))
    .have(
        "five segments",
        eq(
            long_form_tokens(_d),
            prompt_tokens(_d) + factors_tokens(_d) + joint_tokens(_d) + product_tokens(_d) + answer_tokens(_d) + 4,
        ),
        by=unfold(long_form_tokens, d=_d),
    )
    .have(
        "all",
        eq(long_form_tokens(_d), _TOTAL),
        by=["five segments", "prompt", "factors", "joint terms", "products", "answer", algebra],
    )
    .have(
        "two more a term",
        eq(split_form_tokens(_d), long_form_tokens(_d) + 2 * _d**2),
        by=unfold(split_form_tokens, d=_d),
    )
    .have("all, split", eq(split_form_tokens(_d), _TOTAL + 2 * _d**2), by=["two more a term", "all", algebra]),
)
