"""The noisy linear register, solved exactly (specification 2.B, D26).

The next bit is <c, u> over GF(2), flipped with probability p; y = (1-2p)^(2k). Bits enter characters as signs.

Main statements
    noisy_lfsr   smallest entry, coefficients and spectrum; for the parity register also kappa(A), SLEM and d(4k)
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.derivation import derive
from theory.justification import Computation, Decide, algebra, decide, unfold
from theory.lemma import Definition
from theory.markov.parameters import K
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

p = Parameter("p", "p", "probability of a flip", reals(0, sp.Rational(1, 2), open="both"), (0.01, 0.49))
rounds = Parameter("k", "k", "groups of four steps", integers(0), (0, 20))
_p, _K, _k = p.symbol, K.symbol, rounds.symbol
_quick = Decide(effort=0.3)
_e = sp.Symbol("e", integer=True, nonnegative=True)
_y = (1 - 2 * _p) ** (2 * _k)


def _quantity(name: str, meaning: str, value: sp.Expr, latex: str = "") -> Definition:
    """A number of the register by what it is when the noise vectors or characters are summed out."""
    head = sp.Function(name, real=True)
    return Definition(f"markov/{name}", head, meaning, (eq(head(), value),), latex)


noise_path = Definition(
    "markov/noise_path",
    sp.Function("noise_path", real=True),
    "noise_path(e) = P(a noise vector of K bits with e flips) = p^e (1-p)^(K-e); for given v the map from u to the "
    "noise vector is a bijection (c_1 = 1), so these are the entries A(u, v)",
    (Forall((_e,), eq(sp.Function("noise_path", real=True)(_e), _p**_e * (1 - _p) ** (_K - _e))),),
)
register_epsilon = _quantity("register_epsilon", "register_epsilon() = eps: all K bits flipped", noise_path(_K))
register_alpha = _quantity(
    "register_alpha", "register_alpha() = alpha(A): 2^K columns whose smallest entry is eps", 2**_K * noise_path(_K)
)
register_beta = _quantity(
    "register_beta",
    "register_beta() = beta_k: two contexts that predict different bits share the smaller probability of each bit",
    sp.Min(_p, 1 - _p) + sp.Min(1 - _p, _p),
)
character_step = _quantity(
    "character_step",
    "character_step() = E[(-1)^next | u] over (-1)^<c,u>",
    (1 - _p) * 1 + _p * (-1),
)
# Overlap of the law of three noise bits with its shift by 1, 2 or 3 flipped bits: sum over vectors of the smaller one.
_q = 1 - _p
shift_one = _quantity(
    "shift_one", "shift_one() = overlap with the shift 100", 2 * (_q**2 + 2 * _p * _q + _p**2) * sp.Min(_p, _q)
)
shift_two = _quantity(
    "shift_two",
    "shift_two() = overlap with the shift 110",
    2 * (_p + _q) * sp.Min(_p**2, _q**2) + 2 * (_p + _q) * _p * _q,
)
shift_three = _quantity(
    "shift_three",
    "shift_three() = overlap with the shift 111",
    2 * sp.Min(_p**3, _q**3) + 6 * sp.Min(_p**2 * _q, _p * _q**2),
)
register_overlap = _quantity(
    "register_overlap",
    "register_overlap() = 1 - kappa(A) of the parity register: the smallest overlap, over all shifts",
    sp.Min(shift_one(), shift_two(), shift_three()),
)
_r = sp.sqrt(1 - 2 * _p)
spectrum_mismatch = Definition(
    "markov/spectrum_mismatch",
    sp.Function("spectrum_mismatch", real=True),
    "spectrum_mismatch() = coefficients in which det(x I - P_R) of the parity register, a polynomial in x and p, "
    "differs from (x-1)(x-(1-2p))(x^2-(1-2p))(x^4-(1-2p)^2): one factor x^length - (1-2p)^weight a cycle of a -> a'",
)


def parity_spectrum() -> int:
    """Number of coefficients, in exact polynomial arithmetic over the integers, in which the two polynomials differ."""
    x, flip = sp.symbols("x flip")
    matrix = sp.zeros(8, 8)
    for u in range(8):
        predicted = bin(u).count("1") % 2
        for token in (0, 1):
            matrix[u, (u % 4) * 2 + token] += 1 - flip if token == predicted else flip
    ring = sp.ZZ[flip]
    found = sp.polys.matrices.DomainMatrix.from_Matrix(matrix).convert_to(ring).charpoly()
    keep = 1 - 2 * flip
    factors = sp.Poly((x - 1) * (x - keep) * (x**2 - keep) * (x**4 - keep**2), x)
    pairs = zip((ring.to_sympy(c) for c in found), factors.all_coeffs(), strict=True)
    return sum(sp.expand(a - b) != 0 for a, b in pairs)


parity_slem = _quantity("parity_slem", "parity_slem() = SLEM of the parity register", sp.Max(1 - 2 * _p, _r))
# P_R^(4k)(u, v) - 1/8 in the eight characters: weight y on the six of the cycles of length 2 and 4, y^2 on 101.
_own, _even, _odd = (_y * 6 + _y**2) / 8, (_y**2 - 2 * _y) / 8, -(_y**2) / 8
parity_distance = Definition(
    "markov/parity_distance",
    sp.Function("parity_distance", real=True),
    "parity_distance(k) = d(4k): half the sum of |P_R^(4k)(u, v) - 1/8|, one v equal to u, three with <101, u+v> = 0, "
    "four with <101, u+v> = 1",
    (
        Forall(
            (_k,),
            eq(
                sp.Function("parity_distance", real=True)(_k),
                (sp.Abs(_own) + 3 * sp.Abs(_even) + 4 * sp.Abs(_odd)) / 2,
            ),
        ),
    ),
)

noisy_lfsr = Claim(
    id="markov/noisy_lfsr",
    title="The noisy register, solved exactly",
    kind=Kind.EQUALITY,
    text=(
        "pi uniform, eps = p^K, alpha(A) = (2p)^K, beta_k = 2p; each cycle of a -> a' of length l and weight w gives "
        "the roots of lambda^l = (1-2p)^w; parity: SLEM = sqrt(1-2p), 1-kappa(A) = 6p^2-4p^3, d(4k) = (6y+y^2)/8"
    ),
    parameters=(K, p, rounds),
    statements=(
        equal(register_epsilon(), _p**_K, label="epsilon"),
        equal(register_alpha(), (2 * _p) ** _K, label="alpha"),
        equal(register_beta(), 2 * _p, label="beta"),
        equal(character_step(), 1 - 2 * _p, label="characters"),
        equal(spectrum_mismatch(), 0, label="spectrum"),
        equal(parity_slem(), _r, label="slem"),
        equal(register_overlap(), 6 * _p**2 - 4 * _p**3, label="kappa"),
        equal(parity_distance(_k), (6 * _y + _y**2) / 8, label="distance"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("all flipped", eq(noise_path(_K), _p**_K), by=[unfold(noise_path, e=_K), _quick])
    .have("epsilon", eq(register_epsilon(), _p**_K), by=["all flipped", unfold(register_epsilon), _quick])
    .have("columns", eq(register_alpha(), 2**_K * _p**_K), by=["all flipped", unfold(register_alpha), _quick])
    .have("powers", eq(2**_K * _p**_K, (2 * _p) ** _K), by=algebra)
    .have("alpha", eq(register_alpha(), (2 * _p) ** _K), by=["columns", "powers", _quick])
    .have("smaller", eq(sp.Min(_p, 1 - _p), _p), by=decide)
    .have("beta", eq(register_beta(), 2 * _p), by=["smaller", unfold(register_beta), _quick])
    .have("characters", eq(character_step(), 1 - 2 * _p), by=[unfold(character_step), _quick])
    .have(
        "spectrum", eq(spectrum_mismatch(), 0), by=Computation(parity_spectrum, "characteristic polynomial over Z[p]")
    )
    .have("root", ge(_r, 1 - 2 * _p), by=decide, note="sqrt(x) >= x on [0, 1]")
    .have("slem", eq(parity_slem(), _r), by=["root", unfold(parity_slem), decide])
    .have("shift 100", eq(shift_one(), 2 * _p), by=["smaller", unfold(shift_one), decide])
    .have("shift 110", eq(shift_two(), 2 * _p), by=["smaller", unfold(shift_two), decide])
    .have("shift 111", eq(shift_three(), 6 * _p**2 - 4 * _p**3), by=[unfold(shift_three), decide])
    .have("smallest", le(6 * _p**2 - 4 * _p**3, 2 * _p), by=decide, note="(1-p)(1-2p) >= 0")
    .have(
        "kappa",
        eq(register_overlap(), 6 * _p**2 - 4 * _p**3),
        by=["shift 100", "shift 110", "shift 111", "smallest", unfold(register_overlap), decide],
    )
    .have("y", le(_y, 1), by=decide)
    .have("y sign", ge(_y, 0), by=decide)
    .have("sum", eq((_own + 3 * (-_even) + 4 * (-_odd)) / 2, (6 * _y + _y**2) / 8), by=algebra)
    .have("signs", ge(-_even, 0), by=["y", "y sign", decide])
    .have(
        "distance",
        eq(parity_distance(_k), (6 * _y + _y**2) / 8),
        by=["sum", "signs", "y sign", unfold(parity_distance, k=_k), decide],
    ),
)
