"""What every linear chain can and cannot do: padding, and the need for a bias (specification `autoregressive` 2D).

Main statements
    length_monotone             a chain may be padded to any greater length
    bias_needed                 without a constant feature every token is an odd function of the prompt

Threshold circuits are in `circuits.py`.
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.agreement import equal_so_far, no_difference
from theory.claim import Claim, Kind, Status, equal
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick, unfold
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

n = Parameter("n", "n", "length of the prompt", integers(1), (1, 8), "tokens")
T = Parameter("T", "T", "length of the chain", integers(1), (1, 8), "tokens")
pad = Parameter("pad", "p", "constant tokens put in front of the chain", integers(0), (0, 8), "tokens")
_n, _T, _pad = n.symbol, T.symbol, pad.symbol

_t = sp.Symbol("t", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, positive=True)
_s = sp.Symbol("s", integer=True, positive=True)
_r = sp.Symbol("r", integer=True, positive=True)
_i, _j, _l = (sp.Symbol(name, integer=True, positive=True) for name in "ijl")
_p, _q = (sp.Symbol(name, real=True) for name in "pq")
_v, _w = (sp.Symbol(name, integer=True) for name in "vw")
_x, _c = (sp.Function(name, real=True) for name in ("prompt", "constant_token"))
_a, _b = (sp.Function(name, real=True) for name in ("prompt_weight", "constant_weight"))
_e = sp.Function("token_score", real=True)
_z, _y = (sp.Function(name, integer=True) for name in ("token", "padded_token"))
_decode = sp.Function("decode", integer=True)


def _prompt_score(t: sp.Expr) -> sp.Sum:
    return sp.Sum(_a(t, _i) * _x(_i), (_i, 1, _n))


def _chain_score(token: sp.Function, t: sp.Expr, end: sp.Expr) -> sp.Sum:
    """What the tokens 1..end of a chain add to the score of token t."""
    return sp.Sum(_e(t, _j, token(_j)), (_j, 1, end))


def _constants(end: sp.Expr) -> sp.Sum:
    """What the constant tokens add to a later score."""
    return sp.Sum(_b(_l) * _c(_l), (_l, 1, end))


def _own_score(t: sp.Expr) -> sp.Expr:
    return _prompt_score(t + 1) + _chain_score(_z, t + 1, t)


def _padded_score(t: sp.Expr) -> sp.Expr:
    return _prompt_score(t + 1) + _constants(_pad) + _chain_score(_y, t + 1, t)


padded_length = defined(
    "autoregressive/padded_length",
    "padded_length(p, T) = tokens of the padded chain: p constants, then the T tokens of the given chain",
    (_t, _k),
    sp.Sum(1, (_l, 1, _t)) + sp.Sum(1, (_s, 1, _k)),
    integer=True,
    nonnegative=True,
)
padding_mismatch = defined(
    "autoregressive/padding_mismatch",
    "padding_mismatch(t) = |token t of the chain after the padding - token t of the chain without it|, tokens being "
    "numbered",
    (_k,),
    sp.Abs(_y(_k) - _z(_k)),
)

_nothing_yet = eq(sp.Sum(padding_mismatch(_s), (_s, 1, _t)), 0)

length_monotone = Claim(
    id="autoregressive/length_monotone",
    title="A chain may be padded to any greater length",
    kind=Kind.EQUALITY,
    text=(
        "What T tokens compute is computed with exactly T' tokens for every T' >= T, by linear predictors and by "
        "k-order parities: put T' - T constant tokens first (a bias alone, or the empty parity) and give them weight "
        "0 later"
    ),
    parameters=(n, T, pad),
    hypotheses=(
        Forall((_t,), eq(_z(_t + 1), _decode(_t + 1, _own_score(_t)))),
        Forall((_t,), eq(_y(_t + 1), _decode(_t + 1, _padded_score(_t)))),
        Forall((_t, _p, _q), eq(_decode(_t, _p), _decode(_t, _q)), (eq(_p, _q),)),
        Forall((_t, _k, _v, _w), eq(_e(_t, _k, _v), _e(_t, _k, _w)), (eq(_v, _w),)),
        Forall((_l,), eq(_b(_l), 0)),
    ),
    statements=(
        equal(padded_length(_pad, _T), _T + _pad, label="length"),
        equal(padding_mismatch(_T), 0, label="tokens"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "the constants have weight 0, so the score of a later token is the one it had; a decoder is a function, so "
        "equal scores give equal tokens. With more than two tokens the score stands for the vector of scores",
    ),
    derivation=derive()
    .have(
        "padded",
        eq(padded_length(_pad, _T), sp.Sum(1, (_l, 1, _pad)) + sp.Sum(1, (_s, 1, _T))),
        by=unfold(padded_length, t=_pad, k=_T),
    )
    .have("ones", Forall((_t,), eq(sp.Sum(1, (_l, 1, _t)), _t)), by=[Induction(_t), quick])
    .have("constants", eq(sp.Sum(1, (_l, 1, _pad)), _pad), by=fact("ones", t=_pad))
    .have("own tokens", eq(sp.Sum(1, (_s, 1, _T)), _T), by=algebra)
    .have("length", eq(padded_length(_pad, _T), _T + _pad), by=["padded", "constants", "own tokens"])
    .have(
        "differences are sizes",
        Forall((_k,), ge(padding_mismatch(_k), 0)),
        by=[unfold(padding_mismatch, k=_k), quick],
    )
    .have("no weight", Forall((_t,), eq(_constants(_t), 0)), by=[Induction(_t), fact("hypothesis 5", l=_t + 1), quick])
    .have(
        "same number",
        Forall((_r,), eq(_y(_r), _z(_r)), (eq(padding_mismatch(_r), 0),)),
        by=[unfold(padding_mismatch, k=_r), quick],
    )
    .have(
        "earlier tokens",
        Forall((_t, _r), eq(_y(_r), _z(_r)), (_nothing_yet, le(_r, _t))),
        by=[
            "differences are sizes",
            equal_so_far.at(until=_t, chosen=_r, difference=padding_mismatch.head),
            fact("same number", r=_r),
        ],
    )
    .have(
        "their scores",
        Forall((_t,), eq(_chain_score(_y, _t + 1, _t), _chain_score(_z, _t + 1, _t)), (_nothing_yet,)),
        by=[Termwise(), fact("earlier tokens", t=_t, r=_j), fact("hypothesis 4", t=_t + 1, k=_j, v=_y(_j), w=_z(_j))],
    )
    .have(
        "score",
        Forall((_t,), eq(_padded_score(_t), _own_score(_t)), (_nothing_yet,)),
        by=[fact("their scores", t=_t), fact("no weight", t=_pad), quick],
    )
    .have(
        "decoded",
        Forall((_t,), eq(_decode(_t + 1, _padded_score(_t)), _decode(_t + 1, _own_score(_t))), (_nothing_yet,)),
        by=[fact("score", t=_t), fact("hypothesis 3", t=_t + 1, p=_padded_score(_t), q=_own_score(_t))],
    )
    .have(
        "next token",
        Forall((_t,), eq(_y(_t + 1), _z(_t + 1)), (_nothing_yet,)),
        by=[fact("decoded", t=_t), fact("hypothesis 1", t=_t), fact("hypothesis 2", t=_t), quick],
    )
    .have(
        "no new difference",
        Forall((_t,), eq(padding_mismatch(_t + 1), 0), (_nothing_yet,)),
        by=[fact("next token", t=_t), unfold(padding_mismatch, k=_t + 1), quick],
    )
    .have(
        "tokens",
        eq(padding_mismatch(_T), 0),
        by=[
            "differences are sizes",
            "no new difference",
            no_difference.at(until=_T, difference=padding_mismatch.head),
        ],
    ),
)

_X, _Z, _N = (sp.Function(name, real=True) for name in ("coordinate", "sign_token", "negated_token"))
_u = sp.Function("earlier_weight", real=True)


def _signed_prompt(t: sp.Expr) -> sp.Sum:
    return sp.Sum(_a(t, _i) * _X(_i), (_i, 1, _n))


def _signed_chain(token: sp.Function, t: sp.Expr) -> sp.Sum:
    """What the tokens 1..t of a chain of signs add to the score of token t + 1."""
    return sp.Sum(_u(t + 1, _j) * token(_j), (_j, 1, t))


oddness_defect = defined(
    "autoregressive/oddness_defect",
    "oddness_defect(t) = |token t on x + token t on -x|, for predictors over {-1, 1} without a bias",
    (_k,),
    sp.Abs(_N(_k) + _Z(_k)),
)
pair_errors = defined(
    "autoregressive/pair_errors",
    "pair_errors(v) = errors of the last token on the pair x, -x for a target that has the same value v = 1 or -1 on "
    "both: an error counts 1, and is (1 - token * target) / 2",
    (_p,),
    (1 - _Z(_T) * _p) / 2 + (1 - _N(_T) * _p) / 2,
)
value = Parameter("target", "v", "value of an even target on the pair x, -x", integers(-1, 1), (-1, 1))
_odd_so_far = eq(sp.Sum(oddness_defect(_s), (_s, 1, _t)), 0)

bias_needed = Claim(
    id="autoregressive/bias_needed",
    title="Without a constant feature every token is an odd function of the prompt",
    kind=Kind.EQUALITY,
    text=(
        "Over {-1, 1} with features equal to the tokens and no bias, every token of a linear chain with strict margins "
        "is odd: h(-x) = -h(x). A target with f(x) = f(-x), such as a constant or the exclusive or of two bits, is "
        "then missed on exactly one of x and -x, so on half of all prompts, for every length T"
    ),
    parameters=(n, T, value),
    hypotheses=(
        Forall((_t,), gt(_Z(_t + 1) * (_signed_prompt(_t + 1) + _signed_chain(_Z, _t)), 0)),
        Forall((_t,), gt(_N(_t + 1) * (-_signed_prompt(_t + 1) + _signed_chain(_N, _t)), 0)),
        Forall((_k,), eq(_Z(_k) ** 2, 1)),
        Forall((_k,), eq(_N(_k) ** 2, 1)),
    ),
    statements=(
        equal(oddness_defect(_T), 0, label="odd"),
        equal(pair_errors(value.symbol), 1, label="one error a pair"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "a tie that is resolved by the order of the dictionary gives a constant token: it smuggles a bias in. One-hot "
        "features contain a constant as soon as there is a token",
    ),
    derivation=derive()
    .have("sizes", Forall((_k,), ge(oddness_defect(_k), 0)), by=[unfold(oddness_defect, k=_k), quick])
    .have(
        "opposite",
        Forall((_r,), eq(_N(_r), -_Z(_r)), (eq(oddness_defect(_r), 0),)),
        by=[unfold(oddness_defect, k=_r), quick],
    )
    .have(
        "earlier tokens",
        Forall((_t, _r), eq(_N(_r), -_Z(_r)), (_odd_so_far, le(_r, _t))),
        by=["sizes", equal_so_far.at(until=_t, chosen=_r, difference=oddness_defect.head), fact("opposite", r=_r)],
    )
    .have(
        "term by term",
        Forall((_t,), eq(_signed_chain(_N, _t), sp.Sum(-_u(_t + 1, _j) * _Z(_j), (_j, 1, _t))), (_odd_so_far,)),
        by=[Termwise(), fact("earlier tokens", t=_t, r=_j), quick],
    )
    .have(
        "sign out",
        Forall((_t,), eq(sp.Sum(-_u(_t + 1, _j) * _Z(_j), (_j, 1, _t)), -_signed_chain(_Z, _t))),
        by=algebra,
    )
    .have(
        "negated score",
        Forall((_t,), eq(_signed_chain(_N, _t), -_signed_chain(_Z, _t)), (_odd_so_far,)),
        by=[fact("term by term", t=_t), fact("sign out", t=_t), quick],
    )
    .have(
        "next token",
        Forall((_t,), eq(_N(_t + 1), -_Z(_t + 1)), (_odd_so_far,)),
        by=[
            fact("negated score", t=_t),
            *(fact(f"hypothesis {i}", t=_t) for i in (1, 2)),
            *(fact(f"hypothesis {i}", k=_t + 1) for i in (3, 4)),
            decide,
        ],
    )
    .have(
        "no defect after none",
        Forall((_t,), eq(oddness_defect(_t + 1), 0), (_odd_so_far,)),
        by=[fact("next token", t=_t), unfold(oddness_defect, k=_t + 1), quick],
    )
    .have(
        "odd",
        eq(oddness_defect(_T), 0),
        by=["sizes", "no defect after none", no_difference.at(until=_T, difference=oddness_defect.head)],
    )
    .have("last token", eq(_N(_T), -_Z(_T)), by=["odd", fact("opposite", r=_T)])
    .have(
        "one error a pair",
        eq(pair_errors(value.symbol), 1),
        by=["last token", unfold(pair_errors, p=value.symbol), decide],
    ),
)
