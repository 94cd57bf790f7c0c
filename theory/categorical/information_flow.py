"""Information along a language model (specification `categorical` 2.2).

Main statements
    information_flow_chain    labels are told apart less and less: context, embedding, state, next token
    softmax_contraction       a linear-softmax head contracts: TV <= tanh(osc/4), KL <= osc^2/8
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.parameters import V, diam, osc
from theory.claim import Claim, Kind, Status, upper
from theory.derivation import Derivation, derive
from theory.information.atoms import information
from theory.justification import Shannon, SingleTerm, Termwise, algebra, decide, fact, quick
from theory.lemma import Citation, Lemma
from theory.lemmas import tilting
from theory.lemmas.bounded_range import hoeffding
from theory.lemmas.euclidean import over_width
from theory.lemmas.oscillation import tv_softmax
from theory.lemmas.softmax import over_tokens
from theory.lemmas.subadditive import (
    data_processing,
    eta,
    homogeneous,
    is_kernel,
    masses,
    over,
    p,
    phi,
    pushed,
    q,
    renamed,
    strong_data_processing,
    subadditive,
    x,
    y,
    z,
)
from theory.lemmas.subadditive import k as kernel
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
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
lowest = Parameter("lowest", r"\check k", "token whose logit changes least", integers(0, V.symbol - 1), (0, 1))
distance = Parameter("distance", r"|h-h'|", "distance of the two states", reals(0, open="lower"), (0.1, 10))
width = Parameter("r", "r", "width of the state", integers(1), (1, 4096))
_low, _distance, _r = lowest.symbol, distance.symbol, width.symbol
_k = sp.Symbol("k", integer=True, nonnegative=True)
_j = sp.Symbol("j", integer=True, nonnegative=True)
logit, tilt, g, v, rows_of_head = (sp.Function(name, real=True) for name in ("a", "y", "g", "v", "k"))


def _softmax(time: int) -> sp.Expr:
    """p_h(k) at time 0, p_h'(k) at time 1."""
    return tilting.law(sp.Integer(time), _k, _V, logit, tilt)


_tv = over_tokens(sp.Abs(_softmax(1) - _softmax(0)), _k, _V) / 2
_kl = over_tokens(_softmax(0) * sp.log(_softmax(0) / _softmax(1)), _k, _V)
_change = over_width(g(_j) * v(_j), _j, _r)
_law_change = over(phi(p(x), q(x)), _ends["H"])
_token_change = over(phi(pushed(p, y, _ends["H"]), pushed(q, y, _ends["H"])), _V - 1, y)
_factor = sp.tanh(_osc / 4)
_square = over_width((_distance * g(_j) - _diam * v(_j)) ** 2, _j, _r)
_ranges = (
    # of values beyond the last token nothing depends: they are taken equal to the lowest (lemmas/bounded_range)
    Forall((_k,), ge(tilt(_k) - tilt(_low), 0)),
    Forall((_k,), le(tilt(_k) - tilt(_low), _osc)),
)
_of_head = (*masses(p, q), *is_kernel(kernel, _V - 1), subadditive, homogeneous)
_laws_of_states = (eq(over(p(x), _ends["H"]), 1), eq(over(q(x), _ends["H"]), 1), eq(phi(1, 1), 0))
_rows_within = Forall((x, z), le(over(sp.Abs(kernel(x, y) - kernel(z, y)), _V - 1, y) / 2, _factor))
_contracted = (information("I(S;W)"), information("I(S;H)"))
information_contracts = Lemma(
    "categorical/information_contracts",
    "Mutual information contracts by the Dobrushin coefficient",
    (V, eta),
    le(_contracted[0], eta.symbol * _contracted[1]),
    hypotheses=(
        *is_kernel(kernel, _V - 1),
        Forall((x, z), le(over(sp.Abs(kernel(x, y) - kernel(z, y)), _V - 1, y) / 2, eta.symbol)),
    ),
    functions=(kernel,),
    statement="I(S; W) <= eta I(S; H) for S -> H -> W, W drawn by the kernel from H",
    backing=Citation(Source("polyanskiy2017", "section 2, eq. (15)", recheck=True), "eta_KL <= eta_TV"),
)
_forward = tilting.forward_kl.at(m=_V, x=1, a=logit, y=tilt)
_hoeffding = hoeffding.at(m=_V, low=tilt(_low), R=_osc, x=1, a=logit, y=tilt)
softmax_contraction = Claim(
    id="categorical/softmax_contraction",
    title="A linear-softmax head contracts",
    kind=Kind.UPPER,
    text=(
        "Rows p_h and p_h' of a linear-softmax head, of logits a and a + y, y(k) = <g(k), h' - h>, range osc: TV "
        "<= tanh(osc/4) and KL <= osc^2/8, in both orders exchange h and h'; and osc <= diam |h - h'|, "
        "for the two tokens with the largest and smallest y, whose rows differ by g, |g| <= diam, and v = h' - h. "
        "Behind a head whose rows at the used states differ by at most osc in this way, D_f(pk || qk) <= tanh(osc/4) "
        "D_f(p || q) for laws p, q on states, and I(S; W) <= tanh(osc/4) I(S; H) for labels S -> H -> W"
    ),
    parameters=(V, lowest, osc, diam, distance, width, _states),
    functions=(logit, tilt, g, v, p, q, kernel, phi),
    hypotheses=(
        *_ranges,
        le(over_width(g(_j) ** 2, _j, _r), _diam**2),
        eq(over_width(v(_j) ** 2, _j, _r), _distance**2),
        *_of_head,
        *_laws_of_states,
        _rows_within,
    ),
    statements=(
        upper(_tv, _factor, trivial=1, label="tv"),
        upper(_kl, _osc**2 / 8, label="kl"),
        upper(_change, _diam * _distance, label="norm"),
        upper(_token_change, _factor * _law_change, label="rows"),
        upper(_contracted[0], _factor * _contracted[1], label="labels"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have(
        "tv",
        le(_tv, _factor),
        by=[
            "hypothesis 1",
            "hypothesis 2",
            tv_softmax.at(m=_V, a=_low, osc=_osc, u=sp.Lambda((_k,), logit(_k) + tilt(_k)), v=logit),
        ],
        note="L7",
    )
    .have(
        "at least",
        Forall((_k,), le(tilt(_low), tilt(_k))),
        by=[fact("hypothesis 1", k=_k), quick],
    )
    .have(
        "at most",
        Forall((_k,), le(tilt(_k), tilt(_low) + _osc)),
        by=[fact("hypothesis 2", k=_k), quick],
    )
    .have("bregman", _forward.conclusion, by=_forward)
    .have(
        "hoeffding",
        _hoeffding.conclusion,
        by=["at least", "at most", _hoeffding],
        note="L6 for Y = y under p_h",
    )
    .have("kl", le(_kl, _osc**2 / 8), by=["bregman", "hoeffding", quick])
    .have("non-negative", ge(_square, 0), by=SingleTerm(0))
    .have(
        "expanded",
        eq(
            _square,
            _distance**2 * over_width(g(_j) ** 2, _j, _r)
            - 2 * _distance * _diam * _change
            + _diam**2 * over_width(v(_j) ** 2, _j, _r),
        ),
        by=algebra,
    )
    .have(
        "norm", le(_change, _diam * _distance), by=["non-negative", "expanded", "hypothesis 3", "hypothesis 4", decide]
    )
    .have("factor", le(_factor, 1), by=decide)
    .have("positive factor", ge(_factor, 0), by=decide)
    .have(
        "rows",
        le(_token_change, _factor * _law_change),
        by=[
            "factor",
            "positive factor",
            *(f"hypothesis {n}" for n in range(5, 15)),
            strong_data_processing.at(m=_ends["H"], n=_V - 1, eta=_factor, p=p, q=q, k=kernel, phi=phi),
        ],
        note="L8",
    )
    .have(
        "labels",
        le(_contracted[0], _factor * _contracted[1]),
        by=[
            "factor",
            "positive factor",
            "hypothesis 7",
            "hypothesis 8",
            "hypothesis 14",
            information_contracts.at(V=_V, eta=_factor, k=kernel),
        ],
        note="L8",
    ),
)
