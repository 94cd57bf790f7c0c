"""Claims on tests out of distribution: derivations, verdicts, the specification's numbers, where they fail."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.formulas import correct_attention
from numerics.concepts.learned import clean_prompt, correct_attention_of, learned_network, margin
from numerics.concepts.prompts import Sampler
from theory.concepts.label_sign import label_sign_memorised
from theory.concepts.ood_co_concepts import ood_co_concepts
from theory.concepts.ood_cross_term import ood_cross_term
from theory.concepts.ood_dictionary import ood_conic_dictionary
from theory.concepts.ood_labels import ood_switched_labels
from theory.concepts.out_of_distribution import ood_length, ood_skew
from theory.verdict import Grade, Verdict
from verify.concepts import label_sign, ood_dictionary, ood_labels, out_of_distribution
from verify.concepts import ood_co_concepts as co_concepts
from verify.concepts import ood_cross_term as cross_term
from verify.concepts.composed import Task, dictionary_of, network_of, prompt_of, vectors_of
from verify.falsify import falsify
from verify.measurement import context
from verify.space import draw
from verify.verdict import Outcome, as_expected, judge, judge_instance

MEASURED = {
    ood_length: out_of_distribution.ood_length,
    ood_skew: out_of_distribution.ood_skew,
    ood_co_concepts: co_concepts.ood_co_concepts,
    ood_conic_dictionary: ood_dictionary.ood_conic_dictionary,
    ood_cross_term: cross_term.ood_cross_term,
    ood_switched_labels: ood_labels.ood_switched_labels,
    label_sign_memorised: label_sign.label_sign_memorised,
}
CLAIMS = pytest.mark.parametrize("claim", MEASURED, ids=lambda claim: claim.name)
ATOMS = draw_dictionary(np.random.default_rng(3), 2, 0, 7)
BETA, P, Q = (1.3, 0.9), (1.5, 1.0), (1.0, 0.5)


@CLAIMS
def test_derivations_are_proved(claim):
    report = claim.check()
    assert report.grade is Grade.PROVED, report.message


def instances_of(claim, examples):
    measurement = MEASURED[claim]
    for thing in draw(measurement.over, claim, examples, 1):
        yield from measurement(thing, context(1, claim.id))


@CLAIMS
def test_measured_verdict_is_the_expected_one_and_every_statement_is_measured(claim):
    found = list(instances_of(claim, 12))
    labels = {s.label for s in claim.statements}
    assert {i.statement for i in found} == labels
    judgement = judge(claim, found)
    assert as_expected(judgement.verdict, claim.expected) and claim.expected is Verdict.HOLDS, judgement


@pytest.mark.parametrize(
    ("claim", "label", "factor"),
    [
        (ood_conic_dictionary, "right", 1.1),
        (ood_cross_term, "either query", 1.1),
        (ood_co_concepts, "attention", 1.1),
        (ood_switched_labels, "margin", 1.1),
        (ood_length, "counts decide", 0.9),
        (ood_length, "independent labels err", 1.1),
    ],
)
def test_a_constant_changed_by_a_tenth_is_caught(claim, label, factor):
    statement = next(s for s in claim.statements if s.label == label)
    wrong = replace(statement, bound=statement.bound * factor)
    changed = replace(claim, statements=tuple(wrong if s is statement else s for s in claim.statements))
    measurement = MEASURED[claim]
    for seed in range(1, 4):
        for thing in draw(measurement.over, claim, 12, seed):
            for instance in measurement(thing, context(1, claim.id)):
                if instance.statement == label and judge_instance(changed, instance).outcome is Outcome.VIOLATED:
                    return
    pytest.fail("the wrong constant went unnoticed")


def prompt(a, b, matches, others, target=1, c=ATOMS.c[0], d=ATOMS.d[0]):
    return clean_prompt(a, b, c, d, [target], [[target] * matches + [-target] * others])


def test_co_concepts_add_their_scores():
    network = learned_network(ATOMS, BETA, P, Q)
    found = correct_attention_of(network, prompt(ATOMS.a.sum(0), ATOMS.b.sum(0), 1, 3))[0]
    assert found == pytest.approx(1 / (1 + 3 * math.exp(-4.4)), abs=1e-12)
    assert found > correct_attention(1, 3, max(BETA))
    with pytest.raises(ValueError, match="contradict each other"):
        Sampler(4, co_concepts=2, co_signs=(1, -1))


def test_strength_and_cross_term_of_the_published_combination():
    network = learned_network(ATOMS, BETA, P, Q)
    b = 0.6 * ATOMS.b[0] - 0.5 * ATOMS.b[1]
    attention = (network.W_K[0].T @ network.W_Q[0]).numpy()
    assert b @ attention @ b == pytest.approx(0.693, abs=1e-12)
    a = 0.3 * ATOMS.a[0] + 0.2 * ATOMS.b[0]
    assert b @ attention @ a == pytest.approx(0.156, abs=1e-12)
    found = correct_attention_of(network, prompt(a, b, 2, 3))[0]
    assert found == pytest.approx(2 / (2 + 3 * math.exp(-1.698)), abs=1e-12)


def test_one_match_is_right_up_to_the_length_of_the_formula_and_wrong_beyond():
    beta = 1.1  # 1 + e^2.2 = 10.03
    network = learned_network(ATOMS, (beta, beta), P, Q)
    for length in (2, 9, 10):
        assert margin(network, prompt(ATOMS.a[0], ATOMS.b[0], 1, length - 1))[0] > 0
    for length in (11, 12, 40):
        assert margin(network, prompt(ATOMS.a[0], ATOMS.b[0], 1, length - 1))[0] < 0
    for length in (2, 16, 64):
        assert margin(network, prompt(ATOMS.a[0], ATOMS.b[0], length // 2, length // 2))[0] > 0


def test_a_strongly_negative_concept_silences_the_network_and_a_weak_one_does_not():
    task = Task(0, BETA, P, Q)
    silent = margin(network_of(task), prompt_of(replace(task, t2=(-2.0, 0.0))))[0]
    assert silent == 0
    assert margin(network_of(task), prompt_of(replace(task, t2=(-0.5, 0.0))))[0] > 0


def test_labels_turned_are_errors_of_a_learned_network_and_switched_ones_are_not():
    network = learned_network(ATOMS, BETA, P, Q)
    assert (margin(network, Sampler(4).enumerate(ATOMS)) > 0).all()
    assert (margin(network, Sampler(4).enumerate(ATOMS.shifted(d=-ATOMS.d))) < 0).all()
    assert (margin(network, Sampler(4, label_permutation=(1, 0)).enumerate(ATOMS)) > 0).all()


def test_the_falsifier_finds_where_a_bound_without_its_condition_fails():
    # "Right for every c*": without the positive part the margin would be theta D whatever C.
    import sympy as sp

    np_, nm, bs, D = (p.symbol for p in ood_conic_dictionary.parameters if p.name in ("np", "nm", "bs", "D"))
    theta = (np_ - nm * sp.exp(-2 * bs)) / (np_ + nm * sp.exp(-2 * bs))
    report = falsify(
        ood_conic_dictionary,
        statement="right",
        bound=theta * D,
        examples=200,
        measurement=ood_dictionary.ood_conic_dictionary,
    )
    assert report.found and report.shrunk
    assert report.thing.concept < abs(report.thing.signal)  # the hinge of one half is closed


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"neurons": 3}, "3 neurons, expected an even number"),
        ({"beta": (-1.0, 1.0)}, "expected numbers at least 0"),
        ({"p": (1.0,)}, r"p of shape \(1,\), expected \(2,\)"),
    ],
)
def test_learned_networks_that_do_not_exist(change, message):
    given = {"beta": BETA, "p": P, "q": Q, "neurons": 2} | change
    with pytest.raises(ValueError, match=message):
        learned_network(ATOMS, given["beta"], given["p"], given["q"], neurons=given["neurons"])


def test_a_prompt_whose_signs_do_not_fit_its_targets():
    with pytest.raises(ValueError, match=r"expected \(B, L\) and \(B,\)"):
        clean_prompt(ATOMS.a[0], ATOMS.b[0], ATOMS.c[0], ATOMS.d[0], [1, -1], [[1, 1]])


def test_vectors_of_a_task_are_the_combinations():
    task = Task(0, BETA, P, Q, t=(0.5, -1.0), ta=(0.0, 2.0))
    a, b, _, _ = vectors_of(task)
    atoms = dictionary_of(0)
    assert np.allclose(a, 2 * atoms.a[1]) and np.allclose(b, 0.5 * atoms.b[0] - atoms.b[1])
