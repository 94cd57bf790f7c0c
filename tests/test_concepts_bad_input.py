"""What the concept model cannot use is refused in one line that names the value and what was expected."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.concepts.dictionary import draw_dictionary
from numerics.concepts.grid import grid_of, run_map
from numerics.concepts.logistic import Bounds, Support
from numerics.concepts.network import random_start
from numerics.concepts.prompts import Sampler
from numerics.concepts.reduced import Concept
from numerics.concepts.schedule import Schedule
from numerics.concepts.training import Setting
from verify.cli.main import main


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


DICTIONARY = [
    (
        lambda: draw_dictionary(rng(), 3, 2, 7),
        "7 word dimensions for 3 concepts and 2 irrelevant atoms, expected at least 2*3 + 2 = 8",
    ),
    (
        lambda: draw_dictionary(rng(), 3, 0, 8, 5),
        "5 label dimensions for 3 concepts and 0 irrelevant atoms, expected at least 2*3 + 0 = 6",
    ),
    (
        lambda: draw_dictionary(rng(), 1, 0, 4, word_cosine=1.0),
        "word_cosine = 1.0, expected an inner product inside a concept strictly between 0 and 1",
    ),
    (lambda: draw_dictionary(rng(), 1, 0, 4, label_cosine=0.0), "label_cosine = 0.0, expected an inner product"),
    (lambda: draw_dictionary(rng(), 1, 0, 4, label_cosine=-0.5), "strictly between 0 and 1"),
    (lambda: draw_dictionary(rng(), 1, 0, 4, word_cosine=math.nan), "word_cosine = nan, expected an inner product"),
    (lambda: draw_dictionary(rng(), 0, 2, 4), "0 concepts and 2 irrelevant atoms, expected at least 1 and at least 0"),
]
PROMPTS = [
    (lambda: Sampler(0), "0 demonstrations in a prompt, expected at least 1"),
    (lambda: Sampler(3), "balanced labels on 3 demonstrations, expected an even number"),
    (
        lambda: Sampler(4, co_concepts=2, co_signs=(1, -1)),
        "co-concept signs (1, -1) contradict each other: a prompt has one real label, so all its co-concepts need the "
        "same sign",
    ),
    (lambda: Sampler(4, co_concepts=2, co_signs=(1,)), "co-concept signs (1,), expected 2 of +1 and -1"),
    (
        lambda: Sampler(4, co_concepts=3).sample(rng(), draw_dictionary(rng(), 2, 0, 4), (5,)),
        "3 co-concepts of 2 concepts, expected at most 2",
    ),
    (
        lambda: Sampler(4).sample(rng(), draw_dictionary(rng(), 2, 0, 4), (5,), (0.5, 0.4)),
        "concept probabilities [0.5, 0.4], expected numbers at least 0 with sum 1 within 1e-9",
    ),
]
SCHEDULES = [
    (
        lambda: Schedule(0.002, 2.0),
        "gamma = 2: the steps are not contractive, lambda eta_0 < 1 fails (it is 2/gamma = 1); expected gamma > 2",
    ),
    (lambda: Schedule(0.002, 1.0), "lambda eta_0 < 1 fails (it is 2/gamma = 2)"),
    (
        lambda: Setting(Sampler(4), (0.02, 0.01), (0.3, 0.3), gamma=1.5),
        "gamma = 1.5: the steps are not contractive, lambda eta_0 < 1 fails",
    ),
    (
        lambda: run_map(grid_of(Concept(0.02)), grid_of(Concept(0.02)).start(0.3), 2.0, 5),
        "gamma = 2: the map is not contractive, lambda eta_0 < 1 fails; expected gamma > 2",
    ),
    (
        lambda: Schedule(0.1, 5.0).require_contractive(0.25, 4.0),
        "gamma = 5: the steps are not contractive, eta_0 <= 1/(R^2/4 + lambda) fails (4 > 2.85714); expected gamma >= "
        "2(R^2/4 + lambda)/lambda = 7",
    ),
    (lambda: Schedule(10.0, 3.0).require_contractive(0.25, 4.0), "gamma = 3: gamma >= 4 fails"),
    (
        lambda: Bounds(Support(((1.0, 0.0),), (1.0,)), Schedule(0.1, 6.9)),
        "gamma = 6.9: the steps are not contractive, eta_0 <= 1/(R^2/4 + lambda) fails",
    ),
    (lambda: Schedule(0.0, 10.0), "weight decay lambda = 0.0, expected a positive number"),
]
NETWORK = [
    (lambda: random_start(rng(), draw_dictionary(rng(), 1, 0, 4), 3, 0.3, 0.1), "3 neurons, expected an even number"),
    (lambda: random_start(rng(), draw_dictionary(rng(), 1, 0, 4), 4, -0.3, 0.1), "sigma_0 = [-0.3], expected a number"),
    (lambda: Setting(Sampler(4), (0.02,), (0.3, 0.4)), "1 values of lambda and 2 of sigma_0, expected one of each"),
]


@pytest.mark.parametrize(("call", "said"), DICTIONARY + PROMPTS + SCHEDULES + NETWORK)
def test_the_library_names_the_value_and_what_was_expected(call, said):
    with pytest.raises(ValueError) as caught:
        call()
    assert said in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("gamma", [2.0000001, 2.5, 1e6])
def test_what_contracts_is_taken(gamma):
    assert Schedule(0.002, gamma).shrink(0) >= 0
    Schedule(0.1, 7.0).require_contractive(0.25, 4.0)


@pytest.mark.parametrize(
    ("claim", "given", "said"),
    [
        ("concepts/decay_product", ("g=2", "t=5"), "g = 2 is outside its domain"),
        ("concepts/init_threshold", ("lam=0", "m=20", "pk=1", "nb2=2", "nd=1", "phi=1"), "lam = 0 is outside"),
        ("concepts/abstract_any_length_as_stated", ("L=0",), "L = 0 is outside its domain"),
        ("concepts/abstract_data_model_as_stated", ("kx=1", "u=2"), "kx = 1 is outside its domain"),
    ],
)
def test_the_verb_bound_refuses_what_is_outside_a_domain(claim, given, said, capsys):
    arguments = [part for value in given for part in ("--set", value)]
    assert main(["bound", claim, *arguments]) == 2
    out, err = capsys.readouterr()
    assert not out and err.startswith("boundlab: ") and err.count("\n") == 1
    assert said in err
