"""What the networks of the published experiments train and store (specification `autoregressive` 2H, D15).

Main statements
    linear_net_parameters    T(T + 1)/2 blocks of d^2 numbers, embedding, unembedding, biases
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal
from theory.define import defined
from theory.derivation import derive
from theory.justification import algebra, fact, unfold
from theory.lemma import Definition, Lemma
from theory.parameter import Parameter, integers
from theory.proposition import Forall, eq
from theory.source import Source

T = Parameter("T", "T", "positions of the network", integers(1), (1, 512), "tokens")
d = Parameter("d", "d", "width of the network", integers(1), (1, 512))
V = Parameter("V", "V", "size of the vocabulary", integers(2), (2, 60_000), "tokens")
_T, _d, _V = (p.symbol for p in (T, d, V))
_n = sp.Symbol("n", integer=True, positive=True)
_x, _y, _z = (sp.Symbol(name, integer=True, positive=True) for name in "xyz")


def _counts(name: str, meaning: str, value: sp.Expr) -> Definition:
    return defined(f"autoregressive/{name}", meaning, (_x, _y, _z), value, integer=True)


block_numbers = _counts(
    "block_numbers",
    "block_numbers(T, d, V): t blocks of d x d numbers for every position t = 1..T",
    sp.Sum(_n * _y**2, (_n, 1, _x)),
)
around_numbers = _counts(
    "around_numbers",
    "around_numbers(T, d, V): the embedding, and the unembedding with its bias",
    _z * _y + (_y * _z + _z),
)
linear_numbers = _counts(
    "linear_numbers",
    "linear_numbers(T, d, V) = trained numbers of the linear network",
    block_numbers(_x, _y, _z) + around_numbers(_x, _y, _z),
)
mlp_numbers = _counts(
    "mlp_numbers",
    "mlp_numbers(T, d, V): the hidden layer and its bias besides",
    linear_numbers(_x, _y, _z) + (_y**2 + _y),
)
dense_linear_numbers = _counts(
    "dense_linear_numbers",
    "dense_linear_numbers(T, d, V) = numbers stored with a mask: the whole T d x T d map, its bias, the T x T mask",
    (_x * _y) ** 2 + _x * _y + _x**2 + around_numbers(_x, _y, _z),
)
dense_mlp_numbers = _counts(
    "dense_mlp_numbers",
    "dense_mlp_numbers(T, d, V): the hidden layer and its bias besides",
    dense_linear_numbers(_x, _y, _z) + (_y**2 + _y),
)
TEXT, MULTIPLICATION = (64, 256, 50258), (307, 128, 117)
_LINEAR = _T * (_T + 1) / 2 * _d**2 + 2 * _V * _d + _V
_DENSE = (_T * _d) ** 2 + _T * _d + _T**2 + 2 * _V * _d + _V
_own, _given = (_T, _d, _V), {"x": _T, "y": _d, "z": _V}


def _at(size: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("T", "d", "V"), size, strict=True))


linear_net_counts = Lemma(
    "autoregressive/linear_net_counts",
    "Numbers that the linear network trains",
    (T, d, V),
    eq(linear_numbers(*_own), _LINEAR),
    backing=derive()
    .have("blocks", eq(block_numbers(*_own), _T * (_T + 1) / 2 * _d**2), by=[unfold(block_numbers, **_given), algebra])
    .have("around", eq(around_numbers(*_own), 2 * _V * _d + _V), by=[unfold(around_numbers, **_given), algebra])
    .have(
        "linear", eq(linear_numbers(*_own), _LINEAR), by=[unfold(linear_numbers, **_given), "blocks", "around", algebra]
    ),
)
mlp_counts = Lemma(
    "autoregressive/mlp_counts",
    "Numbers that the network with the hidden layer trains",
    (T, d, V),
    eq(mlp_numbers(*_own), _LINEAR + _d**2 + _d),
    backing=derive().have(
        "mlp",
        eq(mlp_numbers(*_own), _LINEAR + _d**2 + _d),
        by=[unfold(mlp_numbers, **_given), linear_net_counts.at(), algebra],
    ),
)

linear_net_parameters = Claim(
    id="autoregressive/linear_net_parameters",
    title="Parameters of the published networks",
    kind=Kind.STRUCTURAL,
    text=(
        "The networks train T(T + 1)/2 d^2 + V d + (d V + V) numbers, and d^2 + d more with the hidden layer: "
        "162 097 234 for text (linear, T = 64, d = 256, V = 50 258), 774 649 333 for multiplication (MLP, T = 307, "
        "d = 128, V = 117). A dense map with a mask also stores the masked half, a bias T d and the T x T mask: "
        "294 238 290 and 1 544 355 742"
    ),
    parameters=(T, d, V),
    statements=(
        equal(linear_numbers(*_own), _LINEAR, label="linear"),
        equal(mlp_numbers(*_own), _LINEAR + _d**2 + _d, label="MLP"),
        equal(dense_linear_numbers(*_own), _DENSE, label="dense linear"),
        equal(dense_mlp_numbers(*_own), _DENSE + _d**2 + _d, label="dense MLP"),
        equal(linear_numbers(*TEXT), 162097234, label="text"),
        equal(mlp_numbers(*MULTIPLICATION), 774649333, label="multiplication"),
        equal(dense_linear_numbers(*TEXT), 294238290, label="text, dense"),
        equal(dense_mlp_numbers(*MULTIPLICATION), 1544355742, label="multiplication, dense"),
    ),
    source=Source("malach2023", "section 4 gives 162M and 775M; the count is derived here", "v3", recheck=True),
    status=Status.OWN,
    derivation=derive()
    .have(
        "around",
        Forall((_x, _y, _z), eq(around_numbers(_x, _y, _z), 2 * _z * _y + _z)),
        by=[unfold(around_numbers, x=_x, y=_y, z=_z), algebra],
    )
    .have("linear", eq(linear_numbers(*_own), _LINEAR), by=linear_net_counts.at())
    .have("MLP", eq(mlp_numbers(*_own), _LINEAR + _d**2 + _d), by=mlp_counts.at())
    .have(
        "dense",
        Forall((_x, _y, _z), eq(dense_linear_numbers(_x, _y, _z), (_x * _y) ** 2 + _x * _y + _x**2 + 2 * _z * _y + _z)),
        by=[unfold(dense_linear_numbers, x=_x, y=_y, z=_z), fact("around", x=_x, y=_y, z=_z), algebra],
    )
    .have("dense linear", eq(dense_linear_numbers(*_own), _DENSE), by=[fact("dense", **_given), algebra])
    .have(
        "dense MLP",
        eq(dense_mlp_numbers(*_own), _DENSE + _d**2 + _d),
        by=[unfold(dense_mlp_numbers, **_given), "dense linear", algebra],
    )
    .have("text", eq(linear_numbers(*TEXT), 162097234), by=[linear_net_counts.at(**_at(TEXT)), algebra])
    .have(
        "multiplication",
        eq(mlp_numbers(*MULTIPLICATION), 774649333),
        by=[mlp_counts.at(**_at(MULTIPLICATION)), algebra],
    )
    .have("text, dense", eq(dense_linear_numbers(*TEXT), 294238290), by=[fact("dense", x=64, y=256, z=50258), algebra])
    .have(
        "multiplication, dense",
        eq(dense_mlp_numbers(*MULTIPLICATION), 1544355742),
        by=[unfold(dense_mlp_numbers, x=307, y=128, z=117), fact("dense", x=307, y=128, z=117), algebra],
    ),
)
