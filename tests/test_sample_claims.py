"""The first claims of the three other bodies: grades, verdicts, oracles, and the numerics they are measured with."""

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.concepts.reduced import Concept, critical_start, formula_start, learned_by_map, start_in_units, step
from numerics.information.entropy import Joint, entropy, joint_of_weights, mutual_information
from numerics.machines.library import table as shipped
from numerics.machines.linear_ar import LinearAR, gap, rollout, scores
from numerics.machines.oblivious import NotOblivious, compile_oblivious, head_schedule, true_chain
from numerics.machines.table import machine_of_table
from numerics.machines.turing import MachineError, simulate, words
from theory.claim import lower
from theory.registry import registry
from verify.autoregressive.turing import turing_oblivious as measured_oblivious
from verify.categorical.surplus import AXES, joints, source_t1
from verify.concepts.thresholds import Setting
from verify.concepts.thresholds import init_threshold as measured_threshold
from verify.measure import measure_claim
from verify.measurement import context
from verify.strategies.machines import oblivious_tasks
from verify.verdict import judge

ONES_MOD_2, FIND_11 = shipped("ones_mod_2"), shipped("find_11")
IDS = ("categorical/surplus_identity", "autoregressive/turing_oblivious", "concepts/init_threshold")


@cache
def record(name):
    (found,) = measure_claim(registry().claims[name], seed=1)
    return found


@pytest.mark.parametrize(("name", "grade"), tuple(zip(IDS, ("proved", "proved", "gap"), strict=True)))
def test_grades(name, grade):
    report = registry().claims[name].check()
    assert str(report.grade) == grade
    gaps = [step.name for step in report.steps if str(step.grade) == "gap"]
    assert gaps == (["forgotten up to the formula", "learned above"] if grade == "gap" else [])


@pytest.mark.parametrize(("name", "verdict"), tuple(zip(IDS, ("holds", "tight", "tight"), strict=True)))
def test_verdicts(name, verdict):
    found = record(name)
    assert str(found.verdict) == verdict
    assert found.as_expected
    assert found.instances >= 20
    assert found.bites == 1
    assert found.undecided == 0


# -- information -----------------------------------------------------------------------------------------------------


def test_surplus_of_the_fixture():
    joint = source_t1()
    assert mutual_information(joint, "H", "WAB") == pytest.approx(0.094858, abs=5e-7)
    assert mutual_information(joint, "H", "W") == pytest.approx(0.036685, abs=5e-7)
    assert mutual_information(joint, "H", "AB", "W") == pytest.approx(0.058173, abs=5e-7)
    assert mutual_information(joint, "H", "A", "W") == pytest.approx(0.037859, abs=5e-7)
    assert entropy(joint, "W", "H") == pytest.approx(1.061486, abs=5e-7)


@settings(deadline=None, max_examples=50)
@given(joints(), st.sampled_from(["", "W", "WA"]))
def test_mutual_information_is_what_a_condition_takes_from_entropy(joint, condition):
    information = mutual_information(joint, "H", "BC", condition)
    assert information == pytest.approx(
        entropy(joint, "H", condition) - entropy(joint, "H", "BC" + condition), abs=1e-12
    )
    assert information >= -1e-12
    assert mutual_information(joint, "BC", "H", condition) == pytest.approx(information, abs=1e-14)


def test_the_surplus_is_conditional():
    weights = np.zeros((2, 2, 2, 2, 2), dtype=np.int64)
    for w in range(2):
        for a in range(2):
            weights[w ^ a, w, a] = 1
    xor = joint_of_weights(AXES, weights)
    assert mutual_information(xor, "H", "A") == pytest.approx(0, abs=1e-15)
    assert mutual_information(xor, "H", "A", "W") == pytest.approx(math.log(2))


def test_joint_laws_are_validated():
    with pytest.raises(ValueError, match=r"sums to 0\.9"):
        Joint(("X",), np.array([0.5, 0.4]))
    with pytest.raises(ValueError, match=r"entry \[1\]"):
        Joint(("X",), np.array([1.5, -0.5]))
    with pytest.raises(ValueError, match="do not name"):
        Joint(("X", "X"), np.full((2, 2), 0.25))
    with pytest.raises(ValueError, match="no variable 'Z'"):
        entropy(source_t1(), "Z")
    with pytest.raises(ValueError, match="'A' is on both sides"):
        mutual_information(source_t1(), "HA", "A")


# -- machines --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tape", ["two_sided", "one_sided"])
@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_parity_of_ones(tape, n):
    machine = machine_of_table({**ONES_MOD_2, "tape": tape})
    model = compile_oblivious(machine, n, n + 1)
    assert len(model.steps) == n + 2
    for x in words("01", n):
        chain = rollout(model, x)
        assert chain == true_chain(machine, x, n + 1)
        assert chain[-1] == str(x.count("1") % 2)


def test_the_chain_of_101():
    model = compile_oblivious(machine_of_table(ONES_MOD_2), 3, 4)
    assert rollout(model, "101") == ("even:1", "odd:0", "odd:1", "even:B", "0")
    alphabet, states = 3, 2
    assert all(s.squared_norm <= alphabet * states * (states + alphabet + 2) for s in model.steps[:-1])
    assert model.steps[-1].squared_norm <= 4 * alphabet * states + 1


def test_a_machine_whose_head_follows_the_input_is_refused():
    machine = machine_of_table(FIND_11)
    with pytest.raises(NotOblivious, match=r"inputs 0 0 0 and 1 1 0 .* after 2 steps"):
        compile_oblivious(machine, 3, 4)
    assert head_schedule(machine, 3, 2) == ((0,), (1,))  # the heads agree up to time 1
    assert simulate(machine, "011", 4).answer == 1
    assert simulate(machine, "101", 4).answer == 0


@settings(deadline=None, max_examples=40)
@given(oblivious_tasks())
def test_compiled_machines_follow_the_simulation(task):
    machine = task.machine
    model = compile_oblivious(machine, task.n, task.tau)
    for x in words(machine.input_alphabet, task.n):
        chain = true_chain(machine, x, task.tau)
        assert rollout(model, x) == chain
        for t, decoder in enumerate(model.steps[:-1]):
            assert scores(decoder, (*x, *chain[:t]))[chain[t]] == machine.tapes + 1
            assert gap(decoder, (*x, *chain[:t]), chain[t]) == 1
        assert gap(model.steps[-1], (*x, *chain[:-1]), chain[-1]) == 1


def test_a_damaged_chain_is_caught(monkeypatch):
    def damaged(machine, n, tau):
        model = compile_oblivious(machine, n, tau)
        second = replace(model.steps[1], weights={k: v for k, v in model.steps[1].weights.items() if k[0] != 1})
        return LinearAR(n, (model.steps[0], second, *model.steps[2:]))

    monkeypatch.setattr("verify.autoregressive.turing.compile_oblivious", damaged)
    claim = registry().claims["autoregressive/turing_oblivious"]
    tasks = [t for t in measured_oblivious.over.extremal(claim) if t.n > 1]
    judgement = judge(claim, measured_oblivious(tasks[0], context(0)))
    assert str(judgement.verdict) == "refuted"
    assert judgement.worst.instance.statement == "gap"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"start": "none"}, "start 'none' is not among even, odd"),
        ({"input_alphabet": ["0", "B"]}, "blank 'B' is in the input alphabet"),
        ({"transitions": ONES_MOD_2["transitions"][1:]}, "no transition for state 'even' reading 0"),
        (
            {"transitions": [*ONES_MOD_2["transitions"], ["odd", "B", "odd", "B", "S"]]},
            "two transitions for state 'odd'",
        ),
        ({"transitions": [["even", "0", "even", "0", "X"]]}, "move 'X' of transition 0"),
        ({"tape": "round"}, "tape 'round'"),
    ],
)
def test_faulty_tables_are_named(change, message):
    with pytest.raises(MachineError, match=message):
        machine_of_table({**ONES_MOD_2, **change})


def test_missing_transitions_may_halt():
    table = {**ONES_MOD_2, "transitions": ONES_MOD_2["transitions"][:2], "partial": "halt"}
    run = simulate(machine_of_table(table), "100", 3)
    assert run.states == ("even", "odd", "odd", "odd")
    assert run.heads == ((0,), (1,), (1,), (1,))
    with pytest.raises(MachineError, match="'2' at position 1"):
        simulate(machine_of_table(ONES_MOD_2), "12", 3)


def test_two_tapes():
    copying = {
        "states": ["copy"],
        "alphabet": ["0", "1", "B"],
        "blank": "B",
        "input_alphabet": ["0", "1"],
        "start": "copy",
        "accept": [],
        "tape": "one_sided",
        "transitions": [["copy", [a, "B"], "copy", [a, a], ["R", "R"]] for a in "01B"],
        "partial": "halt",
    }
    machine = machine_of_table(copying)
    assert simulate(machine, "101", 3).cells[1] == {0: "1", 1: "0", 2: "1"}
    assert rollout(compile_oblivious(machine, 3, 3), "101") == ("copy:1,B", "copy:0,B", "copy:1,B", "0")


# -- concepts --------------------------------------------------------------------------------------------------------


def test_threshold_formula_of_the_standard_set():
    standard = Concept(0.002, pi=0.5)
    assert start_in_units(standard, 0.3) == pytest.approx(23.7170824512628, rel=1e-13)
    assert formula_start(standard) == pytest.approx(0.0198691765315920, rel=1e-13)
    assert formula_start(Concept(0.02, pi=0.5)) == pytest.approx(0.198691765315920, rel=1e-13)
    assert formula_start(Concept(0.02, pi=0.5, kappa_d=0.05)) == pytest.approx(0.280992589241629, rel=1e-13)


@pytest.mark.parametrize(
    ("lam", "published", "formula"),
    [(0.005, 0.02485, 0.0248365), (0.02, 0.09938, 0.0993459), (0.05, 0.24946, 0.2483647)],
)
def test_published_thresholds(lam, published, formula):
    concept = Concept(lam)
    assert formula_start(concept) == pytest.approx(formula, abs=5e-8)
    low, high = critical_start(concept, 1e-7)
    assert (low + high) / 2 == pytest.approx(published, rel=6e-4)  # training steps add up to 0.074/gamma


def test_the_threshold_tends_to_the_formula():
    decays = (0.05, 0.02, 0.01, 0.005)
    deviations = [critical_start(Concept(lam), 1e-8)[0] / formula_start(Concept(lam)) - 1 for lam in decays]
    assert deviations[-1] < 0.01
    for (lam, first), (smaller, second) in zip(
        zip(decays, deviations, strict=True), zip(decays[1:], deviations[1:], strict=False), strict=False
    ):
        assert 0 < second < first * (smaller / lam) ** 3  # at least the cube of lambda


def test_the_map_tends_to_the_flow():
    concept = Concept(0.02)
    flow = critical_start(concept, 1e-6)[0]
    deviations = {}
    for gamma in (25, 50):
        low, _ = critical_start(concept, 1e-5, lambda c, s, gamma=gamma: learned_by_map(c, s, gamma))
        assert low > (1 - 2 / gamma) * formula_start(concept)
        deviations[gamma] = low / flow - 1
    assert deviations[50] == pytest.approx(deviations[25] / 2, rel=0.1)
    assert deviations[50] == pytest.approx(0.074 / 50, rel=0.1)


@pytest.mark.parametrize(("factor", "learned"), [(0.98, False), (1.02, True)])
def test_a_decided_concept_stays_decided(factor, learned):
    concept, state = Concept(0.02), (0.0, 1.5, factor * critical_start(Concept(0.02), 1e-5)[0])
    for t in range(100_000):
        state = step(concept, state, 2 / (0.02 * (100 + t)))
    beta = state[2] ** 2 * concept.n_b
    assert beta > 0.5 if learned else beta < 1e-3


def test_a_weakened_constant_is_caught():
    claim = registry().claims["concepts/init_threshold"]
    first, second = claim.statements
    stronger = replace(claim, statements=(lower(first.quantity, first.bound * 1.1, label=first.label), second))
    assert str(judge(stronger, measured_threshold(Setting(0.005), context(0))).verdict) == "refuted"


def test_a_large_weight_decay_has_no_early_phase():
    with pytest.raises(ValueError, match="lambda too large"):
        critical_start(Concept(0.5))
    with pytest.raises(ValueError, match="lam = 0"):
        Concept(0)
