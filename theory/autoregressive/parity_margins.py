"""Margins and mistakes of chains for parities (specification `autoregressive` 2F).

Main statements
    parity_linear_learnable   squared norms of the Kautz chain in sign features, and the perceptron's mistakes
    parity_length_margin      a chain of n + 1 tokens has larger margins, and a smaller bound on mistakes
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import Induction, Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.perceptron import moves
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le, lt
from theory.source import OWN

n = Parameter("n", "n", "length of the prompt", integers(1), (1, 1000), "tokens")
a = Parameter("a", "a", "bits of the parity", integers(1), (1, 20), "bits")
L = Parameter("L", "L", "floor(log2 a)", integers(0), (0, 4))
J = Parameter("j", "j", "digit 2^j", integers(0, L.symbol), (0, 4))
_n, _a, _L, _J = (p.symbol for p in (n, a, L, J))

_i = sp.Symbol("i", integer=True, nonnegative=True)
_t = sp.Symbol("t", integer=True, nonnegative=True)
_x = sp.Symbol("x", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)
_p = sp.Symbol("p", integer=True, positive=True)
_y = sp.Symbol("y", integer=True, nonnegative=True)
_z = sp.Symbol("z", integer=True, nonnegative=True)

sign_bias = defined(
    "autoregressive/sign_bias",
    "sign_bias(a, L, j) = bias of digit j in sign features: sum of the weights, 1 for each of a bits and -2^i for each "
    "digit i > j, less 2^(j+1) - 1",
    (_p, _y, _z),
    sp.Sum(1, (_i, 1, _p)) - sp.Sum(2**_i, (_i, _z + 1, _y)) - 2 ** (_z + 1) + 1,
)
sign_norm = defined(
    "autoregressive/sign_norm",
    "sign_norm(a, L, j) = squared norm of digit j in sign features",
    (_p, _y, _z),
    sp.Sum(1, (_i, 1, _p)) + sp.Sum(4**_i, (_i, _z + 1, _y)) + sign_bias(_p, _y, _z) ** 2,
)
weight, spin = (sp.Function(name, real=True) for name in ("form_weight", "spin"))
in_signs = Lemma(
    "autoregressive/in_signs",
    "The doubled form of bits v = (1 + s)/2 in signs s: the weights are kept, the bias is their sum - 2 theta + 1",
    (a, theta := Parameter("theta", r"\theta", "threshold", reals(), (-3, 3))),
    eq(
        2 * sp.Sum(weight(_i) * (1 + spin(_i)) / 2, (_i, 1, _a)) - 2 * theta.symbol + 1,
        sp.Sum(weight(_i) * spin(_i), (_i, 1, _a)) + (sp.Sum(weight(_i), (_i, 1, _a)) - 2 * theta.symbol + 1),
    ),
    functions=(weight, spin),
    backing=derive().have(
        "signs",
        eq(
            2 * sp.Sum(weight(_i) * (1 + spin(_i)) / 2, (_i, 1, _a)) - 2 * theta.symbol + 1,
            sp.Sum(weight(_i) * spin(_i), (_i, 1, _a)) + (sp.Sum(weight(_i), (_i, 1, _a)) - 2 * theta.symbol + 1),
        ),
        by=algebra,
    ),
)
_bias = _a + 1 - 2 ** (_L + 1)
_norm = _a + (4 ** (_L + 1) - 4 ** (_J + 1)) / 3 + _bias**2
kautz_norm = Lemma(
    "autoregressive/kautz_norm",
    "Squared norm of a digit of the Kautz chain in sign features",
    (a, L, J),
    eq(sign_norm(_a, _L, _J), _norm),
    backing=derive()
    .have("ones", eq(sp.Sum(1, (_i, 1, _a)), _a), by=algebra)
    .have(
        "powers of two",
        Forall((_x,), eq(sp.Sum(2**_i, (_i, _J + 1, _x)), 2 ** (_x + 1) - 2 ** (_J + 1)), (ge(_x, _J),)),
        by=[Induction(_x, _J), quick],
    )
    .have(
        "powers of four",
        Forall((_x,), eq(sp.Sum(4**_i, (_i, _J + 1, _x)), (4 ** (_x + 1) - 4 ** (_J + 1)) / 3), (ge(_x, _J),)),
        by=[Induction(_x, _J), quick],
    )
    .have("twos", eq(sp.Sum(2**_i, (_i, _J + 1, _L)), 2 ** (_L + 1) - 2 ** (_J + 1)), by=fact("powers of two", x=_L))
    .have(
        "fours",
        eq(sp.Sum(4**_i, (_i, _J + 1, _L)), (4 ** (_L + 1) - 4 ** (_J + 1)) / 3),
        by=fact("powers of four", x=_L),
    )
    .have("bias", eq(sign_bias(_a, _L, _J), _bias), by=[unfold(sign_bias, p=_a, y=_L, z=_J), "ones", "twos", quick])
    .have(
        "norm",
        eq(sign_norm(_a, _L, _J), _norm),
        by=[unfold(sign_norm, p=_a, y=_L, z=_J), "ones", "fours", "bias", quick],
    ),
)

_R = Parameter("R2", "R^2", "squared length of the features", reals(0), (1, 50))
_B = Parameter("B2", "B^2", "squared norm of a form with margin at least 1", reals(0), (1, 100))
_M = Parameter("M", "M", "mistakes of one perceptron", integers(0), (0, 100), "mistakes")
_r2, _b2, _mk = _R.symbol, _B.symbol, _M.symbol
_product, _squares = sp.Function("product", real=True), sp.Function("squares", real=True)


few_mistakes = Lemma(
    "autoregressive/few_mistakes",
    "M updates, each of which adds at least 1 to <u, w> and at most R^2 to |w|^2, are at most R^2 B^2",
    (_R, _B, _M),
    le(_mk, _r2 * _b2),
    hypotheses=(
        eq(_product(0), 0),
        eq(_squares(0), 0),
        Forall((_k,), ge(_product(_k + 1), _product(_k) + moves(_k, _mk))),
        Forall((_k,), le(_squares(_k + 1), _squares(_k) + _r2 * moves(_k, _mk))),
        le(_product(_mk) ** 2, _squares(_mk) * _b2),
    ),
    functions=(_product, _squares),
    backing=derive()
    .have(
        "products",
        Forall((_k,), ge(_product(_k), sp.Min(_k, _mk))),
        by=[Induction(_k), "hypothesis 1", fact("hypothesis 3", k=_k), quick],
    )
    .have(
        "lengths",
        Forall((_k,), le(_squares(_k), _r2 * sp.Min(_k, _mk))),
        by=[Induction(_k), "hypothesis 2", fact("hypothesis 4", k=_k), quick],
    )
    .have("product", ge(_product(_mk), _mk), by=[fact("products", k=_mk), quick])
    .have("length", le(_squares(_mk), _r2 * _mk), by=[fact("lengths", k=_mk), quick])
    .have("long", ge(_product(_mk) ** 2, _mk**2), by=["product", decide])
    .have("short", le(_squares(_mk) * _b2, _r2 * _mk * _b2), by=["length", decide])
    .have("squares", le(_mk**2, _r2 * _mk * _b2), by=["long", "short", "hypothesis 5", quick])
    .have("mistakes", le(_mk, _r2 * _b2), by=["squares", decide]),
)

token_mistakes = sp.Function("token_mistakes", integer=True, nonnegative=True)
chain_misses = Parameter("misses", "M", "presented chains with a mistake", integers(0), (0, 1000), "chains")
_dot, _length2 = sp.Function("token_product", real=True), sp.Function("token_squares", real=True)
_digit_norm = sign_norm(_a, _L, _L + 1 - _t)
_closed = _norm.xreplace({_J: _L + 1 - _t})
_inside = (ge(_t, 1), le(_t, _L + 1))
_bound = sp.Sum((_n + _t) * _digit_norm, (_t, 1, _L + 1))
_perceptrons = (
    le(chain_misses.symbol, sp.Sum(token_mistakes(_t), (_t, 1, _L + 1))),
    Forall((_t,), eq(_dot(_t, 0), 0)),
    Forall((_t,), eq(_length2(_t, 0), 0)),
    Forall((_t, _k), ge(_dot(_t, _k + 1), _dot(_t, _k) + moves(_k, token_mistakes(_t)))),
    Forall((_t, _k), le(_length2(_t, _k + 1), _length2(_t, _k) + (_n + _t) * moves(_k, token_mistakes(_t)))),
    Forall((_t,), le(_dot(_t, token_mistakes(_t)) ** 2, _length2(_t, token_mistakes(_t)) * _digit_norm), _inside),
)

parity_linear_learnable = Claim(
    id="autoregressive/parity_linear_learnable",
    title="Mistakes of perceptrons that learn the Kautz chain",
    kind=Kind.UPPER,
    text=(
        "In sign features the Kautz chain of a parity of a bits, L = floor(log2 a), has margin at least 1 and squared "
        "norms a + (4^(L+1) - 4^(j+1))/3 + (a + 1 - 2^(L+1))^2, so perceptrons, one a token, present at most "
        "sum_j (n + L - j + 1) |u_j|^2 = O(n a^2 log a) chains with a mistake"
    ),
    parameters=(n, a, L, J, chain_misses),
    hypotheses=_perceptrons,
    statements=(
        upper(chain_misses.symbol, _bound, label="mistakes"),
        equal(sign_norm(_a, _L, _J), _norm, label="norm"),
        equal(sign_bias(_a, _L, _J), _bias, label="bias"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive()
    .have("norm", eq(sign_norm(_a, _L, _J), _norm), by=kautz_norm.at())
    .have("ones", eq(sp.Sum(1, (_i, 1, _a)), _a), by=algebra)
    .have(
        "powers",
        Forall((_x,), eq(sp.Sum(2**_i, (_i, _J + 1, _x)), 2 ** (_x + 1) - 2 ** (_J + 1)), (ge(_x, _J),)),
        by=[Induction(_x, _J), quick],
    )
    .have("twos", eq(sp.Sum(2**_i, (_i, _J + 1, _L)), 2 ** (_L + 1) - 2 ** (_J + 1)), by=fact("powers", x=_L))
    .have("bias", eq(sign_bias(_a, _L, _J), _bias), by=[unfold(sign_bias, p=_a, y=_L, z=_J), "ones", "twos", quick])
    .have("closed form", Forall((_t,), eq(_digit_norm, _closed), _inside), by=kautz_norm.at(j=_L + 1 - _t))
    .have("powers of four", Forall((_t,), ge(4 ** (_L + 1), 4 ** (_L + 2 - _t)), _inside), by=decide)
    .have("sign", Forall((_t,), ge(_closed, 0), _inside), by=[fact("powers of four", t=_t), decide])
    .have("positive", Forall((_t,), ge(_digit_norm, 0), _inside), by=[fact("closed form", t=_t), fact("sign", t=_t)])
    .have(
        "one token",
        Forall((_t,), le(token_mistakes(_t), (_n + _t) * _digit_norm), _inside),
        by=[
            fact("positive", t=_t),
            *(fact(f"hypothesis {i}", t=_t) for i in (2, 3)),
            fact("hypothesis 6", t=_t),
            few_mistakes.at(
                R2=_n + _t,
                B2=_digit_norm,
                M=token_mistakes(_t),
                product=sp.Lambda((_k,), _dot(_t, _k)),
                squares=sp.Lambda((_k,), _length2(_t, _k)),
            ),
        ],
    )
    .have(
        "all tokens",
        le(sp.Sum(token_mistakes(_t), (_t, 1, _L + 1)), _bound),
        by=[Termwise(), fact("one token", t=_t)],
    )
    .have("mistakes", le(chain_misses.symbol, _bound), by=["hypothesis 1", "all tokens"]),
)

_N = Parameter("N", "n", "bits of the parity, all of the prompt", integers(16), (16, 64), "bits")
_b = _N.symbol
scan_bound = defined(
    "autoregressive/scan_bound",
    "scan_bound(n) = 2 sum_t (n + t) B_t^2 of the scan, with squared norms 6, 12, ..., 12, 9 of its n + 1 tokens",
    (_p,),
    2 * (6 * (_p + 1) + 12 * sp.Sum(_p + _i, (_i, 2, _p)) + 9 * (2 * _p + 1)),
)
kautz_bound = defined(
    "autoregressive/kautz_bound",
    "kautz_bound(n, L) = sum over digits j of (n + L - j + 1) |u_j|^2, for the parity of all n bits",
    (_p, _y),
    sp.Sum(
        (_p + _y - _k + 1) * (_p + (4 ** (_y + 1) - 4 ** (_k + 1)) / 3 + (_p + 1 - 2 ** (_y + 1)) ** 2), (_k, 0, _y)
    ),
)
_u, _v, _s, _r = (Parameter(name, name, "a factor", reals(0), (0, 1)) for name in ("u", "v", "s", "r"))
larger_factors = Lemma(
    "autoregressive/larger_factors",
    "A product with larger factors is larger",
    (_u, _v, _s, _r),
    ge(_v.symbol * (_s.symbol + _r.symbol), _u.symbol * _s.symbol),
    hypotheses=(le(_u.symbol, _v.symbol),),
    backing=derive().have(
        "product", ge(_v.symbol * (_s.symbol + _r.symbol), _u.symbol * _s.symbol), by=["hypothesis 1", decide]
    ),
)
_Y = Parameter("Y", "Y", "2^(L + 1)", reals(32), (32, 128))
_w = _Y.symbol
cubic = Lemma(
    "autoregressive/cubic",
    "A cubic is above a quadratic from 16 on",
    (_N, L, _Y),
    ge((_b + 1) * ((_L + 1) * (_b + _w**2 / 3) - (4 * _w**2 - 4) / 9), 36 * _b**2 + 36 * _b + 6),
    hypotheses=(ge(_w, _b + 1), ge(_L, 4)),
    backing=derive()
    .have("few digits", ge((_L + 1) * (_b + _w**2 / 3), 5 * (_b + _w**2 / 3)), by=["hypothesis 2", decide])
    .have("square", ge(sp.Rational(11, 9) * _w**2 + 5 * _b, 36 * _b + 1), by=["hypothesis 1", decide])
    .have(
        "inner",
        ge((_L + 1) * (_b + _w**2 / 3) - (4 * _w**2 - 4) / 9, 36 * _b + 1),
        by=["few digits", "square", decide],
    )
    .have(
        "product",
        ge(
            (_b + 1) * ((_L + 1) * (_b + _w**2 / 3) - (4 * _w**2 - 4) / 9),
            (_b + 1) * (36 * _b + 1),
        ),
        by=["inner", decide],
    )
    .have(
        "cubic",
        ge((_b + 1) * ((_L + 1) * (_b + _w**2 / 3) - (4 * _w**2 - 4) / 9), 36 * _b**2 + 36 * _b + 6),
        by=["product", quick],
    ),
)
_X = Parameter("X", "X", "4^(L + 1)", reals(), (1, 1024))
geometric_sum = Lemma(
    "autoregressive/geometric_sum",
    "Squared norms of the digits without their biases, summed",
    (_N, L, _X),
    eq(
        sp.Sum((_b + 1) * (_b + (_X.symbol - 4 ** (_k + 1)) / 3), (_k, 0, _L)),
        (_b + 1) * ((_L + 1) * (_b + _X.symbol / 3) - (4 ** (_L + 2) - 4) / 9),
    ),
    backing=derive()
    .have(
        "powers",
        Forall((_x,), eq(sp.Sum(4 ** (_k + 1), (_k, 0, _x)), (4 ** (_x + 2) - 4) / 3)),
        by=[Induction(_x), quick],
    )
    .have(
        "parts",
        eq(
            sp.Sum((_b + 1) * (_b + (_X.symbol - 4 ** (_k + 1)) / 3), (_k, 0, _L)),
            (_b + 1) * ((_L + 1) * (_b + _X.symbol / 3) - sp.Sum(4 ** (_k + 1), (_k, 0, _L)) / 3),
        ),
        by=algebra,
    )
    .have(
        "sum",
        eq(
            sp.Sum((_b + 1) * (_b + (_X.symbol - 4 ** (_k + 1)) / 3), (_k, 0, _L)),
            (_b + 1) * ((_L + 1) * (_b + _X.symbol / 3) - (4 ** (_L + 2) - 4) / 9),
        ),
        by=["parts", fact("powers", x=_L), quick],
    ),
)
_term = (_b + _L - _k + 1) * (_b + (4 ** (_L + 1) - 4 ** (_k + 1)) / 3 + (_b + 1 - 2 ** (_L + 1)) ** 2)
_less = (_b + 1) * (_b + (4 ** (_L + 1) - 4 ** (_k + 1)) / 3)
_summed = (_b + 1) * ((_L + 1) * (_b + 4 ** (_L + 1) / 3) - (4 ** (_L + 2) - 4) / 9)
_scan = 36 * _b**2 + 36 * _b + 6

parity_length_margin = Claim(
    id="autoregressive/parity_length_margin",
    title="A longer chain with larger margins in the same class",
    kind=Kind.TWO_SIDED,
    text=(
        "For the parity of all n bits the scan of n + 1 tokens has the bound 36 n^2 + 36 n + 6 on mistakes, and for "
        "n >= 16 the Kautz chain of floor(log2 n) + 1 tokens a larger one, Theta(n^3 log n): length buys margin, not "
        "automatically accuracy"
    ),
    parameters=(_N, L),
    hypotheses=(le(2**_L, _b), lt(_b, 2 ** (_L + 1)), ge(_L, 4)),
    statements=(
        equal(scan_bound(_b), _scan, label="scan"),
        lower(kautz_bound(_b, _L), _scan, trivial=0, label="compared"),
    ),
    source=OWN,
    status=Status.OWN,
    derivation=derive(kautz_bound(_b, _L))
    .have(
        "sums",
        Forall((_p,), eq(sp.Sum(_b + _i, (_i, 2, _p)), _b * (_p - 1) + _p * (_p + 1) / 2 - 1)),
        by=[Induction(_p, 1), quick],
    )
    .have("sum", eq(sp.Sum(_b + _i, (_i, 2, _b)), _b * (_b - 1) + _b * (_b + 1) / 2 - 1), by=fact("sums", p=_b))
    .have("scan", eq(scan_bound(_b), _scan), by=[unfold(scan_bound, p=_b), "sum", quick])
    .have("powers", Forall((_k,), le(4 ** (_k + 1), 4 ** (_L + 1)), (le(_k, _L),)), by=decide)
    .have(
        "each digit",
        Forall((_k,), ge(_term, _less), (le(_k, _L),)),
        by=[
            fact("powers", k=_k),
            larger_factors.at(
                u=_b + 1,
                v=_b + _L - _k + 1,
                s=_b + (4 ** (_L + 1) - 4 ** (_k + 1)) / 3,
                r=(_b + 1 - 2 ** (_L + 1)) ** 2,
            ),
        ],
    )
    .have(
        "geometric sum",
        eq(sp.Sum(_less, (_k, 0, _L)), _summed),
        by=geometric_sum.at(X=4 ** (_L + 1)),
    )
    .have("power of four", eq(4 ** (_L + 1), (2 ** (_L + 1)) ** 2), by=quick)
    .have("next power", eq(4 ** (_L + 2), 4 * 4 ** (_L + 1)), by=quick)
    .have("large", ge(2 ** (_L + 1), 32), by=["hypothesis 3", decide])
    .have("larger", ge(2 ** (_L + 1), _b + 1), by=["hypothesis 2", decide])
    .have(
        "compared numbers",
        ge((_b + 1) * ((_L + 1) * (_b + 4 ** (_L + 1) / 3) - (4 * 4 ** (_L + 1) - 4) / 9), _scan),
        by=["power of four", "large", "larger", "hypothesis 3", cubic.at(N=_b, L=_L, Y=2 ** (_L + 1)), quick],
    )
    .eq(sp.Sum(_term, (_k, 0, _L)), by=unfold(kautz_bound, p=_b, y=_L), name="digits")
    .ge(sp.Sum(_less, (_k, 0, _L)), by=[Termwise(), fact("each digit", k=_k)], name="sum of digits")
    .eq(_summed, by="geometric sum", name="summed")
    .ge(_scan, by=["next power", "compared numbers"], name="compared"),
)
