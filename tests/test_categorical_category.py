"""Section 2.1 of the body `categorical`: derivations, the numbers of the specification, verdicts, witnesses."""

import math
from dataclasses import replace

import numpy as np
import pytest

from numerics.information import categorical_entropy as entropies
from numerics.information.categorical_entropy import hom_divergence
from numerics.information.divergences import CHI_SQUARE, JENSEN_SHANNON, KL, TEN, TV, named
from numerics.sources.fixtures import K1_MU, K1_ROWS, t1
from theory.categorical import axioms as laws
from theory.categorical import enrichment as processing
from theory.categorical import enrichment_laws as enriching
from theory.categorical import entropy_closed_forms as forms
from theory.categorical import entropy_laws as around
from theory.categorical import entropy_readings as readings
from theory.categorical import entropy_shannon as shannon
from theory.categories import equal
from theory.categories.separation import separate
from theory.verdict import Grade, Verdict
from verify.categorical import axioms, enrichment
from verify.categorical import entropies as measured
from verify.falsify import falsify
from verify.instance import NotApplicable
from verify.measurement import context
from verify.space import draw
from verify.verdict import as_expected, judge

MEASURED = {
    laws.copy_natural_as_stated: axioms.copy_natural,
    laws.markov_axioms: axioms.laws_of_the_category,
    laws.conditionals: axioms.disintegration,
    processing.data_processing: enrichment.data_processing,
    enriching.enrichment_as_stated: enrichment.enrichment_as_stated,
    enriching.enrichment: enrichment.enrichment,
    forms.entropy_closed_forms: measured.entropy_closed_forms,
    shannon.entropy_is_shannon: measured.entropy_is_shannon,
    shannon.entropy_data_law_as_stated: measured.entropy_data_law_as_stated,
    shannon.entropy_zero_iff_deterministic: measured.entropy_zero_iff_deterministic,
    around.entropy_precomposition: measured.entropy_precomposition,
    around.entropy_dpi_as_stated: measured.entropy_dpi_as_stated,
    around.entropy_coarse_graining: measured.entropy_coarse_graining,
    readings.entropy_readings: measured.entropy_readings,
}
PAIRS = list(MEASURED.items())
REFUTED = [pair for pair in PAIRS if pair[0].expected is Verdict.REFUTED]
PROVED = [claim for claim in MEASURED if claim.derivation is not None]


def instances(claim, measurement, examples=8):
    for thing in draw(measurement.over, claim, examples, 1):
        try:
            yield from measurement(thing, context(1, claim.id))
        except NotApplicable:
            continue


@pytest.mark.parametrize("claim", PROVED, ids=lambda claim: claim.name)
def test_derivations_are_proved(claim):
    report = claim.check()
    assert report.grade is Grade.PROVED, report.message


@pytest.mark.parametrize(("claim", "measurement"), PAIRS, ids=lambda value: getattr(value, "name", ""))
def test_verdicts_are_as_expected(claim, measurement):
    examples = 40 if claim.expected is Verdict.REFUTED else 8  # a violation is rare among small kernels
    judgement = judge(claim, instances(claim, measurement, examples))
    assert as_expected(judgement.verdict, claim.expected), judgement.message


@pytest.mark.parametrize(("claim", "measurement"), REFUTED, ids=lambda value: getattr(value, "name", ""))
def test_the_falsifier_finds_a_witness(claim, measurement):
    report = falsify(claim, examples=150, measurement=measurement)
    assert report.found and report.shrunk


@pytest.mark.parametrize("statement", [s.label for s in enriching.enrichment_as_stated.statements])
def test_every_part_of_the_printed_enrichment_is_refuted_by_search(statement):
    found = falsify(
        enriching.enrichment_as_stated,
        statement=statement,
        examples=500,
        measurement=enrichment.enrichment_as_stated,
    )
    assert found.found and found.shrunk


def test_copying_a_coin_is_what_separates():
    (left, right) = axioms.sides(laws.copy_natural_as_stated)["copy"]
    assert not equal(left, right)
    assert separate(left, right).gap == 1 / 4


def test_enrichment_witnesses():
    point, coin = np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])
    beside = CHI_SQUARE(np.kron(point[0], point[0]), np.kron(coin[0], coin[0]))
    assert beside == pytest.approx(3) and CHI_SQUARE(point[0], coin[0]) == pytest.approx(1)
    g, g1 = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0]]), np.array([[0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]])
    assert hom_divergence(CHI_SQUARE, point @ g, coin @ g1) == pytest.approx(3)
    assert hom_divergence(CHI_SQUARE, g, g1) == pytest.approx(1)
    f, f1 = np.array([[0.6, 0.4]]), np.array([[0.4, 0.6]])
    g, g1 = np.array([[1.0, 0, 0, 0], [0, 0, 0.5, 0.5]]), np.array([[0.5, 0.5, 0, 0], [0, 0, 1.0, 0]])
    together = hom_divergence(JENSEN_SHANNON, f @ g, f1 @ g1)
    apart = hom_divergence(JENSEN_SHANNON, f, f1) + hom_divergence(JENSEN_SHANNON, g, g1)
    assert together == pytest.approx(0.243279, abs=5e-7) and apart == pytest.approx(0.235897, abs=5e-7)


K1 = {  # row 1, row 3, average, joint
    "KL": (1.213008, 1.098612, 0.881157, 0.881157),
    "TV": (0.656250, 0.666667, 0.494792, 0.494792),
    "chi2": (3, 2, 2, 2),
    "Hel2": (0.866117, 0.845299, 0.644383, 0.644383),
    "JS": (0.327212, 0.318257, 0.243170, 0.243170),
    "renyi 0": (1.067841, 1.098612, 0.808573, 0.682784),
    "renyi 1/2": (1.134997, 1.098612, 0.842152, 0.777781),
    "renyi 3/2": (1.298614, 1.098612, 0.923960, 0.989538),
    "renyi 2": (1.386294, 1.098612, 0.967800, 1.098612),
    "renyi inf": (2.079442, 1.098612, 1.314374, 2.079442),
}


@pytest.mark.parametrize("name", K1)
def test_k1(name):
    divergence, (first, third, average, joint) = named(name), K1[name]
    assert entropies.pointwise(divergence, K1_ROWS) == pytest.approx([first, 0, third], abs=5e-7)
    assert entropies.average(divergence, K1_ROWS, K1_MU) == pytest.approx(average, abs=5e-7)
    assert entropies.joint(divergence, K1_ROWS, K1_MU) == pytest.approx(joint, abs=5e-7)
    assert entropies.supremum(divergence, K1_ROWS) == pytest.approx(max(first, third), abs=5e-7)


def test_the_head_of_t1_has_its_own_entropy():
    source = t1()
    assert entropies.average(KL, source.head, source.state_law) == pytest.approx(1.047320, abs=5e-7)
    found = list(measured.entropy_data_law_as_stated(source, context(1, "t1")))
    assert found[0].bound.value == pytest.approx(1.061486, abs=5e-7)


def test_a_coin_behind_a_point_mass():
    coin = np.array([[0.5, 0.5]])
    assert float(entropies.psi(KL, coin[0])) == pytest.approx(math.log(2))
    assert float(entropies.psi(TV, coin[0])) == pytest.approx(0.5)


def test_a_stochastic_encoder_is_not_ignored():
    coin = np.array([[0.5, 0.5]])
    outer = float(entropies.psi(KL, (coin @ np.eye(2))[0]))
    assert outer > 0 and np.all(entropies.pointwise(KL, np.eye(2)) == 0)


@pytest.mark.parametrize(
    ("claim", "measurement"),
    [
        (processing.data_processing, enrichment.data_processing),
        (enriching.enrichment, enrichment.enrichment),
        (around.entropy_coarse_graining, measured.entropy_coarse_graining),
        (readings.entropy_readings, measured.entropy_readings),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_a_tenth_less_is_caught(claim, measurement):
    def smaller(side):
        return replace(side, lower=side.lower * 0.9, upper=side.upper * 0.9)

    weaker = [replace(i, bound=smaller(i.bound)) for i in instances(claim, measurement)]
    assert judge(claim, weaker).verdict is Verdict.REFUTED


def test_all_ten_divergences_are_measured():
    pair = next(iter(draw(enrichment.data_processing.over, processing.data_processing, 1, 1)))
    names = {i.label for i in enrichment.data_processing(pair, context(1, "names"))}
    assert names == {repr(divergence) for divergence in TEN}
