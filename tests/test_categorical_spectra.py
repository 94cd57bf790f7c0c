"""Claims on similarity operators and on the log-loss as a spectral objective (specification `categorical` 2.6, 2.7)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.geometry.head import Head, prototypes
from numerics.similarity.dependence import chi_squared_information, mutual_information
from numerics.similarity.dirichlet import dirichlet_energy, rayleigh_quotient, variance
from numerics.similarity.kernels import kernel_matrix
from numerics.similarity.operators import interlacing, spectrum, trace_gap
from numerics.sources.fixtures import (
    R1_EPSILONS,
    R1_MU,
    R1_P,
    R1_R,
    S1_ENCODER,
    S1_FEATURES,
    S1_MU,
    S1_ROWS,
    S1_UNEMBEDDING,
)
from numerics.spectral.alignment import alignment, cross_entropy, moment_matched_states
from numerics.spectral.cca import canonical_correlations, feature_optimum
from numerics.spectral.surrogate import CURVATURES, curvature, surrogate_minimum, whitened_alignment_optimum
from numerics.spectral.weak_dependence import perturbed_rows, weak_dependence
from theory.categorical import compression, contrastive, dependence, dirichlet, nll, operators, optimum, surrogate
from theory.claim import Claim
from theory.verdict import Grade, Verdict
from verify.categorical import nll as measured_nll
from verify.categorical import similarity as measured_similarity
from verify.instance import Instance, NotApplicable
from verify.measurement import Measurement, context
from verify.precision import floating
from verify.space import draw
from verify.verdict import as_expected, judge

LABELS = np.array(S1_ENCODER)
HEAD = Head(S1_UNEMBEDDING)
MODULES = (compression, contrastive, dependence, dirichlet, nll, operators, optimum, surrogate)
CLAIMS = {c.id: c for module in MODULES for c in vars(module).values() if isinstance(c, Claim)}
MEASUREMENTS = {
    m.claim: m
    for module in (measured_nll, measured_similarity)
    for m in vars(module).values()
    if isinstance(m, Measurement)
}
GRADES = {
    "dirichlet_laplacian": Grade.PROVED,
    "operator_trace_gap": Grade.PROVED,
    "operator_psd": Grade.CITED,
    "surrogate_optimum": Grade.PROVED,
    "surrogate_cca": Grade.PROVED,
    "contrastive_spectrum": Grade.PROVED,
    "contrastive_loss": Grade.CITED,
    "chi2_information_bound": Grade.PROVED,
    "weak_dependence_svd": Grade.GAP,
}


@pytest.mark.parametrize("name", GRADES)
def test_derivation_has_the_grade_it_claims(name: str) -> None:
    report = CLAIMS[f"categorical/{name}"].check()
    assert report.accepted, report.message
    assert report.grade is GRADES[name]


def test_every_claim_of_both_sections_is_measured() -> None:
    assert len(CLAIMS) == 19
    assert set(MEASUREMENTS) == set(CLAIMS)


def cases(identifier: str, examples: int = 25) -> list[Instance]:
    measurement = MEASUREMENTS[identifier]
    found: list[Instance] = []
    for thing in draw(measurement.over, CLAIMS[identifier], min(examples, measurement.examples[0]), 1):
        try:
            found += [c for c in measurement(thing, context(0, identifier)) if isinstance(c, Instance)]
        except NotApplicable:
            continue
    return found


@pytest.mark.parametrize("identifier", sorted(CLAIMS))
def test_verdict_is_the_expected_one(identifier: str) -> None:
    claim = CLAIMS[identifier]
    examples = 90 if "nonnegative" in identifier else 25
    assert as_expected(judge(claim, cases(identifier, examples)).verdict, claim.expected)


@pytest.mark.parametrize("name", ["interlacing", "surrogate_optimum", "surrogate_cca"])
def test_a_tight_bound_weakened_by_a_tenth_is_caught(name: str) -> None:
    identifier = f"categorical/{name}"
    claim = CLAIMS[identifier]
    signs = {s.label: s.sign for s in claim.statements}
    changed = []
    for case in cases(identifier):
        assert case.bound is not None
        factor = 0.9 if signs[str(case.statement)] == "<=" else 1.1
        changed.append(
            Instance({}, case.quantity, case.statement, floating(factor * case.bound.value, absolute=1e-10), scale=1.0)
        )
    assert judge(claim, changed).verdict is Verdict.REFUTED


def test_dirichlet_energy_of_s1() -> None:
    kernel = kernel_matrix("bhattacharyya", S1_ROWS, S1_MU)
    position = np.arange(6.0)
    assert float(dirichlet_energy(kernel, S1_MU, position)) == pytest.approx(2.559755, abs=5e-7)
    assert float(variance(S1_MU, position)) == pytest.approx(2.916667, abs=5e-7)


def test_dirichlet_energy_rises_while_the_loss_falls() -> None:
    rows, measure, head = np.array([[0.6, 0.4], [0.4, 0.6]]), np.full(2, 0.5), Head(np.array([[0.0], [1.0]]))
    kernel = kernel_matrix("bhattacharyya", rows, measure)
    assert kernel[0, 1] == pytest.approx(0.979796, abs=5e-7)
    states = moment_matched_states(head, rows)
    assert np.abs(states[:, 0]) == pytest.approx(math.log(1.5))
    assert float(dirichlet_energy(kernel, measure, states[:, 0])) == pytest.approx(0.161080, abs=5e-7)
    assert cross_entropy(head, rows, states, measure) == pytest.approx(0.673012, abs=5e-7)
    assert cross_entropy(head, rows, 0 * states, measure) == pytest.approx(0.693147, abs=5e-7)
    for scale in (0.1, 1.0):
        assert float(rayleigh_quotient(kernel, measure, scale * states[:, 0])) == pytest.approx(kernel[0, 1])


def test_jeffreys_kernel_has_a_negative_eigenvalue() -> None:
    rows = np.array([[1 - p, p] for p in (0.001, 0.1, 0.5)])
    found = spectrum(kernel_matrix("jeffreys_exponential", rows, np.full(3, 1 / 3), 0.1))
    assert found == pytest.approx([2.723476, 0.292938, -0.016414], abs=5e-7)


@pytest.mark.parametrize(
    ("name", "contexts", "states", "gap"),
    [
        ("bhattacharyya", (0.893719, 0.083567, 0.022714), (0.892503, 0.001228), 0.106269),
        ("chi_squared", (1, 0.332718, 0.114454), (1, 0.006734), 0.440438),
        ("linear", None, None, 0.148889),
    ],
)
def test_spectra_of_s1(name: str, contexts: tuple[float, ...] | None, states: tuple[float, ...], gap: float) -> None:
    kernel = kernel_matrix(name, S1_ROWS, S1_MU)
    assert trace_gap(kernel, S1_MU, LABELS) == pytest.approx(gap, abs=6e-7)
    if contexts is not None:
        found = interlacing(kernel, S1_MU, LABELS)
        assert found.contexts[:3] == pytest.approx(contexts, abs=6e-7)
        assert found.states == pytest.approx(states, abs=6e-7)
        assert found.worst >= -found.tolerance


def test_whitened_maximisers_of_alignment_differ_in_loss() -> None:
    head, measure, rows = Head(np.array([[1.0], [-1.0]])), np.full(2, 0.5), np.array([[0.8, 0.2], [0.2, 0.8]])
    for states, loss in ((np.array([[1.0], [-1.0]]), 0.526928), (np.array([[-1.0], [1.0]]), 1.726928)):
        assert alignment(states, prototypes(head, rows), measure) == pytest.approx(0.36)
        assert cross_entropy(head, rows, states, measure) == pytest.approx(loss, abs=5e-7)


def test_optimal_states_are_not_proportional_to_prototypes() -> None:
    head = Head(np.array([[1.0], [-1.0]]))
    states = moment_matched_states(head, np.array([[0.75, 0.25], [0.95, 0.05]]))[:, 0]
    assert states == pytest.approx([0.549306, 1.472219], abs=5e-7)
    assert states[1] / states[0] == pytest.approx(2.680144, abs=5e-7)


def test_minima_of_the_surrogate_on_s1() -> None:
    values, losses = [], []
    for name in CURVATURES:
        found = surrogate_minimum(HEAD, S1_ROWS, S1_MU, curvature(HEAD, name))
        values.append(found.value)
        losses.append(cross_entropy(HEAD, S1_ROWS, found.states, S1_MU))
    assert values == pytest.approx([1.002779, 0.945279, 0.945279], abs=6e-7)
    assert losses == pytest.approx([0.953783, 0.911739, 0.900986], abs=6e-7)
    best = moment_matched_states(HEAD, S1_ROWS)
    assert cross_entropy(HEAD, S1_ROWS, best, S1_MU) == pytest.approx(0.879585, abs=6e-7)
    assert whitened_alignment_optimum(prototypes(HEAD, S1_ROWS), S1_MU).value == pytest.approx(0.775874, abs=6e-7)


def test_canonical_correlations_of_s1() -> None:
    targets = prototypes(HEAD, S1_ROWS)
    found = feature_optimum(S1_FEATURES, targets, S1_MU)
    assert found.nuclear_norm == pytest.approx(0.59879, abs=6e-6)
    assert found.singular_values == pytest.approx([0.49800, 0.10078], abs=6e-6)
    assert canonical_correlations(S1_FEATURES, targets, S1_MU) == pytest.approx([0.864442, 0.517932], abs=6e-7)
    assert cross_entropy(HEAD, S1_ROWS, found.states, S1_MU) == pytest.approx(1.096119, abs=6e-7)
    bound = math.log(3) - found.nuclear_norm + np.trace(curvature(HEAD, "centred_gram")) / 2
    assert bound == pytest.approx(1.499826, abs=6e-7)


def test_weak_dependence_ratios_of_r1() -> None:
    found = [weak_dependence(perturbed_rows(R1_P, R1_R, e), R1_MU, 1) for e in R1_EPSILONS]
    assert [f.ratio for f in found] == pytest.approx([0.9594, 0.9731, 0.9841, 0.9913], abs=6e-5)
    assert [f.cosine for f in found] == pytest.approx([0.9814, 0.9964, 0.9991, 0.9998], abs=6e-5)


def test_contrastive_loss_of_s1_is_least_for_the_top_eigenvector() -> None:
    """Minus the square of the first eigenvalue, which is 1."""
    found = {c.label: c for c in cases("categorical/contrastive_loss", 0) if c.statement == "least"}
    assert found["best features"].quantity.value == pytest.approx(-1.0)
    assert found["best features"].bound is not None
    assert found["best features"].bound.value == pytest.approx(-1.0)
    best = found["best features"]
    more = Instance({}, best.quantity, "least", floating(-0.9, absolute=1e-10), scale=1.0)
    assert judge(CLAIMS["categorical/contrastive_loss"], [more]).verdict is Verdict.REFUTED


def test_information_of_s1() -> None:
    chi = chi_squared_information(S1_ROWS, S1_MU)
    assert mutual_information(S1_ROWS, S1_MU) == pytest.approx(0.215688, abs=5e-7)
    assert math.log1p(chi) == pytest.approx(0.369611, abs=5e-7)
    assert chi / 2 == pytest.approx(0.223586, abs=5e-7)
