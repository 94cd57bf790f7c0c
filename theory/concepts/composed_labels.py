"""Labels read by a network of learned concepts (specification `concepts` 2.D); the conventions of `composed`.

Neurons are sum_y (q_y c(y)/|c(y)|^2 + s_i' p_y d(y)/|d(y)|^2), s_i' = +-1 the sign of their output weight (D5).

Main definitions
    composed_output   e_q f of 2h neurons with preactivations C +- theta D

Main statements
    composed_reading   <w_i, c* + eta d*> = sum_y t''_y q_y +- eta sum_y t'_y p_y
    output_closed      e_q f = ([C + theta D]_+ - [C - theta D]_+)/2
    output_above, output_below   it lies between min(theta D, (C + theta D)/2) and the positive part of that
    output_odd, output_same      e_q f at e_q y is f at y; equal readings give equal outputs
"""

from __future__ import annotations

import sympy as sp

from theory.concepts.attention import SIGNS, eq_
from theory.concepts.composed import among, apart_from, combination, orthogonal, product
from theory.define import defined
from theory.derivation import derive
from theory.justification import Termwise, algebra, decide, fact, quick, unfold
from theory.lemma import Lemma
from theory.lemmas.orthogonal import over_coordinates, over_family
from theory.lemmas.orthogonal_forms import apart, inner
from theory.lemmas.sums import last, top
from theory.parameter import Parameter, integers, reals
from theory.proposition import Forall, eq, ge, le

half = Parameter("half", "m/2", "half of the neurons", integers(1), (1, 50))
C = Parameter("C", "C^*", "what the neurons read along c*", reals(), (-3, 3))
D = Parameter("D", "D^*", "what they read along d*, up to their sign", reals(), (-3, 3))
eta = Parameter("eta", r"\eta", "e_q theta", reals(), (-1, 1))
side = Parameter("side", "s_i'", "sign of a neuron's output weight", reals(), (-1, 1))
signal = Parameter("signal", r"\theta D^*", "theta D*", reals(), (-3, 3))
label_difference, label_concept = (sp.Function(name, real=True) for name in ("d_of", "c_of"))
label_mix, concept_mix = (sp.Function(name, real=True) for name in ("t1_of", "t2_of"))
d_star, c_star = (sp.Function(name, real=True) for name in ("d_star", "c_star"))
along_c, along_d, q_weight, p_weight, q_of, p_of = (
    sp.Function(name, real=True) for name in ("along_c", "along_d", "q_weight", "p_weight", "q_of", "p_of")
)
_x, _y = (sp.Symbol(name, integer=True, nonnegative=True) for name in "xy")
_u, _z = (sp.Symbol(name, real=True) for name in "uz")
_n = sp.Symbol("n", integer=True, positive=True)
_i = sp.Symbol("i", integer=True, positive=True)
_h, _C, _D, _eta, _s, _q, _S = (p.symbol for p in (half, C, D, eta, side, eq_, signal))

norm_c = over_coordinates(label_concept(_y, _x) ** 2)
norm_d = over_coordinates(label_difference(_y, _x) ** 2)
LABELS = (
    orthogonal(label_concept),
    orthogonal(label_difference),
    apart_from(label_concept, label_difference),
    combination(c_star, concept_mix, label_concept),
    combination(d_star, label_mix, label_difference),
)
NEURONS = (
    combination(along_c, q_weight, label_concept),
    combination(along_d, p_weight, label_difference),
    Forall((_y,), eq(q_weight(_y) * norm_c, q_of(_y)), among),
    Forall((_y,), eq(p_weight(_y) * norm_d, p_of(_y)), among),
)
read_concept, read_difference = over_family(concept_mix(_y) * q_of(_y)), over_family(label_mix(_y) * p_of(_y))
neuron = sp.Lambda((_x,), along_c(_x) + _s * along_d(_x))
label_value = sp.Lambda((_x,), c_star(_x) + _eta * d_star(_x))
composed_reading = Lemma(
    "concepts/composed_reading",
    "What a neuron reads of the value c* + eta d*",
    (top, last, eta, side),
    eq(product(neuron, label_value), read_concept + _s * _eta * read_difference),
    hypotheses=(*LABELS, *NEURONS),
    functions=(
        label_concept,
        label_difference,
        concept_mix,
        label_mix,
        c_star,
        d_star,
        along_c,
        along_d,
        q_weight,
        p_weight,
        q_of,
        p_of,
    ),
    backing=derive()
    .have(
        "own concept",
        eq(product(along_c, c_star), over_family(concept_mix(_y) * (q_weight(_y) * norm_c))),
        by=[
            "hypothesis 1",
            "hypothesis 4",
            "hypothesis 6",
            inner.at(t=q_weight, u=concept_mix, v=label_concept, star=along_c, other=c_star),
        ],
    )
    .have(
        "own difference",
        eq(product(along_d, d_star), over_family(label_mix(_y) * (p_weight(_y) * norm_d))),
        by=[
            "hypothesis 2",
            "hypothesis 5",
            "hypothesis 7",
            inner.at(t=p_weight, u=label_mix, v=label_difference, star=along_d, other=d_star),
        ],
    )
    .have(
        "concept",
        eq(over_family(concept_mix(_y) * (q_weight(_y) * norm_c)), read_concept),
        by=[Termwise(), fact("hypothesis 8", y=_y), quick],
    )
    .have(
        "difference",
        eq(over_family(label_mix(_y) * (p_weight(_y) * norm_d)), read_difference),
        by=[Termwise(), fact("hypothesis 9", y=_y), quick],
    )
    .have(
        "no difference",
        eq(product(along_c, d_star), 0),
        by=[
            "hypothesis 3",
            "hypothesis 5",
            "hypothesis 6",
            apart.at(t=q_weight, u=label_mix, v=label_concept, v2=label_difference, star=along_c, other=d_star),
        ],
    )
    .have(
        "no concept",
        eq(product(c_star, along_d), 0),
        by=[
            "hypothesis 3",
            "hypothesis 4",
            "hypothesis 7",
            apart.at(t=concept_mix, u=p_weight, v=label_concept, v2=label_difference, star=c_star, other=along_d),
        ],
    )
    .have(
        "bilinear",
        eq(
            product(neuron, label_value),
            product(along_c, c_star)
            + _eta * product(along_c, d_star)
            + _s * product(c_star, along_d)
            + _s * _eta * product(along_d, d_star),
        ),
        by=algebra,
    )
    .have(
        "reading",
        eq(product(neuron, label_value), read_concept + _s * _eta * read_difference),
        by=["bilinear", "own concept", "own difference", "concept", "difference", "no difference", "no concept", quick],
    ),
)

composed_output = defined(
    "concepts/composed_output",
    "composed_output(C, y, h) = output of 2h neurons, of which h with weight 1/(2h) have the preactivation C + y and h "
    "with weight -1/(2h) the preactivation C - y (D4)",
    (_u, _z, _n),
    sp.Sum(sp.Max(_u + _z, 0) / (2 * _n), (_i, 1, _n)) - sp.Sum(sp.Max(_u - _z, 0) / (2 * _n), (_i, 1, _n)),
)
_hinges = (sp.Max(_C + _S, 0) - sp.Max(_C - _S, 0)) / 2
window = sp.Min(_S, (_C + _S) / 2)
_A, _B = (Parameter(name, name, "a preactivation", reals(), (-3, 3)) for name in ("A", "B"))
hinge = Lemma(
    "concepts/hinge",
    "h equal neurons with weight 1/(2h)",
    (_A, _B, half),
    eq(sp.Sum(sp.Max(_A.symbol, 0) / (2 * _h), (_i, 1, _h)), sp.Max(_B.symbol, 0) / 2),
    hypotheses=(eq(_A.symbol, _B.symbol),),
    backing=derive()
    .have("sum", eq(sp.Sum(sp.Max(_A.symbol, 0) / (2 * _h), (_i, 1, _h)), sp.Max(_A.symbol, 0) / 2), by=algebra)
    .have("same", eq(sp.Max(_A.symbol, 0), sp.Max(_B.symbol, 0)), by=["hypothesis 1", decide])
    .have(
        "hinge",
        eq(sp.Sum(sp.Max(_A.symbol, 0) / (2 * _h), (_i, 1, _h)), sp.Max(_B.symbol, 0) / 2),
        by=["sum", "same", quick],
    ),
)
output_closed = Lemma(
    "concepts/output_closed",
    "The output of a symmetric network",
    (C, signal, half),
    eq(composed_output(_C, _S, _h), _hinges),
    backing=derive().have(
        "closed", eq(composed_output(_C, _S, _h), _hinges), by=[unfold(composed_output, u=_C, z=_S, n=_h), quick]
    ),
)
output_above = Lemma(
    "concepts/output_above",
    "The output is at least min(theta D, (C + theta D)/2): right where both are positive",
    (C, signal, half),
    ge(composed_output(_C, _S, _h), window),
    backing=derive()
    .have("closed", eq(composed_output(_C, _S, _h), _hinges), by=output_closed.at())
    .have("window", ge(_hinges, window), by=decide)
    .have("output", ge(composed_output(_C, _S, _h), window), by=["closed", "window", quick]),
)
output_below = Lemma(
    "concepts/output_below",
    "The output is at most the positive part of min(theta D, (C + theta D)/2): an error where one is not positive",
    (C, signal, half),
    le(composed_output(_C, _S, _h), sp.Max(window, 0)),
    backing=derive()
    .have("closed", eq(composed_output(_C, _S, _h), _hinges), by=output_closed.at())
    .have("window", le(_hinges, sp.Max(window, 0)), by=decide)
    .have("output", le(composed_output(_C, _S, _h), sp.Max(window, 0)), by=["closed", "window", quick]),
)
output_odd = Lemma(
    "concepts/output_odd",
    "e_q f at e_q y is f at y",
    (C, signal, half, eq_),
    eq(_q * composed_output(_C, _q * _S, _h), composed_output(_C, _S, _h)),
    hypotheses=(SIGNS[1],),
    backing=derive()
    .have(
        "turned",
        eq(composed_output(_C, _q * _S, _h), _hinges.xreplace({_S: _q * _S})),
        by=output_closed.at(signal=_q * _S),
    )
    .have("closed", eq(composed_output(_C, _S, _h), _hinges), by=output_closed.at())
    .have("sides", eq(_q * _hinges.xreplace({_S: _q * _S}), _hinges), by=["hypothesis 1", decide])
    .have(
        "odd",
        eq(_q * composed_output(_C, _q * _S, _h), composed_output(_C, _S, _h)),
        by=["turned", "closed", "sides", quick],
    ),
)
other_signal = Parameter("other_signal", "z", "a number equal to theta D*", reals(), (-3, 3))
_Z = other_signal.symbol
_other_hinges = _hinges.xreplace({_S: _Z})
output_same = Lemma(
    "concepts/output_same",
    "Equal readings give equal outputs",
    (C, signal, other_signal, half),
    eq(composed_output(_C, _S, _h), composed_output(_C, _Z, _h)),
    hypotheses=(eq(_S, _Z),),
    backing=derive()
    .have("one", eq(composed_output(_C, _S, _h), _hinges), by=output_closed.at())
    .have("other", eq(composed_output(_C, _Z, _h), _other_hinges), by=output_closed.at(signal=_Z))
    .have("hinges", eq(_hinges, _other_hinges), by=["hypothesis 1", decide])
    .have("same", eq(composed_output(_C, _S, _h), composed_output(_C, _Z, _h)), by=["one", "other", "hinges", quick]),
)
