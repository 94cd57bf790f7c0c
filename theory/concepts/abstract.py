"""What the abstract of the paper states, as statements that can be refuted (specification `concepts` 2.F).

The model is a reconstruction (D2-D6): a refutation is one of the unqualified wording in that model, not of the paper's
theorems, whose conditions are not available here.

Main statements
    abstract_data_model_as_stated    the data model, which our definitions read in one way
    abstract_exponential_as_stated   exponential convergence of the 0-1 loss, whatever the labels
    abstract_ood_as_stated           every task composed of learned concepts is solved
    abstract_any_length_as_stated    no requirement on the length of training prompts
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Kind, Statement, Status, equal, upper
from theory.concepts.parameters import L, kx, t, u
from theory.derivation import derive
from theory.justification import algebra, quick
from theory.lemmas.orthogonal import over_coordinates
from theory.lemmas.sums import top
from theory.parameter import Parameter, integers, reals
from theory.proposition import eq, gt
from theory.source import Source
from theory.verdict import Verdict

ABSTRACT = Source("bu2024", "abstract (arXiv 2411.02199)", "v4", recheck=True)
rate = Parameter("rate", "r", "rate of convergence per step", reals(0, open="lower"), (0.005, 0.2), "1/steps")
scale = Parameter("scale", "A", "constant of the bound", reals(1), (1, 10))
tests = Parameter("tests", r"L^*", "demonstrations of a test prompt", integers(1), (1, 64), "demonstrations")
_x = sp.Symbol("x", integer=True, nonnegative=True)
_a, _b = (sp.Function(name, real=True) for name in ("word_concept", "word_difference"))
trained_error, unseen_error, attention_gradient = (
    sp.Function(name, real=True) for name in ("trained_error", "unseen_error", "attention_gradient")
)
_u, _k, _t, _r, _A, _L, _n = (p.symbol for p in (u, kx, t, rate, scale, L, tests))
_words = over_coordinates((_a(_x) + _b(_x)) * (_a(_x) - _b(_x)))
_squares = over_coordinates(_a(_x) ** 2) - over_coordinates(_b(_x) ** 2)

abstract_data_model_as_stated = Claim(
    id="concepts/abstract_data_model_as_stated",
    title="The data model of the abstract",
    kind=Kind.DEFINITION,
    text=(
        "Prompts of a low-noise sparse coding model: each task concept has two opposite feature vectors with a "
        "positive inner product, and different concepts are orthogonal. Our reading: words a_k +- b_k with inner "
        "product kappa_x u^2"
    ),
    parameters=(top, u, kx),
    hypotheses=(
        eq(over_coordinates(_a(_x) ** 2), _u**2 * (1 + _k) / 2),
        eq(over_coordinates(_b(_x) ** 2), _u**2 * (1 - _k) / 2),
    ),
    statements=(
        equal(_words, _k * _u**2, label="inner product"),
        Statement(_words, ">", sp.S.Zero, label="positive"),
    ),
    source=ABSTRACT,
    status=Status.AS_STATED,
    expected=Verdict.NOT_APPLICABLE,
    why="a definition: its wording is to be compared with the paper's, there is nothing to measure",
    remarks=(
        "in our model the positive inner product only fixes |b|, |d| and excludes the one-sided stationary point "
        "(concepts/stationary_sliding)",
    ),
    derivation=derive()
    .have("squares", eq(_words, _squares), by=algebra)
    .have("inner product", eq(_words, _k * _u**2), by=["squares", "hypothesis 1", "hypothesis 2", quick])
    .have("positive", gt(_words, 0), by=["inner product", quick]),
)
abstract_exponential_as_stated = Claim(
    id="concepts/abstract_exponential_as_stated",
    title="Exponential convergence of the 0-1 loss, whatever the labels of the demonstrations",
    kind=Kind.UPPER,
    text=(
        "Softmax attention and a ReLU layer trained on the regularised cross-entropy: the 0-1 loss converges "
        "exponentially. Read without conditions: for some A and r > 0 the test error after t steps is at most A e^(-r "
        "t)"
    ),
    parameters=(t, rate, scale),
    statements=(
        upper(trained_error(_t), _A * sp.exp(-_r * _t), label="balanced labels"),
        upper(trained_error(_t), _A * sp.exp(-_r * _t), label="any labels"),
    ),
    source=ABSTRACT,
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "holds with balanced labels and low noise; independent labels leave an error of 2^-L at every step "
        "(concepts/error_floor_iid: 1/16 at L = 4), noise a positive floor, and a start below the threshold forgets "
        "the concept"
    ),
)
abstract_ood_as_stated = Claim(
    id="concepts/abstract_ood_as_stated",
    title="Unseen tasks composed of cross-concept semantics are solved",
    kind=Kind.STRUCTURAL,
    text=(
        "The trained model solves certain unseen tasks that are composed of several cross-concept semantics. Read "
        "without conditions: balanced prompts, or longer ones with a match, of any combination of learned words and "
        "labels are predicted without error"
    ),
    parameters=(tests,),
    statements=tuple(
        upper(unseen_error(_n), 0, label=label)
        for label in (
            "combined differences of words",
            "combined concepts of words",
            "combined differences of labels",
            "combined concepts of labels",
            "length",
            "fresh dictionary",
        )
    ),
    source=ABSTRACT,
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "holds in the cases of concepts/ood_*; fails where labels combine with negative weights (label_sign_memorised, "
        "ood_conic_dictionary), where a* overlaps b* (ood_cross_term), at lengths >= 1 + e^(2 beta) with one match "
        "(ood_length) and on a dictionary outside the learned span"
    ),
)
abstract_any_length_as_stated = Claim(
    id="concepts/abstract_any_length_as_stated",
    title="No requirement on the length of training prompts",
    kind=Kind.STRUCTURAL,
    text=(
        "Training needs no condition on the number of demonstrations or on the batch size: the attention learns at any "
        "L"
    ),
    parameters=(L,),
    statements=(
        Statement(attention_gradient(_L), ">", sp.S.Zero, label="attention learns"),
        upper(trained_error(_L), 0, label="no error"),
    ),
    source=Source("bu2024", "secondary summaries of arXiv 2411.02199", recheck=True),
    status=Status.AS_STATED,
    expected=Verdict.REFUTED,
    why=(
        "with one demonstration the attention has no gradient (concepts/single_demo), and with independent labels the "
        "error is at least 2^-L (concepts/error_floor_iid)"
    ),
)
