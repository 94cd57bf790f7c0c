"""The tableau of a machine in bits, one threshold gate a token (specification `autoregressive` 2E).

Main statements
    turing_binary   tau C (|Q||A| + |Q| + |A|) + 1 tokens; every gate right, with gap at least 1; B_t^2

A gate [v >= theta] scores 2 v - 2 theta + 1 for token 1 and 0 for token 0: positive exactly where v >= theta, and odd.
"""

from __future__ import annotations

import sympy as sp

from theory.autoregressive.machines import (
    accepting,
    cells,
    cells_one_sided,
    cells_two_sided,
    count,
    equal_terms,
    equal_to,
    n,
    states,
    symbols,
    tau,
)
from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.define import defined
from theory.derivation import derive
from theory.justification import algebra, decide, fact, unfold
from theory.lemma import Lemma
from theory.parameter import Parameter, integers
from theory.proposition import eq, ge, le
from theory.source import OWN

_tau, _n, _Q, _A, _C, _F = (p.symbol for p in (tau, n, states, symbols, cells, accepting))
_t, _c, _q, _a, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "tcqaj")
_x, _y, _z, _w = (sp.Symbol(name, integer=True, positive=True) for name in "xyzw")
_u, _v = (sp.Symbol(name, integer=True) for name in "uv")

# -- length --------------------------------------------------------------------------------------------------

of_symbols = defined(
    "autoregressive/of_symbols", "of_symbols(A) = a bit for each symbol", (_y,), count(1, _a, _y), integer=True
)
bits_of_a_cell = defined(
    "autoregressive/bits_of_a_cell",
    "bits_of_a_cell(Q, A) = bits that a layer has for one cell: P for each state and symbol, S' for each symbol, H' "
    "for each state",
    (_x, _y),
    count(of_symbols(_y), _q, _x) + of_symbols(_y) + count(1, _q, _x),
    integer=True,
)
layer_bits = defined(
    "autoregressive/layer_bits",
    "layer_bits(C, Q, A) = bits of one layer",
    (_y, _z, _w),
    count(bits_of_a_cell(_z, _w), _c, _y),
    integer=True,
)
binary_tokens = defined(
    "autoregressive/binary_tokens",
    "binary_tokens(tau, C, Q, A) = bits of the layers 1..tau, then the answer",
    (_x, _y, _z, _w),
    count(layer_bits(_y, _z, _w), _t, _x) + 1,
    integer=True,
)
_KAPPA = _Q * _A + _Q + _A
_LENGTH = _tau * _C * _KAPPA + 1

a_cell = Lemma(
    "autoregressive/a_cell",
    "Bits of a layer for one cell",
    (states, symbols),
    eq(bits_of_a_cell(_Q, _A), _KAPPA),
    backing=derive()
    .have("symbols", eq(of_symbols(_A), _A), by=[unfold(of_symbols, y=_A), algebra])
    .have(
        "sums", eq(count(of_symbols(_A), _q, _Q) + of_symbols(_A) + count(1, _q, _Q), _KAPPA), by=["symbols", algebra]
    )
    .have("cell", eq(bits_of_a_cell(_Q, _A), _KAPPA), by=[unfold(bits_of_a_cell, x=_Q, y=_A), "sums"]),
)

tableau_tokens = Lemma(
    "autoregressive/tableau_tokens",
    "Tokens of the tableau in bits",
    (tau, cells, states, symbols),
    eq(binary_tokens(_tau, _C, _Q, _A), _LENGTH),
    backing=derive()
    .have(
        "layer",
        eq(layer_bits(_C, _Q, _A), _C * _KAPPA),
        by=[unfold(layer_bits, y=_C, z=_Q, w=_A), a_cell.at(), algebra],
    )
    .have("layers", eq(count(layer_bits(_C, _Q, _A), _t, _tau) + 1, _tau * layer_bits(_C, _Q, _A) + 1), by=algebra)
    .have(
        "length",
        eq(binary_tokens(_tau, _C, _Q, _A), _LENGTH),
        by=[unfold(binary_tokens, x=_tau, y=_C, z=_Q, w=_A), "layers", "layer", algebra],
    ),
)

# -- gates ---------------------------------------------------------------------------------------------------

head = Parameter(
    "head", "h", "1 where the head is on the cell (the sum of the bits H over the states)", integers(0, 1), (0, 1)
)
held = Parameter("held", "s", "1 where the cell holds the symbol (a bit S)", integers(0, 1), (0, 1))
written = Parameter(
    "written",
    "p",
    "1 where the head is here and writes the symbol (the sum of its bits P)",
    integers(0, head.symbol),
    (0, 1),
)
arriving = Parameter(
    "arriving", "r", "1 where the head comes here in the state (the sum of its bits P)", integers(0, 1), (0, 1)
)
writers = Parameter(
    "writers", "w", "transitions that write the symbol", integers(0, states.symbol * symbols.symbol), (0, 27)
)
comers = Parameter(
    "comers", "a", "bits P of the cell and its neighbours that bring the head here in the state",
    integers(0, 2 * states.symbol * symbols.symbol), (0, 27),
)  # fmt: skip
_h, _s, _p, _r, _W, _R = (x.symbol for x in (head, held, written, arriving, writers, comers))

bit_gate = defined(
    "autoregressive/bit_gate",
    "bit_gate(v, theta) = score of token 1 minus score of token 0 of the gate [v >= theta]",
    (_u, _v),
    2 * _u - 2 * _v + 1,
    integer=True,
)
reading = bit_gate(_h + _s, 2)
symbol_gate = bit_gate(_s - _h + 2 * _p, 1)
arrival = bit_gate(_r, 1)
_after = (1 - _h) * _s + _p  # what the cell holds after the step

reading_norm = defined(
    "autoregressive/reading_norm",
    "reading_norm() = B^2 of the gate P: weights 2 on H and on S, bias 1 - 4",
    (),
    sp.S(2) ** 2 + sp.S(2) ** 2 + sp.S(3) ** 2,
    integer=True,
)
symbol_norm = defined(
    "autoregressive/symbol_norm",
    "symbol_norm(Q, w) = B^2 of the gate S': 2 on S, -2 on the bit H of each state, 4 on each of the w bits P that "
    "write the symbol; bias -1",
    (_x, _t),
    sp.S(2) ** 2 + count(2**2, _q, _x) + count(4**2, _j, _t) + 1,
    integer=True,
)
first_symbol_norm = defined(
    "autoregressive/first_symbol_norm",
    "first_symbol_norm(w) = the same in the first layer, at most: S is a prompt token and H a constant, 1 on cell 0, "
    "so the bias is -1 or -3",
    (_t,),
    sp.S(2) ** 2 + count(4**2, _j, _t) + 3**2,
    integer=True,
)
arrival_norm = defined(
    "autoregressive/arrival_norm",
    "arrival_norm(a) = B^2 of the gate H': 2 on each of the a bits P that bring the head; bias -1",
    (_t,),
    count(2**2, _j, _t) + 1,
    integer=True,
)
accepting_weights = defined(
    "autoregressive/accepting_weights",
    "accepting_weights(F) = squares of the weights of the answer on one cell: 2 on the bit H of each accepting state",
    (_t,),
    count(2**2, _j, _t),
    integer=True,
)
answer_norm = defined(
    "autoregressive/answer_norm",
    "answer_norm(C, F) = B^2 of the answer: the weights on all cells; bias -1",
    (_x, _t),
    count(accepting_weights(_t), _c, _x) + 1,
    integer=True,
)
_NORM = 16 * _Q * _A + 4 * _Q + 9

turing_binary = Claim(
    id="autoregressive/turing_binary",
    title="The tableau in bits",
    kind=Kind.EQUALITY,
    text=(
        "Over {0, 1} a machine running tau steps on inputs of length n compiles to exactly tau C (|Q||A| + |Q| + |A|) "
        "+ 1 tokens, C = tau + max(tau, n - 1) + 1 cells on a two-sided and max(tau, n - 1) + 1 on a one-sided tape. "
        "Each token is a threshold gate that is right on all legal bits, with gap at least 1; B_t^2 <= 16 |Q||A| + "
        "4 |Q| + 9 for all but the answer, which has at most 4 C |Acc| + 1"
    ),
    parameters=(tau, n, cells, states, symbols, accepting, head, held, written, arriving, writers, comers),
    statements=(
        equal(binary_tokens(_tau, _C, _Q, _A), _LENGTH, label="length"),
        equal(cells_two_sided(_tau, _n), _tau + sp.Max(_tau, _n - 1) + 1, label="cells, two-sided"),
        equal(cells_one_sided(_tau, _n), sp.Max(_tau, _n - 1) + 1, label="cells, one-sided"),
        lower((2 * _h * _s - 1) * reading, 1, label="gate P"),
        lower((2 * _after - 1) * symbol_gate, 1, label="gate S'"),
        lower((2 * _r - 1) * arrival, 1, label="gate H'"),
        upper(reading_norm(), _NORM, label="norm of P"),
        upper(symbol_norm(_Q, _W), _NORM, label="norm of S'"),
        upper(first_symbol_norm(_W), _NORM, label="norm of S', first layer"),
        upper(arrival_norm(_R), _NORM, label="norm of H'"),
        upper(answer_norm(_C, _F), 4 * _C * _F + 1, label="norm of the answer"),
    ),
    source=OWN,
    status=Status.SHARPENED,
    sharpens=("autoregressive/turing_as_stated",),
    remarks=(
        "legal bits: one head in all, so the sums of H over states and of P over transitions are 0 or 1, and what is "
        "written is written under the head (written <= head)",
        "the answer is a gate of the third kind: [the head is somewhere in an accepting state]",
    ),
    derivation=derive()
    .have("length", eq(binary_tokens(_tau, _C, _Q, _A), _LENGTH), by=tableau_tokens.at())
    .have(
        "cells, two-sided",
        eq(cells_two_sided(_tau, _n), _tau + sp.Max(_tau, _n - 1) + 1),
        by=[unfold(cells_two_sided, x=_tau, y=_n), algebra],
    )
    .have(
        "cells, one-sided",
        eq(cells_one_sided(_tau, _n), sp.Max(_tau, _n - 1) + 1),
        by=[unfold(cells_one_sided, x=_tau, y=_n), algebra],
    )
    .have(
        "gate P",
        ge((2 * _h * _s - 1) * reading, 1),
        by=[unfold(bit_gate, u=_h + _s, v=2), decide],
        note="1 exactly where both bits are 1",
    )
    .have(
        "gate S'",
        ge((2 * _after - 1) * symbol_gate, 1),
        by=[unfold(bit_gate, u=_s - _h + 2 * _p, v=1), decide],
        note="without the head the symbol stays; under it, it is what is written",
    )
    .have("gate H'", ge((2 * _r - 1) * arrival, 1), by=[unfold(bit_gate, u=_r, v=1), decide])
    .have("norm of P", le(reading_norm(), _NORM), by=[unfold(reading_norm), decide])
    .have("of the states", eq(count(2**2, _q, _Q), 4 * _Q), by=algebra)
    .have("sixteens", equal_to(16), by=equal_terms.at(each=16))
    .have("fours", equal_to(4), by=equal_terms.at(each=4))
    .have("of the writers", eq(count(4**2, _j, _W), 16 * _W), by=fact("sixteens", k=_W))
    .have(
        "norm of S'",
        le(symbol_norm(_Q, _W), _NORM),
        by=[unfold(symbol_norm, x=_Q, t=_W), "of the states", "of the writers", decide],
    )
    .have(
        "norm of S', first layer",
        le(first_symbol_norm(_W), _NORM),
        by=[unfold(first_symbol_norm, t=_W), "of the writers", decide],
    )
    .have("of the comers", eq(count(2**2, _j, _R), 4 * _R), by=fact("fours", k=_R))
    .have("norm of H'", le(arrival_norm(_R), _NORM), by=[unfold(arrival_norm, t=_R), "of the comers", decide])
    .have("of a cell", eq(accepting_weights(_F), 4 * _F), by=[unfold(accepting_weights, t=_F), fact("fours", k=_F)])
    .have("of all cells", eq(count(accepting_weights(_F), _c, _C), _C * accepting_weights(_F)), by=algebra)
    .have(
        "norm of the answer",
        le(answer_norm(_C, _F), 4 * _C * _F + 1),
        by=[unfold(answer_norm, x=_C, t=_F), "of a cell", "of all cells", decide],
    ),
)
