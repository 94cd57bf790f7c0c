"""Encoders that lose nothing (specification `categorical` 2.2).

Main statements
    injective_encoder   where f_enc is injective the deficit is 0 and every state metric is one of the contexts
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.derivation import Derivation, derive
from theory.information.atoms import information
from theory.justification import Shannon, Termwise, fact, quick
from theory.lemmas.subadditive import (
    data_processing,
    homogeneous,
    is_kernel,
    last,
    masses,
    over,
    p,
    phi,
    pushed,
    q,
    renamed,
    subadditive,
    top,
    x,
    y,
)
from theory.proposition import Forall, eq, le
from theory.source import OWN

_INJECTIVE = "H = f(X), X = g(H)"
_deficit, _surplus, _ceiling = information("I(X;F|H,W)"), information("I(H;F|W)"), information("I(X;F|W)")
_encode, _decode = sp.Function("f_enc", real=True), sp.Function("f_inv", real=True)
_pH, _qH = sp.Function("p_H", real=True), sp.Function("q_H", real=True)
_m, _n = top.symbol, last.symbol
_contexts, _states = over(phi(p(x), q(x))), over(phi(_pH(x), _qH(x)), _n)
_hypotheses = (
    *masses(p, q, _pH, _qH),
    *is_kernel(_encode, _n),
    *is_kernel(_decode, _m),
    Forall((y,), eq(_pH(y), pushed(p, y, _m, _encode))),
    Forall((y,), eq(_qH(y), pushed(q, y, _m, _encode))),
    Forall((y,), eq(p(y), pushed(_pH, y, _n, _decode))),
    Forall((y,), eq(q(y), pushed(_qH, y, _n, _decode))),
    subadditive,
    homogeneous,
)
_named = {h: f"hypothesis {n}" for n, h in enumerate(_hypotheses, start=1)}


def _sent(
    start: Derivation,
    name: str,
    source: tuple[Any, ...],
    target: tuple[Any, ...],
    ends: tuple[Any, ...],
    kernel: sp.Basic,
    laws: tuple[Any, ...],
) -> Derivation:
    """D(target) <= D(source): the kernel sends the laws `source` to the laws `target`."""
    image = [pushed(law, y, ends[0], kernel) for law in source]
    here = [law(y) for law in target]
    sums = over(phi(*image), ends[1], y)
    after = over(phi(*here), ends[1], y)
    return (
        start.have(
            f"{name}: processed",
            le(sums, over(phi(source[0](x), source[1](x)), ends[0])),
            by=[
                *(_named[h] for h in (*masses(*source), *is_kernel(kernel, ends[1]), subadditive, homogeneous)),
                data_processing.at(m=ends[0], n=ends[1], p=source[0], q=source[1], k=kernel, phi=phi),
            ],
        )
        .have(
            f"{name}: letter",
            Forall((y,), eq(phi(*here), phi(*image))),
            by=[
                *(fact(_named[h], y=y) for h in laws),
                *(fact(_named[h], x=y) for h in masses(*target)),
                fact(_named[homogeneous], a=here[0], b=here[1], c=1, s=image[0], t=image[1]),
            ],
        )
        .have(f"{name}: letters", eq(after, sums), by=[Termwise(), f"{name}: letter"])
        .have(
            f"{name}: renamed",
            eq(over(phi(target[0](x), target[1](x)), ends[1]), after),
            by=renamed.at(m=ends[1], f=sp.Lambda((y,), phi(*here))),
        )
        .have(
            name,
            le(over(phi(target[0](x), target[1](x)), ends[1]), over(phi(source[0](x), source[1](x)), ends[0])),
            by=[f"{name}: {part}" for part in ("processed", "letters", "renamed")],
        )
    )


_derivation = (
    derive()
    .have("deficit", eq(_deficit, 0), by=Shannon(given=_INJECTIVE), note="H = f(X) and X = g(H)")
    .have("surplus", eq(_surplus, _ceiling), by=Shannon(given=_INJECTIVE))
)
_derivation = _sent(_derivation, "forth", (p, q), (_pH, _qH), (_m, _n), _encode, _hypotheses[8:10])
_derivation = _sent(_derivation, "back", (_pH, _qH), (p, q), (_n, _m), _decode, _hypotheses[10:12])
injective_encoder = Claim(
    id="categorical/injective_encoder",
    title="Injective encoders make state metrics trivial",
    kind=Kind.EQUALITY,
    text=(
        "f_enc injective on the support of mu gives Deficit_K = 0, Surplus_K = I(X; F | W_t), and the divergence of"
        " two laws of the state is that of the laws of the context they come from (so I_D(H; .) = I_D(X; .) and "
        "RepDiv_D(s || s') = D(p_{X|s} || p_{X|s'}), infinite for KL and 1 for TV where the labels' contexts are "
        "disjoint): the laws p_H, q_H come from p, q by f_enc, and p, q from p_H, q_H by its inverse on the "
        "support. For raw states of real models these metrics are properties of the data: use quantised or noised "
        "states, V-information, or post-compose with the head"
    ),
    parameters=(top, last),
    functions=(p, q, _pH, _qH, _encode, _decode, phi),
    hypotheses=_hypotheses,
    statements=(
        equal(_deficit, 0, label="deficit"),
        equal(_surplus, _ceiling, label="surplus"),
        equal(_states, _contexts, label="metric"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("that trained transformers are injective: Nikolaou et al. (2025), arXiv:2510.15511",),
    derivation=_derivation.have("metric", eq(_states, _contexts), by=["forth", "back", quick]),
)
