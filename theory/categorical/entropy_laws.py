"""What happens to a categorical entropy before and behind a kernel (specification `categorical` 2.1).

Main statements
    entropy_precomposition      a deterministic encoder in front changes nothing
    entropy_dpi_as_stated       Remark 2.6 of the paper read for entropies: a kernel behind lowers them
    entropy_coarse_graining     a deterministic map behind does

f and e are boxes that are flagged deterministic, k and s any boxes. Entropy is the divergence of two diagrams
(D9), so what is proved of the diagrams holds for every divergence.
"""

from __future__ import annotations

import sympy as sp

from theory.categorical.enrichment import convex
from theory.categories import Box, Copy, Ob
from theory.categories.atoms import diagram
from theory.claim import Claim, Kind, Status, equal, upper
from theory.define import opaque
from theory.derivation import derive
from theory.justification import Termwise, fact, normal_form, quick
from theory.lemmas import subadditive
from theory.lemmas.subadditive import is_kernel, k, last, masses, over, p, phi, pushed, q, top, x, y
from theory.lemmas.sums import exchange
from theory.proposition import Forall, eq, le
from theory.source import OWN, Source
from theory.verdict import Verdict

X, Y, Z = Ob("X"), Ob("Y"), Ob("Z")
encoder, map_behind = Box("e", X, Y, deterministic=True), Box("f", Y, Z, deterministic=True)
kernel, state = Box("k", Y, Z), Box("s", X, Y)
_m, _n = top.symbol, last.symbol
mu, nu, e, H, H_behind = (sp.Function(name, real=True) for name in ("mu", "nu", "e", "H", "H_behind"))
_i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "ij")

_copied = encoder >> kernel >> Copy(Z)
_twice = Copy(X) >> (encoder >> kernel) @ (encoder >> kernel)
_before = over(mu(x) * H_behind(x), _m)
_after = over(nu(y) * H(y), _n, y)
_rows = over(mu(x) * over(H(y) * e(x, y), _n, y), _m)
_columns = over(H(y) * over(mu(x) * e(x, y), _m), _n, y)
entropy_precomposition = Claim(
    id="categorical/entropy_precomposition",
    title="Entropy ignores a deterministic encoder",
    kind=Kind.EQUALITY,
    text=(
        "e deterministic: the two diagrams whose divergence is the entropy of e ≫ k are those of k behind e, so "
        "H_D(e ≫ k)(x) = H_D(k)(e(x)) for every D, and the average at mu is the average at mu ≫ e (H(y) is the "
        "entropy of k at y, H_behind(x) that of e ≫ k at x). With the language model: generator and head have one "
        "entropy"
    ),
    parameters=(top, last),
    functions=(mu, nu, e, H, H_behind),
    hypotheses=(
        Forall((x,), eq(over(e(x, y), _n, y), 1)),
        Forall((x, y), eq(e(x, y) * (H(y) - H_behind(x)), 0)),
        Forall((y,), eq(nu(y), over(mu(x) * e(x, y), _m))),
    ),
    statements=(
        equal(diagram(_copied), diagram(encoder >> (kernel >> Copy(Z))), label="copied"),
        equal(diagram(_twice), diagram(encoder >> (Copy(Y) >> kernel @ kernel)), label="drawn twice"),
        equal(_before, _after, label="average"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=(
        "false for stochastic encoders: a coin, then copying it",
        "e(x, y) = 1 for y = e(x), else 0; so e(x, y) (H(y) - H_behind(x)) = 0 says that H_behind(x) = H(e(x))",
    ),
    derivation=derive()
    .have("copied", eq(diagram(_copied), diagram(encoder >> (kernel >> Copy(Z)))), by=normal_form())
    .have(
        "drawn twice",
        eq(diagram(_twice), diagram(encoder >> (Copy(Y) >> kernel @ kernel))),
        by=normal_form(),
        note="copying slides through the encoder",
    )
    .have(
        "image",
        Forall((_i, _j), eq(H(_j) * e(_i, _j), H_behind(_i) * e(_i, _j))),
        by=[fact("hypothesis 2", x=_i, y=_j), quick],
    )
    .have(
        "row",
        Forall((_i,), eq(over(H(y) * e(_i, y), _n, y), over(H_behind(_i) * e(_i, y), _n, y))),
        by=[Termwise(), "image"],
    )
    .have(
        "value",
        Forall((_i,), eq(mu(_i) * H_behind(_i), mu(_i) * over(H(y) * e(_i, y), _n, y))),
        by=[fact("row", i=_i), fact("hypothesis 1", x=_i), quick],
    )
    .have("rows", eq(_before, _rows), by=[Termwise(), "value"])
    .have("exchange", eq(_rows, _columns), by=exchange.at(top=_m, last=_n, g=e, u=mu, w=H))
    .have(
        "mass",
        Forall((_j,), eq(H(_j) * over(mu(x) * e(x, _j), _m), nu(_j) * H(_j))),
        by=[fact("hypothesis 3", y=_j), quick],
    )
    .have("columns", eq(_columns, _after), by=[Termwise(), "mass"])
    .have("average", eq(_before, _after), by=["rows", "exchange", "columns"]),
)

entropy_before_kernel = opaque("categorical/entropy_before_kernel", "H_D(k), at one input")
entropy_behind_kernel = opaque("categorical/entropy_behind_kernel", "H_D(k ≫ h), at the same input")
entropy_dpi_as_stated = Claim(
    id="categorical/entropy_dpi_as_stated",
    title="Entropy decreases under post-processing, as printed",
    kind=Kind.UPPER,
    text="categorical entropies satisfy the data-processing inequality: H_D(k ≫ h) <= H_D(k) for all kernels k, h",
    parameters=(),
    statements=(
        upper(entropy_behind_kernel(), entropy_before_kernel(), label="KL"),
        upper(entropy_behind_kernel(), entropy_before_kernel(), label="TV"),
    ),
    source=Source("zhang2025", "Remark 2.6"),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why="a coin behind a point mass makes an entropy of 0 positive: only deterministic maps behind lower it",
)

_pushed = over(phi(pushed(p, y), pushed(q, y)), _n, y)
_masses = over(phi(p(x), q(x)), _m)
_coarse = state >> map_behind
entropy_coarse_graining = Claim(
    id="categorical/entropy_coarse_graining",
    title="Entropy decreases under deterministic maps",
    kind=Kind.UPPER,
    text=(
        "f deterministic: H_D(s ≫ f) <= H_D(s) for every D with data processing. The two diagrams of s ≫ f are "
        "those of s followed by f ⊗ f; p and q are the masses of the latter on pairs of letters, numbered 0..m, "
        "and k = f ⊗ f"
    ),
    parameters=(top, last),
    functions=(p, q, k, phi),
    hypotheses=(*masses(p, q), *is_kernel(k), *convex(phi)),
    statements=(
        upper(_pushed, _masses, label="entropy"),
        equal(diagram(_coarse >> Copy(Z)), diagram(state >> Copy(Y) >> map_behind @ map_behind), label="copied"),
        equal(
            diagram(Copy(X) >> _coarse @ _coarse),
            diagram(Copy(X) >> state @ state >> map_behind @ map_behind),
            label="drawn twice",
        ),
    ),
    source=OWN,
    status=Status.OWN,
    corrects=("categorical/entropy_dpi_as_stated",),
    derivation=derive()
    .have(
        "copied",
        eq(diagram(_coarse >> Copy(Z)), diagram(state >> Copy(Y) >> map_behind @ map_behind)),
        by=normal_form(),
        note="copying behind f is f ⊗ f behind copying",
    )
    .have(
        "drawn twice",
        eq(
            diagram(Copy(X) >> _coarse @ _coarse),
            diagram(Copy(X) >> state @ state >> map_behind @ map_behind),
        ),
        by=normal_form(),
    )
    .have(
        "entropy",
        le(_pushed, _masses),
        by=[*(f"hypothesis {h}" for h in range(1, 7)), subadditive.data_processing.at()],
        note="data processing for f ⊗ f",
    ),
)
