"""Tokens, the exact predictor, the record of a compiled one, and its file."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.machines.compiled import Compiled, CompilerError, verified
from numerics.machines.guarantees import sample_sizes
from numerics.machines.linear_ar import LinearAR, LinearStep, gap, gaps, rollout, scores, teacher_force
from numerics.machines.parity import kautz, qary, scan
from numerics.machines.saved import SavedModelError, load, save
from numerics.machines.tokens import (
    BITS,
    Part,
    TokenError,
    bucket,
    conjunction,
    digits,
    form,
    gate,
    lookup,
    remainder,
    whole,
)


def decided(step: LinearStep, context: tuple[str, ...]) -> str:
    found = scores(step, context)
    return max(step.live, key=lambda token: found[token])


# ------------------------------------------------------------------ single tokens


@pytest.mark.parametrize(("q", "m"), [(2, 1), (2, 5), (3, 1), (3, 4), (5, 2), (7, 3), (10, 10)])
def test_bucket_is_floor_division_with_the_gap_of_the_formula(q: int, m: int) -> None:
    base = form({0: {str(r): r for r in range(q * m)}})
    step = bucket(base, m, q)
    for r in range(q * m):
        d, u = divmod(r, m)
        assert decided(step, (str(r),)) == str(d)
        sides = ([2 * u + 1] if d > 0 else []) + ([2 * (m - 1 - u) + 1] if d < q - 1 else [])
        assert gap(step, (str(r),), str(d)) == min(sides)


def test_bucket_scores_are_those_of_the_statement() -> None:
    base = form({0: {"0": 0, "1": 3, "2": 7}, 1: {"0": -1, "1": 4}}, constant=1)  # 0..12
    step = bucket(base, 5, 3)
    for first, second in itertools.product("012", "01"):
        r = {"0": 0, "1": 3, "2": 7}[first] + {"0": -1, "1": 4}[second] + 1
        assert scores(step, (first, second)) == {str(d): 2 * d * r + d - 5 * d * (d + 1) for d in range(3)}


def test_remainder_closes_a_chain_of_divisions() -> None:
    number = form({i: {str(v): v * 10 ** (2 - i) for v in range(10)} for i in range(3)})
    steps = [bucket(number, 36, 28)]
    rest = remainder(number, 36, 28, 3)
    assert (rest.low, rest.high) == (0, 35)
    steps.append(bucket(rest, 6, 6))
    rest = remainder(rest, 6, 6, 4)
    steps.append(bucket(rest, 1, 6))
    model = LinearAR(3, tuple(steps))
    for value in range(1000):
        prompt = tuple(f"{value:03d}")
        assert rollout(model, prompt) == (str(value // 36), str(value % 36 // 6), str(value % 6))


def test_a_remainder_knows_its_range_where_intervals_do_not() -> None:
    ones = digits(range(5))
    assert ((ones + form({5: {"0": 0, "1": -4}})).low, remainder(ones, 4, 2, 5).low) == (-4, 0)
    assert remainder(form({0: {"0": 2, "1": 3}}), 4, 2, 1).low == 2


def test_forms_add_and_scale_with_their_ranges() -> None:
    both = digits([0, 1]) + digits([1, 2]).times(-3)
    assert (both.low, both.high) == (-6, 2)
    assert both.values == {0: {"0": 0, "1": 1}, 1: {"0": 0, "1": -2}, 2: {"0": 0, "1": -3}}
    with pytest.raises(TokenError, match="different tokens at position 0"):
        digits([0]) + digits([0], ("0", "1", "2"))


@pytest.mark.parametrize("sizes", [(2,), (2, 2), (2, 3, 4), (1, 3)])
def test_tuples_have_gap_one_and_the_norm_of_the_formula(sizes: tuple[int, ...]) -> None:
    alphabets = [[f"{j}{v}" for v in range(size)] for j, size in enumerate(sizes)]
    tuple_token = conjunction([whole(j, alphabet) for j, alphabet in enumerate(alphabets)])
    product = len(list(itertools.product(*alphabets)))
    assert tuple_token.step.squared_norm == len(sizes) * product
    for values in itertools.product(*alphabets):
        assert tuple_token.entries[",".join(values)] == values
        assert gap(tuple_token.step, values, ",".join(values)) == 1


def test_a_part_may_be_a_function_of_its_token() -> None:
    parts = [Part(0, {"ab": "a", "cd": "c", "ad": "a"}), Part(0, {"ab": "b", "cd": "d", "ad": "d"}), whole(1, BITS)]
    tuple_token = conjunction(parts, "-".join)
    for word, bit in itertools.product(("ab", "cd", "ad"), BITS):
        assert gap(tuple_token.step, (word, bit), f"{word[0]}-{word[1]}-{bit}") == 1


def test_lookups_have_gap_one_and_as_much_norm_as_entries() -> None:
    g = {"a": "x", "b": "y", "c": "x", "d": "z"}
    step = lookup(2, g)
    assert step.squared_norm == 4
    for token, value in g.items():
        assert gap(step, ("-", "-", token), value) == 1
    assert lookup(0, g, ("z", "y", "x")).live == ("z", "y", "x")


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=6), st.integers(-6, 6))
def test_gates_score_twice_their_slack(weights: list[int], threshold: int) -> None:
    step = gate(dict(enumerate(weights)), threshold)
    assert step.squared_norm == 4 * sum(w * w for w in weights) + (2 * threshold - 1) ** 2
    for bits in itertools.product((0, 1), repeat=len(weights)):
        slack = sum(w * b for w, b in zip(weights, bits, strict=True)) - threshold
        found = scores(step, tuple(map(str, bits)))
        assert found == {"0": 0, "1": 2 * slack + 1}
        assert decided(step, tuple(map(str, bits))) == ("1" if slack >= 0 else "0")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: bucket(digits([0, 1]), 1, 2), r"ranges over 0..2, expected within 0..1 \(q = 2, m = 1\)"),
        (lambda: bucket(form({0: {"0": -1, "1": 1}}), 2, 2), r"ranges over -1..1, expected within 0..3"),
        (lambda: bucket(digits([0]), 1, 1), "q is 1"),
        (lambda: bucket(digits([0]), 0, 2), "m is 0"),
        (lambda: bucket(digits([0]), 1, 2, ("a", "a")), "expected 2 different ones"),
        (lambda: digits([3, 3]), r"positions \[3, 3\]"),
        (lambda: form({0: {}}), "position 0 of a linear form has no tokens"),
        (lambda: form({-1: {"0": 0}}), "position -1 is negative"),
        (lambda: conjunction([]), "a tuple of no tokens"),
        (lambda: conjunction([Part(4, {})]), r"part 0 of a tuple \(position 4\) has no values"),
        (lambda: conjunction([whole(0, BITS)], lambda values: "same"), "same name 'same'"),
        (lambda: lookup(3, {}), "the lookup at position 3 has an empty table"),
        (lambda: lookup(3, {"a": "x"}, ("y",)), "gives 'x' for 'a', expected one of y"),
        (lambda: gate({-2: 1}, 0), "position -2 is negative"),
    ],
)
def test_tokens_that_cannot_be_built_are_refused(build: Any, message: str) -> None:
    with pytest.raises(TokenError, match=message):
        build()


# ------------------------------------------------------------------ the exact predictor


def test_teacher_forcing_on_the_own_chain_is_the_rollout() -> None:
    model = kautz(5).model
    for prompt in itertools.product(BITS, repeat=5):
        chain = rollout(model, prompt)
        assert teacher_force(model, prompt, chain) == chain
        assert all(g is not None and g >= 1 for g in gaps(model, prompt, chain))


def test_teacher_forcing_follows_the_given_chain() -> None:
    model = kautz(3).model  # tokens: [ones >= 2], parity
    assert rollout(model, "110") == ("1", "0")
    assert teacher_force(model, "110", ("0", "1")) == ("1", "1")  # without the digit 2, both ones are left
    assert gaps(model, "110", ("0", "1")) == (-1, 3)
    with pytest.raises(ValueError, match="2 tokens and the chain 2, expected 3 and 2"):
        teacher_force(model, "11", "00")


def test_a_single_live_token_has_no_gap() -> None:
    model = LinearAR(1, (LinearStep(("a",), {}, {}), gate({0: 1}, 1)))
    assert gaps(model, ("1",), ("a", "1")) == (None, 1)


# ------------------------------------------------------------------ the record of a compiled predictor

AND = LinearAR(2, (gate({0: 1, 1: 1}, 2),))


def check(model: LinearAR, reference: Any, **changes: Any) -> Compiled:
    given = {"route": "test", "formula": "1", "count": 1, "meanings": ["and"]} | changes
    return verified(model, reference, [BITS] * model.n, **given)


def conjunction_of(prompt: tuple[str, ...]) -> list[str]:
    return ["1" if "0" not in prompt else "0"]


def test_all_prompts_are_compared_when_there_are_few() -> None:
    found = check(AND, conjunction_of)
    assert str(found.verification) == "exhaustive" and found.verification.exhaustive
    assert (found.verification.prompts, found.verification.of) == (4, 4)
    assert (found.token_count, found.least_gaps, found.least_gap, found.squared_norms) == (1, (1,), 1, (17,))
    assert found.mistake_bound == 2 * 3 * 17
    assert [(line.position, line.token, line.meaning) for line in found.trace("11")] == [(2, "1", "and")]
    with pytest.raises(ValueError, match="token '2' at position 1 of the prompt, expected one of 0, 1"):
        found.trace("12")
    with pytest.raises(ValueError, match="3 tokens, expected 2"):
        found.trace("110")


@pytest.mark.parametrize(("n", "words"), [(12, "exhaustive"), (13, "1000 seeded prompts")])
def test_a_thousand_seeded_prompts_are_compared_when_there_are_many(n: int, words: str) -> None:
    seen: list[tuple[str, ...]] = []

    def reference(prompt: tuple[str, ...]) -> list[str]:
        seen.append(prompt)
        return conjunction_of(prompt)

    model = LinearAR(n, (gate(dict.fromkeys(range(n), 1), n),))
    found = check(model, reference)
    assert str(found.verification) == words and found.verification.of == 2**n
    first = list(seen)
    seen.clear()
    check(model, reference)
    assert seen == first and len(seen) == found.verification.prompts
    if n == 13:
        seen.clear()
        check(model, reference, seed=1)
        assert seen != first


def test_a_wrong_model_is_refused_with_prompt_and_token() -> None:
    with pytest.raises(CompilerError, match=r"test: on prompt 0 1 token 1 is '0', the reference says '1'"):
        check(AND, lambda prompt: ["1" if "1" in prompt else "0"])


def test_a_wrong_second_token_is_found_though_the_first_is_right() -> None:
    model = LinearAR(2, (gate({0: 1, 1: 1}, 2), gate({0: 1, 1: 1, 2: -1}, 1)))  # -2 would make it XOR
    with pytest.raises(CompilerError, match=r"on prompt 1 1 token 2 is '1', the reference says '0'"):
        check(model, lambda p: [*conjunction_of(p), "0" if p[0] == p[1] else "1"], count=2, meanings="ab")


@pytest.mark.parametrize(
    ("reference", "changes", "message"),
    [
        (conjunction_of, {"count": 2, "formula": "n"}, "1 tokens, expected n = 2"),
        (conjunction_of, {"meanings": []}, "0 meanings of tokens, expected 1"),
        (lambda prompt: ["0", "0"], {}, "on prompt 0 0 the reference has 2 tokens, not 1"),
        (lambda prompt: ["2"], {}, "on prompt 0 0 token 1 should be '2', which is not live"),
    ],
)
def test_broken_promises_are_named(reference: Any, changes: Any, message: str) -> None:
    with pytest.raises(CompilerError, match=message):
        check(AND, reference, **changes)


def test_a_tie_is_an_internal_error() -> None:
    tied = LinearAR(2, (LinearStep(BITS, {(0, "1"): {"1": 1}}, {}),))
    with pytest.raises(CompilerError, match="on prompt 0 0 two tokens tie for token 1"):
        check(tied, lambda prompt: [prompt[0]])


def test_normalised_margins_divide_the_gap_by_both_norms() -> None:
    found = scan(4).normalised_margins
    assert found == pytest.approx([1 / (b * r) ** 0.5 for b, r in zip((6, 12, 12, 12, 9), range(5, 10), strict=True)])
    single = LinearAR(1, (LinearStep(("a",), {}, {}), gate({0: 1}, 1)))
    compiled = check(single, lambda prompt: ["a", prompt[0]], count=2, meanings=["a", "copy"])
    assert compiled.normalised_margins == (None, pytest.approx(1 / (5 * 3) ** 0.5))
    assert compiled.least_gap == 1


def test_sample_sizes_of_the_statements() -> None:
    found = sample_sizes(kautz(20), 0.05, 0.05)
    assert (found.expected, found.growth_joint, found.growth_union) == (2299, 60731, 67751)
    assert found.prompts == 2**20
    assert sample_sizes(scan(20), 0.05, 0.05).mistakes == 15126


# ------------------------------------------------------------------ files


@pytest.mark.parametrize("build", [lambda: kautz(4), lambda: qary(9, [0, 3, 4, 5, 8], 3), lambda: scan(3)])
def test_a_file_reads_back_equal(build: Any, tmp_path: Path) -> None:
    compiled = build()
    save(compiled, tmp_path / "model.json")
    assert load(tmp_path / "model.json") == compiled
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]


@given(st.integers(-(10**40), 10**40))
@settings(max_examples=20)
def test_weights_of_any_size_are_kept(tmp_path_factory: pytest.TempPathFactory, weight: int) -> None:
    model = LinearAR(1, (gate({0: weight}, 1),))
    compiled = check(model, lambda prompt: [str(int(prompt == ("1",) and weight >= 1))])
    path = tmp_path_factory.mktemp("saved") / "model.json"
    save(compiled, path)
    assert load(path) == compiled


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.update(format="x"), "no saved predictor"),
        (lambda r: r.update(n=3), "inputs: 2 alphabets for n = 3"),
        (
            lambda r: r["steps"][0]["weights"][0].__setitem__(0, 2),
            r"steps\[0\].weights\[0\]: position 2, expected 0..1",
        ),
        (lambda r: r["steps"][0]["bias"].update({"7": 1}), r"steps\[0\].bias: a weight towards '7', which is not live"),
        (lambda r: r["steps"][0]["bias"].update({"1": 0.5}), r"steps\[0\].bias: expected an object of integer weights"),
        (lambda r: r["steps"][0].update(live=["0", "0"]), r"steps\[0\].live: 2 entries, expected different ones"),
        (lambda r: r.update(meanings=[]), "meanings: 0 entries"),
        (lambda r: r.update(steps=[]), "no steps"),
        (lambda r: r["steps"].__setitem__(0, 5), r"steps\[0\]: 5, expected an object"),
        (lambda r: r.pop("verification"), "verification: None, expected dict"),
    ],
)
def test_faults_of_a_file_are_named(change: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    save(check(AND, conjunction_of), path)
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    with pytest.raises(SavedModelError, match=message):
        load(path)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{")
    with pytest.raises(SavedModelError, match=r"cannot read model.json as JSON"):
        load(tmp_path / "model.json")
    with pytest.raises(SavedModelError, match=r"cannot read missing.json"):
        load(tmp_path / "missing.json")
