"""Tests with other labels (specification `concepts` 2.D).

Main statements
    ood_switched_labels    labels of concept tau(k) with the words of concept k are read in context

Labels turned upside down are not: theory.concepts.label_sign.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Status, equal, lower, upper
from theory.concepts.composed_labels import (
    LABELS,
    NEURONS,
    C,
    D,
    along_c,
    along_d,
    composed_output,
    eta,
    half,
    label_concept,
    label_difference,
    neuron,
    norm_c,
    norm_d,
    output_above,
    p_of,
    p_weight,
    q_of,
    q_weight,
    side,
)
from theory.concepts.parameters import b
from theory.derivation import derive
from theory.justification import algebra, decide, fact, quick
from theory.lemmas.orthogonal import chosen, coefficient_of, over_coordinates
from theory.lemmas.orthogonal_forms import outside_of
from theory.lemmas.sums import last, top
from theory.parameter import Parameter, reals
from theory.proposition import Forall, eq, ge, gt, le
from theory.source import OWN

error = Parameter("error", "E", "1 where the prediction is wrong, else 0", reals(0, 1), (0, 1))
_x, _y, _l, _i, _j = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xylij")
_b, _C, _D, _h, _eta, _s, _k, _E, _last = (p.symbol for p in (b, C, D, half, eta, side, chosen, error, last))


def _at(norm: sp.Expr) -> sp.Expr:
    """A squared norm at the chosen concept."""
    return norm.xreplace({_y: _k})


_switched = over_coordinates(neuron(_x) * (label_concept(_k, _x) + _eta * label_difference(_k, _x)))
_signal = sp.tanh(_b) * _D
_window = sp.Min(_signal, (_C + _signal) / 2)
_output = composed_output(_C, _signal, _h)
_families = (LABELS[0], LABELS[1], LABELS[2])
ood_switched_labels = Claim(
    id="concepts/ood_switched_labels",
    title="Tests with the labels of another concept",
    kind=Kind.STRUCTURAL,
    text=(
        "With the labels of concept tau(k) at the words of concept k a neuron reads q_tau(k) +- e_q theta p_tau(k), "
        "with the theta of concept k: on balanced prompts the error stays 0 when both concepts are learned, whatever "
        "tau. The pairing of words and labels is read in context"
    ),
    parameters=(top, last, chosen, eta, side, b, C, D, half, error),
    hypotheses=(
        *_families,
        *NEURONS,
        eq(_C, q_of(_k)),
        eq(_D, p_of(_k)),
        gt(_b, 0),
        ge(_C, 0),
        gt(_D, 0),
        le(_E * _output, 0),
    ),
    statements=(
        equal(_switched, _C + _s * _eta * _D, label="reading"),
        lower(_output, _window, label="margin"),
        upper(_E, 0, trivial=1, label="no error"),
    ),
    source=OWN,
    status=Status.OWN,
    remarks=("an error needs a margin that is not positive: E e_q f <= 0",),
    derivation=derive()
    .have(
        "all concepts",
        eq(over_coordinates(label_concept(_k, _x) * along_c(_x)), q_weight(_k) * _at(norm_c)),
        by=["hypothesis 1", "hypothesis 4", coefficient_of.at(t=q_weight, v=label_concept, star=along_c)],
    )
    .have(
        "all differences",
        eq(over_coordinates(label_difference(_k, _x) * along_d(_x)), p_weight(_k) * _at(norm_d)),
        by=["hypothesis 2", "hypothesis 5", coefficient_of.at(t=p_weight, v=label_difference, star=along_d)],
    )
    .have(
        "no difference",
        eq(over_coordinates(label_difference(_k, _x) * along_c(_x)), 0),
        by=[
            "hypothesis 3",
            "hypothesis 4",
            outside_of.at(t=q_weight, v=label_concept, v2=label_difference, star=along_c),
        ],
    )
    .have(
        "other order",
        Forall(
            (_l, _y),
            eq(over_coordinates(label_difference(_l, _x) * label_concept(_y, _x)), 0),
            (le(_l, _last), le(_y, _last)),
        ),
        by=[fact("hypothesis 3", l=_y, y=_l), quick],
    )
    .have(
        "no concept",
        eq(over_coordinates(label_concept(_k, _x) * along_d(_x)), 0),
        by=[
            "other order",
            "hypothesis 5",
            outside_of.at(t=p_weight, v=label_difference, v2=label_concept, star=along_d),
        ],
    )
    .have(
        "bilinear",
        eq(
            _switched,
            over_coordinates(label_concept(_k, _x) * along_c(_x))
            + _eta * over_coordinates(label_difference(_k, _x) * along_c(_x))
            + _s * over_coordinates(label_concept(_k, _x) * along_d(_x))
            + _s * _eta * over_coordinates(label_difference(_k, _x) * along_d(_x)),
        ),
        by=algebra,
    )
    .have(
        "reading",
        eq(_switched, _C + _s * _eta * _D),
        by=[
            "bilinear",
            "all concepts",
            "all differences",
            "no difference",
            "no concept",
            fact("hypothesis 6", y=_k),
            fact("hypothesis 7", y=_k),
            "hypothesis 8",
            "hypothesis 9",
            quick,
        ],
    )
    .have("margin", ge(_output, _window), by=output_above.at(signal=_signal))
    .have("theta", gt(sp.tanh(_b), 0), by=["hypothesis 10", decide])
    .have("signal", gt(_signal, 0), by=["theta", "hypothesis 12", decide])
    .have("window", gt(_window, 0), by=["signal", "hypothesis 11", decide])
    .have("positive", gt(_output, 0), by=["margin", "window", quick])
    .have("no error", le(_E, 0), by=["positive", "hypothesis 13", decide]),
)
