"""The reduced dynamics and their mirror image: derivations, the full network beside the map, oracles, mutations."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from theory.concepts import reduced as stated
from theory.concepts.dynamics import difference, theta, v
from theory.concepts.fields import both_active, one_sided, p, q, w
from theory.concepts.neurons import sided
from theory.concepts.parameters import Nb
from theory.concepts.reduced import mirrored_solution, reduced_dynamics
from theory.verdict import Grade, Verdict
from verify.concepts import reduced as measured
from verify.concepts.reduced import Population
from verify.measurement import context
from verify.verdict import judge

ORACLES = {  # beta, p, q of the standard set (D11)
    100: (2.19305035590261, 0.575855646896602, 1.36044696030749),
    200: (2.94282877298652, 1.16663613149054, 1.23950025261712),
    400: (3.00641446944134, 1.58667902743376, 1.57985902571322),
    600: (
        2.99066301290520,
        1.78454544822475,
        1.77508446445833,
    ),  # q: one digit of the specification is misprinted (..466..)
    1200: (2.94789706756440, 1.99813855312552, 1.98898007020932),
}


@pytest.mark.parametrize("claim", [reduced_dynamics, mirrored_solution])
def test_derivations_are_proved(claim):
    report = claim.check()
    assert report.grade is Grade.PROVED, report.message


@pytest.mark.parametrize(("mu", "expected"), [(0, both_active), (1, one_sided)])
def test_fields_are_those_of_the_two_regimes(mu, expected):
    P, Q, W = p.symbol, q.symbol, w.symbol
    angle = sp.tanh(W**2 * Nb.symbol)
    found = (
        stated.field_of_p(P, Q, angle),
        stated.field_of_q(P, Q, angle),
        stated.weight_field(W, W).subs(v.symbol, W).subs(difference(W, W), angle),
    )
    at = {"p": 0.7, "q": 0.9, "w": 0.8, "N_b": 2.0}
    for ours, theirs in zip(found, expected(P, Q, W), strict=True):
        gap = ours.subs(sided.symbol, mu) - theirs
        values = {s: at.get(s.name, 0.37) for s in gap.free_symbols}
        assert abs(float(gap.subs(values))) <= 1e-14
    assert theta.symbol not in found[0].free_symbols


def test_the_network_has_the_values_of_the_standard_set():
    population = Population(2, 0, 4, 4, 20, 1200)
    states = population.network()
    for t, expected in ORACLES.items():
        for k in range(2):
            P, Q, V, W = states[t, :4, k]
            np.testing.assert_allclose((2.0 * V * W, P, Q), expected, rtol=1e-11)
    one_sided_at = np.tanh(2 * states[:, 2, 0] * states[:, 3, 0]) * states[:, 0, 0] >= states[:, 1, 0]
    assert int(np.argmax(one_sided_at)) == 215
    assert float(np.abs(states[:, :4] - states[:, :4, :1]).max()) <= 1e-12  # both concepts alike
    np.testing.assert_allclose(states[:, :3, 0], population.reduced(), atol=1e-9)


SMALL = (Population(1, 1, 3, 2, 4, 40, lam=0.02, gamma=50.0, sigma_0=0.8), Population(2, 0, 5, 4, 6, 30, q_0=0.2))


def _cases(claim, measurement):
    return [case for n, thing in enumerate(SMALL) for case in measurement(thing, context(7, claim.id, str(n)))]


@pytest.mark.parametrize("claim", [reduced_dynamics, mirrored_solution])
def test_verdicts(claim):
    assert judge(claim, _cases(claim, getattr(measured, claim.name))).verdict is Verdict.HOLDS


@pytest.mark.parametrize("label", ["p", "q", "eigenvalue of W_Q", "eigenvalue of W_K"])
def test_a_field_a_tenth_off_is_refuted(label):
    after = {"p": p, "q": q, "eigenvalue of W_Q": v, "eigenvalue of W_K": w}[label].symbol
    changed = tuple(
        replace(s, bound=after + (s.bound - after) * sp.Rational(11, 10)) if s.label == label else s
        for s in reduced_dynamics.statements
    )
    cases = _cases(reduced_dynamics, measured.reduced_dynamics)
    assert judge(replace(reduced_dynamics, statements=changed), cases).verdict is Verdict.REFUTED


def test_balanced_prompts_cannot_tell_the_mirror_image():
    # Right iff n_+ < n_- e^(2 beta): a balanced prompt is right, matches alone are wrong.
    margins = {
        (matches, others): margin
        for matches, others, margin in measured._prompt_margins(SMALL[0], np.array([-0.7, 3.0, 0.8, -0.8]))
    }
    limit = np.exp(2 * 0.8**2 * 2.0)
    for (matches, others), margin in margins.items():
        assert (margin > 0) == (matches < others * limit)
    assert margins[1, 1] > 0 and margins[3, 3] > 0 and margins[1, 0] < 0
