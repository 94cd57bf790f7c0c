"""Information along a language model (specification `categorical` 2.2).

Main statements
    information_flow_chain    labels are told apart less and less: context, embedding, state, next token
    softmax_contraction       a linear-softmax head contracts: TV <= tanh(osc/4), KL <= osc^2/8
    state_information_bound   I(H; W) <= min(log V, diam^2 tr Cov(H)/8)
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.categorical.parameters import V, diam, osc
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import Derivation, derive
from theory.information.atoms import information
from theory.justification import Gap, Shannon, Termwise, fact
from theory.lemmas.softmax import among, over_tokens, softmax
from theory.lemmas.subadditive import (
    data_processing,
    homogeneous,
    is_kernel,
    masses,
    over,
    p,
    phi,
    pushed,
    q,
    renamed,
    subadditive,
    x,
    y,
)
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, le
from theory.source import OWN, Source

_contexts = Parameter("n_X", "n_X", "last context", integers(0), (0, 100))
_embeddings = Parameter("n_E", "n_E", "last embedding", integers(0), (0, 100))
_states = Parameter("n_H", "n_H", "last state", integers(0), (0, 100))
_tokens = Parameter("n_W", "n_W", "last token", integers(0), (0, 100))
_stages = ("X", "E", "H", "W")
_ends = dict(zip(_stages, (s.symbol for s in (_contexts, _embeddings, _states, _tokens)), strict=True))
_laws = {v: tuple(sp.Function(f"{law}_{v}", real=True) for law in "pq") for v in _stages}
_kernels = {v: sp.Function(name, real=True) for v, name in zip("EHW", ("emb", "backbone", "head"), strict=True)}
_before = dict(zip("EHW", "XEH", strict=True))
_v = sp.Symbol("v", integer=True, nonnegative=True)


def _arrives(stage: str, law: int) -> Forall:
    """The law at a stage is the law of the stage before, sent through the kernel between them."""
    sent = pushed(_laws[_before[stage]][law], y, _ends[_before[stage]], _kernels[stage])
    return Forall((y,), eq(_laws[stage][law](y), sent))


def _apart(stage: str, index: sp.Symbol = x) -> sp.Sum:
    """The divergence of the two laws at a stage."""
    first, second = _laws[stage]
    return over(phi(first(index), second(index)), _ends[stage], index)


_every_law = [law for stage in _stages for law in _laws[stage]]
_chain_hypotheses = (
    *masses(*_every_law),
    *(h for stage in "EHW" for h in is_kernel(_kernels[stage], _ends[stage])),
    *(_arrives(stage, law) for stage in "EHW" for law in (0, 1)),
    subadditive,
    homogeneous,
)
_named = {h: f"hypothesis {n}" for n, h in enumerate(_chain_hypotheses, start=1)}


def _one_stage(start: Derivation, stage: str, name: str) -> Derivation:
    """D at a stage <= D at the stage before: data processing, and the names of the laws."""
    before = _before[stage]
    first, second = _laws[before]
    sent = [pushed(law, y, _ends[before], _kernels[stage]) for law in (first, second)]
    image = over(phi(*sent), _ends[stage], y)
    here = [law(y) for law in _laws[stage]]
    given = [_named[h] for h in (*masses(first, second), *is_kernel(_kernels[stage], _ends[stage]))]
    return (
        start.have(
            f"sent to {stage}",
            le(image, _apart(before)),
            by=[
                *given,
                _named[subadditive],
                _named[homogeneous],
                data_processing.at(m=_ends[before], n=_ends[stage], p=first, q=second, k=_kernels[stage], phi=phi),
            ],
        )
        .have(
            f"letter of {stage}",
            Forall((y,), eq(phi(*here), phi(*sent))),
            by=[
                *(fact(_named[h], y=y) for h in (_arrives(stage, 0), _arrives(stage, 1))),
                *(fact(_named[h], x=y) for h in masses(*_laws[stage])),
                fact(_named[homogeneous], a=here[0], b=here[1], c=1, s=sent[0], t=sent[1]),
            ],
        )
        .have(f"letters of {stage}", eq(_apart(stage, y), image), by=[Termwise(), f"letter of {stage}"])
        .have(
            f"{stage} renamed",
            eq(_apart(stage), _apart(stage, y)),
            by=renamed.at(m=_ends[stage], f=sp.Lambda((y,), phi(*here))),
        )
        .have(
            name,
            le(_apart(stage), _apart(before)),
            by=[f"sent to {stage}", f"letters of {stage}", f"{stage} renamed"],
        )
    )


_chain = "S -> X -> E -> H -> W"
_informations = tuple(information(f"I(S;{v})") for v in _stages)
_derivation = derive()
for _stage, _name in zip("EHW", ("embedding", "backbone", "head"), strict=True):
    _derivation = _one_stage(_derivation, _stage, _name)
information_flow_chain = Claim(
    id="categorical/information_flow_chain",
    title="Information flow through the model",
    kind=Kind.ORDERING,
    text=(
        "Labels S of contexts are told apart less and less on the way context X, embedding E, state H, next token W of "
        "the head (model law): D(p_X || q_X) >= D(p_E || q_E) >= RepDiv = D(p_H || q_H) >= D(p_W || q_W) for every "
        "f-divergence (phi(a, b) = b f(a/b)) and every Renyi divergence (a monotone function of such a sum), where p "
        "and q are the laws given two labels; with the label as a part of every stage, p the joint law and q the "
        "product of its marginals, the same reads I_D(S;X) >= I_D(S;E) >= I_D(S;H) >= I_D(S;W), written out for "
        "Kullback-Leibler"
    ),
    parameters=(_contexts, _embeddings, _states, _tokens),
    functions=(*_every_law, *_kernels.values(), phi),
    hypotheses=_chain_hypotheses,
    statements=(
        upper(_apart("W"), _apart("H"), label="head"),
        upper(_apart("H"), _apart("E"), label="backbone"),
        upper(_apart("E"), _apart("X"), label="embedding"),
        upper(_informations[3], _informations[2], label="I head"),
        upper(_informations[2], _informations[1], label="I backbone"),
        upper(_informations[1], _informations[0], label="I embedding"),
    ),
    source=Source("zhang2025", "Thm 2.4, Remark 2.6, section 6.1"),
    status=Status.SHARPENED,
    derivation=_derivation.have("I head", le(_informations[3], _informations[2]), by=Shannon(given=_chain))
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
