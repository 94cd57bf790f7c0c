"""Information along a language model (specification `categorical` 2.2).

Main statements
    information_flow_chain    labels are told apart less and less: context, embedding, state, next token
    softmax_contraction       a linear-softmax head contracts: TV <= tanh(osc/4), KL <= osc^2/8
    state_information_bound   I(H; W) <= min(log V, diam^2 tr Cov(H)/8)
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.parameters import V, diam, osc
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import derive
from theory.information.atoms import information
from theory.justification import Gap, Shannon
from theory.lemmas.softmax import among, over_tokens, softmax
from theory.lemmas.subadditive import (
    homogeneous,
    is_kernel,
    masses,
    over,
    p,
    phi,
    pushed,
    q,
    subadditive,
    x,
    y,
)
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, le
from theory.source import OWN, Source

_emb, _backbone, _head = (sp.Function(name, real=True) for name in ("emb", "backbone", "head"))
_states = Parameter("n_H", "n_H", "last state", integers(0), (0, 100))
_tokens = Parameter("n_W", "n_W", "last token", integers(0), (0, 100))
_embeddings = Parameter("n_E", "n_E", "last embedding", integers(0), (0, 100))
_contexts = Parameter("n_X", "n_X", "last context", integers(0), (0, 100))
_nX, _nE, _nH, _nW = (s.symbol for s in (_contexts, _embeddings, _states, _tokens))


def _after_emb(law: sp.Basic) -> sp.Lambda:
    return sp.Lambda((y,), pushed(law, y, _nX, _emb))


def _after_backbone(law: sp.Basic) -> sp.Lambda:
    z = sp.Symbol("z", integer=True, nonnegative=True)
    return sp.Lambda((z,), sp.Sum(pushed(law, y, _nX, _emb) * _backbone(y, z), (y, 0, _nE)))


def _after_head(law: sp.Basic) -> sp.Lambda:
    z, w = (sp.Symbol(name, integer=True, nonnegative=True) for name in "zw")
    return sp.Lambda((w,), sp.Sum(_after_backbone(law)(z) * _head(z, w), (z, 0, _nH)))


def _between(first: sp.Lambda, second: sp.Lambda, end: sp.Expr, name: str) -> sp.Sum:
    index = sp.Symbol(name, integer=True, nonnegative=True)
    return sp.Sum(phi(first(index), second(index)), (index, 0, end))


_of_contexts = over(phi(p(x), q(x)), _nX)
_of_embeddings = _between(_after_emb(p), _after_emb(q), _nE, "y")
_of_states = _between(_after_backbone(p), _after_backbone(q), _nH, "z")
_of_tokens = _between(_after_head(p), _after_head(q), _nW, "w")
_chain = "S -> X -> E -> H -> W"
_informations = tuple(information(f"I(S;{v})") for v in "XEHW")
information_flow_chain = Claim(
    id="categorical/information_flow_chain",
    title="Information flow through the model",
    kind=Kind.ORDERING,
    text=(
        "Labels S of contexts are told apart less and less on the way context X, embedding E, state H, next token W of "
        "the head (model law): D(p_X || q_X) >= D(p_E || q_E) >= RepDiv = D(p_H || q_H) >= D(p_W || q_W) for every "
        "f-divergence (phi(a, b) = b f(a/b)) and every Renyi divergence (a monotone function of such a sum), where p "
        "and q are the laws of the context given two labels; with the label as a part of the context, p the joint law "
        "and q the product of its marginals, I_D(S;X) >= I_D(S;E) >= I_D(S;H) >= I_D(S;W)"
    ),
    parameters=(_contexts, _embeddings, _states, _tokens),
    functions=(p, q, _emb, _backbone, _head, phi),
    hypotheses=(
        *masses(p, q),
        *is_kernel(_emb, _nE),
        *is_kernel(_backbone, _nH),
        *is_kernel(_head, _nW),
        subadditive,
        homogeneous,
    ),
    statements=(
        upper(_of_tokens, _of_states, label="head"),
        upper(_of_states, _of_embeddings, label="backbone"),
        upper(_of_embeddings, _of_contexts, label="embedding"),
        upper(_informations[3], _informations[2], label="I head"),
        upper(_informations[2], _informations[1], label="I backbone"),
        upper(_informations[1], _informations[0], label="I embedding"),
    ),
    source=Source("zhang2025", "Thm 2.4, Remark 2.6, section 6.1"),
    status=Status.SHARPENED,
    derivation=derive()
    .have("head", le(_of_tokens, _of_states), by=Gap("placeholder"))
    .have("backbone", le(_of_states, _of_embeddings), by=Gap("placeholder"))
    .have("embedding", le(_of_embeddings, _of_contexts), by=Gap("placeholder"))
    .have("I head", le(_informations[3], _informations[2]), by=Shannon(given=_chain))
    .have("I backbone", le(_informations[2], _informations[1]), by=Shannon(given=_chain))
    .have("I embedding", le(_informations[1], _informations[0]), by=Shannon(given=_chain)),
)

_V, _osc, _diam = V.symbol, osc.symbol, diam.symbol
_u, _v = (sp.Function(name, real=True) for name in "uv")
_k, _l = (sp.Symbol(name, integer=True, nonnegative=True) for name in "kl")
_tv = over_tokens(sp.Abs(softmax(_u, _k, _V) - softmax(_v, _k, _V)), _k, _V) / 2
_kl = over_tokens(softmax(_u, _k, _V) * sp.log(softmax(_u, _k, _V) / softmax(_v, _k, _V)), _k, _V)
softmax_contraction = Claim(
    id="categorical/softmax_contraction",
    title="A linear-softmax head contracts",
    kind=Kind.UPPER,
    text="placeholder",
    parameters=(V, osc),
    functions=(_u, _v),
    hypotheses=(Forall((_k, _l), le(_u(_k) - _v(_k) - (_u(_l) - _v(_l)), _osc), (*among(_k, _V), *among(_l, _V))),),
    statements=(
        upper(_tv, sp.tanh(_osc / 4), trivial=1, label="tv"),
        upper(_kl, _osc**2 / 8, label="kl"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("tv", le(_tv, sp.tanh(_osc / 4)), by=Gap("placeholder"))
    .have("kl", le(_kl, _osc**2 / 8), by=Gap("placeholder")),
)

tr_cov = Parameter("tr_cov", r"\mathrm{tr}\,\mathrm{Cov}\,H", "total variance of the state", reals(0), (0, 10))
_mutual = information("I(H;W)")
state_information_bound = Claim(
    id="categorical/state_information_bound",
    title="Information read out of a state",
    kind=Kind.UPPER,
    text="placeholder",
    parameters=(V, diam, tr_cov),
    statements=(upper(_mutual, sp.Min(sp.log(_V), _diam**2 * tr_cov.symbol / 8), trivial=sp.log(_V), label="bound"),),
    source=OWN,
    status=Status.OWN,
    derivation=derive().have(
        "bound", le(_mutual, sp.Min(sp.log(_V), _diam**2 * tr_cov.symbol / 8)), by=Gap("placeholder")
    ),
)
