"""The noisy linear register, solved exactly (specification 2.B, D26).

The next bit is <c, u> over GF(2), flipped with probability p; y = (1-2p)^(2k). Bits enter characters as signs.

Main statements
    noisy_lfsr   smallest entry, coefficients and spectrum; for the parity register also kappa(A), SLEM and d(4k)
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.define import defined, opaque
from theory.derivation import derive
from theory.justification import Computation, Gap, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Definition, Lemma
from theory.markov.parameters import K
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le
from theory.source import OWN

p = Parameter("p", "p", "probability of a flip", reals(0, sp.Rational(1, 2), open="both"), (0.01, 0.49))
rounds = Parameter("k", "k", "groups of four steps", integers(0), (0, 20))
_p, _K, _k = p.symbol, K.symbol, rounds.symbol
_e = sp.Symbol("e", integer=True, nonnegative=True)
_v = sp.Symbol("v", integer=True, nonnegative=True)
_y = (1 - 2 * _p) ** (2 * _k)

noise_path = defined(
    "markov/noise_path",
    "noise_path(e) = P(a noise vector of K bits with e flips) = p^e (1-p)^(K-e): independent flips",
    (_e,),
    _p**_e * (1 - _p) ** (_K - _e),
)
column_smallest = opaque(
    "markov/column_smallest", "column_smallest(v) = min_u A(u, v), the smallest entry of column v of A"
)
least_column = opaque(
    "markov/least_column",
    "least_column() = a column with the smallest entry of A",
    bounds=(0, 2**_K - 1),
    integer=True,
    nonnegative=True,
)
register_epsilon = defined(
    "markov/register_epsilon",
    "register_epsilon() = eps, the smallest entry of A (D8)",
    (),
    column_smallest(least_column()),
)
register_alpha = defined(
    "markov/register_alpha",
    "register_alpha() = alpha(A) = sum over the 2^K columns of their smallest entries (D9)",
    (),
    sp.Sum(column_smallest(_v), (_v, 0, 2**_K - 1)),
)
noise_bijection = Lemma(
    "markov/noise_bijection",
    "In every column of A the smallest entry is that of the noise vector with all bits flipped",
    (K, p),
    Forall((_v,), eq(column_smallest(_v), noise_path(_K))),
    derive().have(
        "bijection",
        Forall((_v,), eq(column_smallest(_v), noise_path(_K))),
        by=Gap(
            "for given v the map from u to the noise vector is a bijection (c_1 = 1), and p < 1 - p: not formalised "
            "for general K; for the parity register it is computed in markov/noisy_lfsr, step 'entries'"
        ),
    ),
)
_q = 1 - _p
register_beta = defined(
    "markov/register_beta",
    "register_beta() = beta_k (D10) = smallest overlap of two contexts that share k < K tokens: some pairs predict the "
    "same bit, others (those that differ in the oldest token alone, c_1 = 1) different ones",
    (),
    sp.Min(sp.Min(_p, _p) + sp.Min(_q, _q), sp.Min(_p, _q) + sp.Min(_q, _p)),
)
character_step = defined(
    "markov/character_step",
    "character_step() = E[(-1)^next | u] over (-1)^<c,u>: next is <c,u> with probability 1-p, else the other bit",
    (),
    (1 - _p) * 1 + _p * (-1),
)

# -- the parity register, K = 3: rows of A are the law of three noise bits, shifted (step 'entries') ------------------


def _weight(flips: int) -> sp.Expr:
    """Probability of three given noise bits, `flips` of them flipped."""
    return _p**flips * _q ** (3 - flips)


@cache
def _smaller(flips: int, others: int) -> sp.Expr:
    return sp.Min(_weight(flips), _weight(others))


def _overlap(shift: int) -> sp.Expr:
    """Overlap of the law of three noise bits with itself shifted by `shift`: a sum over the eight noise vectors."""
    return sp.Add(*(_smaller(e.bit_count(), (e ^ shift).bit_count()) for e in range(8)))


def _shift(name: str, bits: int) -> Definition:
    meaning = f"{name}() = sum over three noise bits e of min(P(e), P(e + {bits:03b}))"
    return defined(f"markov/{name}", meaning, (), _overlap(bits))


shift_one, shift_two, shift_three = _shift("shift_one", 1), _shift("shift_two", 3), _shift("shift_three", 7)
_by_overlap = {_overlap(1): shift_one(), _overlap(3): shift_two(), _overlap(7): shift_three()}  # by number of ones
register_overlap = defined(
    "markov/register_overlap",
    "register_overlap() = 1 - kappa(A) of the parity register: the smallest overlap of two rows, over all seven shifts",
    (),
    sp.Min(*(_by_overlap[_overlap(shift)] for shift in range(1, 8))),
)
_r = sp.sqrt(1 - 2 * _p)
entry_mismatch = opaque(
    "markov/entry_mismatch",
    "entry_mismatch() = entries (u, v) of A = P_R^3 of the parity register, polynomials in p, that differ from "
    "P(noise(u, v)), noise(u, v) being linear in u and v and onto for given v",
)
character_mismatch = opaque(
    "markov/character_mismatch",
    "character_mismatch() = entries (u, a) in which P_R^4 applied to the character a of the parity register differs "
    "from (1-2p)^w times it, w being the weight that a meets on four steps of its cycle",
)
spectrum_mismatch = opaque(
    "markov/spectrum_mismatch",
    "spectrum_mismatch() = coefficients in which det(x I - P_R) of the parity register, a polynomial in x and p, "
    "differs from (x-1)(x-(1-2p))(x^2-(1-2p))(x^4-(1-2p)^2): one factor x^length - (1-2p)^weight a cycle of a -> a'",
)


def parity_spectrum() -> int:
    """Number of coefficients, in exact polynomial arithmetic over the integers, in which the two polynomials differ."""
    x, flip = sp.symbols("x flip")
    matrix = _parity_matrix(flip)
    ring = sp.ZZ[flip]
    found = sp.polys.matrices.DomainMatrix.from_Matrix(matrix).convert_to(ring).charpoly()
    keep = 1 - 2 * flip
    factors = sp.Poly((x - 1) * (x - keep) * (x**2 - keep) * (x**4 - keep**2), x)
    pairs = zip((ring.to_sympy(c) for c in found), factors.all_coeffs(), strict=True)
    return sum(sp.expand(a - b) != 0 for a, b in pairs)


def _parity_matrix(flip: sp.Symbol) -> sp.Matrix:
    """P_R of the parity register on the eight contexts, newest bit last."""
    matrix = sp.zeros(8, 8)
    for u in range(8):
        predicted = u.bit_count() % 2
        for token in (0, 1):
            matrix[u, (u % 4) * 2 + token] += 1 - flip if token == predicted else flip
    return matrix


def parity_entries() -> int:
    """Entries of P_R^3 that are not the probability of the noise vector between u and v, as polynomials in p.

    Also counts pairs of rows whose noise vectors are not shifts of each other, and vectors missing in a column.
    """
    flip = sp.Symbol("flip")
    block = (_parity_matrix(flip) ** 3).applyfunc(sp.expand)
    noise: dict[tuple[int, int], int] = {}
    wrong = 0
    for u in range(8):
        for v in range(8):
            context, vector = u, 0
            for bit in (v >> 2 & 1, v >> 1 & 1, v & 1):
                vector = vector * 2 + (context.bit_count() % 2 ^ bit)
                context = context % 4 * 2 + bit
            noise[u, v] = vector
            flips = vector.bit_count()
            wrong += sp.expand(block[u, v] - flip**flips * (1 - flip) ** (3 - flips)) != 0
    wrong += sum(
        noise[u, v] ^ noise[w, v] != noise[u, 0] ^ noise[w, 0] for u in range(8) for w in range(8) for v in range(8)
    )
    return int(wrong) + sum(8 - len({noise[u, v] for u in range(8)}) for v in range(8))


def _four_steps(character: int) -> tuple[int, int]:
    """The character after four steps, and how often its newest bit was set on the way (each costs a factor 1-2p)."""
    weight = 0
    for _ in range(4):
        newest = character & 1
        weight += newest
        character = character >> 1 ^ 7 * newest
    return character, weight


def parity_characters() -> int:
    """Entries in which P_R^4 applied to a character differs from (1-2p)^weight times the character."""
    flip = sp.Symbol("flip")
    power = (_parity_matrix(flip) ** 4).applyfunc(sp.expand)
    wrong = 0
    for a in range(8):
        image, weight = _four_steps(a)
        signs = sp.Matrix([(-1) ** (a & u).bit_count() for u in range(8)])
        difference = power * signs - (1 - 2 * flip) ** weight * signs
        wrong += sum(sp.expand(value) != 0 for value in difference) + (image != a)
    return int(wrong)


_CYCLES = ((1, 1), (2, 1), (4, 2))  # length and weight of the cycles of a -> a' other than that of the constant
parity_slem = defined(
    "markov/parity_slem",
    "parity_slem() = SLEM of the parity register: by the step 'spectrum' the roots of x^length = (1-2p)^weight over "
    "three cycles, which have the modulus (1-2p)^(weight/length)",
    (),
    sp.Max(*((1 - 2 * _p) ** sp.Rational(weight, length) for length, weight in _CYCLES)),
)


def _deviation(difference: int) -> sp.Expr:
    """P_R^(4k)(u, v) - 1/8 for u + v = `difference`: by the step 'eigenvalues' a sum over the seven characters."""
    terms = ((1 - 2 * _p) ** (_four_steps(a)[1] * _k) * (-1) ** (a & difference).bit_count() for a in range(1, 8))
    return sp.Add(*terms) / 8


_own, _even, _odd = _deviation(0), _deviation(2), _deviation(1)
parity_distance = defined(
    "markov/parity_distance",
    "parity_distance(k) = d(4k) = half the sum over v of |P_R^(4k)(u, v) - 1/8|, P_R^(4k) written in its characters",
    (_k,),
    sp.Add(*(sp.Abs(_deviation(difference)) for difference in range(8))) / 2,
)

_pairs = tuple(
    eq(sp.Min(_weight(fewer), _weight(more)), _weight(more))
    for fewer, more in ((0, 1), (1, 2), (2, 3), (0, 2), (1, 3), (0, 3))
)
_names = ("fewer flips", "one or two", "two or three", "none or two", "one or three", "none or three")

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
    .have("all flipped", eq(noise_path(_K), _p**_K), by=[unfold(noise_path, e=_K), quick])
    .have("bijection", noise_bijection.conclusion, by=noise_bijection.at())
    .have(
        "epsilon",
        eq(register_epsilon(), _p**_K),
        by=["all flipped", fact("bijection", v=least_column()), unfold(register_epsilon), quick],
    )
    .have("entries", eq(entry_mismatch(), 0), by=Computation(parity_entries, "P_R^3 over Z[p]"))
    .have(
        "same in every column",
        eq(sp.Sum(column_smallest(_v), (_v, 0, 2**_K - 1)), sp.Sum(noise_path(_K), (_v, 0, 2**_K - 1))),
        by=[Termwise(), fact("bijection", v=_v)],
    )
    .have("constant", eq(sp.Sum(noise_path(_K), (_v, 0, 2**_K - 1)), 2**_K * noise_path(_K)), by=algebra)
    .have(
        "columns",
        eq(register_alpha(), 2**_K * _p**_K),
        by=["all flipped", "same in every column", "constant", unfold(register_alpha), quick],
    )
    .have("powers", eq(2**_K * _p**_K, (2 * _p) ** _K), by=algebra)
    .have("alpha", eq(register_alpha(), (2 * _p) ** _K), by=["columns", "powers", quick])
    .have("smaller", eq(sp.Min(_p, 1 - _p), _p), by=decide)
    .have("beta", eq(register_beta(), 2 * _p), by=["smaller", unfold(register_beta), quick])
    .have("characters", eq(character_step(), 1 - 2 * _p), by=[unfold(character_step), quick])
    .have(
        "spectrum", eq(spectrum_mismatch(), 0), by=Computation(parity_spectrum, "characteristic polynomial over Z[p]")
    )
    .have("root", ge(_r, 1 - 2 * _p), by=decide, note="sqrt(x) >= x on [0, 1]")
    .have("slem", eq(parity_slem(), _r), by=["spectrum", "root", unfold(parity_slem), decide])
    .have("fewer flips", _pairs[0], by=decide)
    .have("one or two", _pairs[1], by=decide)
    .have("two or three", _pairs[2], by=decide)
    .have("none or two", _pairs[3], by=decide)
    .have("one or three", _pairs[4], by=decide)
    .have("none or three", _pairs[5], by=decide)
    .have("shift 100", eq(shift_one(), 2 * _p), by=[*_names, unfold(shift_one), decide])
    .have("shift 110", eq(shift_two(), 2 * _p), by=[*_names, unfold(shift_two), decide])
    .have("shift 111", eq(shift_three(), 6 * _p**2 - 4 * _p**3), by=[*_names, unfold(shift_three), decide])
    .have("smallest", le(6 * _p**2 - 4 * _p**3, 2 * _p), by=decide, note="(1-p)(1-2p) >= 0")
    .have(
        "kappa",
        eq(register_overlap(), 6 * _p**2 - 4 * _p**3),
        by=[
            "entries",
            "shift 100",
            "shift 110",
            "shift 111",
            "smallest",
            unfold(register_overlap),
            decide,
        ],
    )
    .have(
        "eigenvalues",
        eq(character_mismatch(), 0),
        by=Computation(parity_characters, "P_R^4 on the eight characters, over Z[p]"),
    )
    .have("y", le(_y, 1), by=decide)
    .have("y sign", ge(_y, 0), by=decide)
    .have("sum", eq((_own + 3 * (-_even) + 4 * (-_odd)) / 2, (6 * _y + _y**2) / 8), by=algebra)
    .have("signs", ge(-_even, 0), by=["y", "y sign", decide])
    .have(
        "distance",
        eq(parity_distance(_k), (6 * _y + _y**2) / 8),
        by=["eigenvalues", "sum", "signs", "y sign", unfold(parity_distance, k=_k), decide],
    ),
)
