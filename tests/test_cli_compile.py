"""`boundlab compile` end to end: traces, counts, saved predictors, and one clear line for every bad input."""

import json

import pytest

from numerics.machines import library
from numerics.machines.saved import load
from verify.cli.main import main


@pytest.fixture
def run(capsys):
    def call(*arguments):
        status = main(["compile", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def record(run, *arguments):
    status, out, err = run(*arguments, "--json")
    assert (status, err) == (0, "")
    return json.loads(out)


@pytest.mark.parametrize(
    ("route", "options", "count", "formula"),
    [
        ("binary", (), 397, "tau C (|Q||A| + |Q| + |A|) + 1"),
        ("binary", ("--cone",), 193, "tau^2 (|Q||A| + |A|) + (tau^2 + 2 tau) |Q| + 1"),
        ("dictionary", (), 37, "tau C + 1"),
        ("dictionary", ("--cone",), 25, "(tau + 1)^2"),
        ("oblivious", (), 5, "tau + 1"),
        ("sweep", (), 69, "tau (2C - 1) + 1"),
    ],
)
def test_every_route_prints_the_machine_beside_its_chain(run, route, options, count, formula):
    found = record(run, "machine", "ones_mod_2", "--route", route, "--steps", 4, "--run", "111", *options)
    assert found["token_count"] == len(found["chain"]) == count
    assert found["formula"] == formula
    assert found["least_gap"] == 1
    assert found["squared_norm_least"] <= found["squared_norm_most"]
    assert found["verified"] == {"how": "exhaustive", "exhaustive": True, "prompts": 8, "of": 8, "seed": None}
    assert found["agrees"] and all(entry["agrees"] for entry in found["trace"])
    assert [entry["state"] for entry in found["trace"]] == ["even", "odd", "even", "odd", "odd"]
    assert [entry["heads"] for entry in found["trace"]] == [[0], [1], [2], [3], [3]]
    assert sum(len(entry["tokens"]) for entry in found["trace"]) == count - 1
    assert found["answer"] == "1" and found["halted"]
    assert found["float64_differs_at"] is None and found["float32_differs_at"] is None and found["float32_certain"]
    status, out, _ = run("machine", "ones_mod_2", "--route", route, "--steps", 4, "--run", "111", *options)
    assert status == 0
    for text in (f"{count} = {formula}", "least gap", "answer 1 after 4 steps", "all 8 prompts", "float32 can fail"):
        assert text in out
    assert "DIFFERS" not in out


def test_a_machine_runs_until_it_halts(run):
    found = record(run, "machine", "binary_increment", "--run", "111", "--cone")
    assert found["steps"] == 8 and found["steps_by"] == "until it halts"
    assert found["final_tapes"] == [{"-1": "1", "0": "0", "1": "0", "2": "0"}]
    assert found["token_count"] == 81


def test_a_file_and_a_length_without_an_input(run, tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(library.table("find_11")))
    found = record(run, "machine", tmp_path / "m.json", "--length", 3, "--steps", 4)
    assert found["machine"] == "find_11" and found["token_count"] == 37 and "trace" not in found


def test_a_schedule_given_by_hand_is_checked_on_samples(run):
    walk = ",".join(map(str, range(18)))
    found = record(run, "machine", "ones_mod_2", "--route", "oblivious", "--run", "1" * 18, "--schedule", walk)
    assert found["notes"] == ["schedule given, checked: sampled"]
    assert found["verified"]["prompts"] == 1000 and found["answer"] == "0"


def test_circuits_parities_and_products(run, tmp_path):
    (tmp_path / "xor.yaml").write_text(
        "inputs: [a, b]\noutput: out\ngates:\n"
        "  - {name: both, threshold: 2, weights: {a: 1, b: 1}}\n"
        "  - {name: out, threshold: 1, weights: {a: 1, b: 1, both: -2}}\n"
    )
    found = record(run, "circuit", tmp_path / "xor.yaml", "--run", "10")
    assert found["chain"] == ["0", "1"] and found["token_count"] == 2 and found["answer"] == "1"
    found = record(run, "parity", "--length", 5, "--run", "10110")
    assert found["chain"] == ["0", "1", "1"] and found["least_gap"] == 1
    found = record(run, "parity", "--length", 5, "--method", "scan", "--run", "10110")
    assert found["answer"] == "1"
    found = record(run, "multiplication", "--run", "12x56", "--layout", "short")
    assert found["answer"] == 672 and found["token_count"] == 8
    status, out, _ = run("circuit", tmp_path / "xor.yaml", "--run", "11")
    assert status == 0 and "gate both" in out and "answer 0" in out


def test_predictors_are_saved_once(run, tmp_path):
    target = tmp_path / "m.json"
    status, out, _ = run("machine", "find_11", "--run", "011", "--out", target)
    assert status == 0 and "saved" in out
    assert load(target).token_count == 22  # 3 steps on 7 cells
    before = target.read_text()
    status, _, err = run("machine", "find_11", "--run", "01", "--out", target)
    assert status == 2 and "the file exists; --force replaces it" in err
    assert target.read_text() == before
    assert run("machine", "find_11", "--run", "01", "--out", target, "--force")[0] == 0
    assert target.read_text() != before


BAD = {
    "missing": ("  - [a, x, a, x, R]\n", "line 9: no transition for state 'a' reading _"),
    "state": ("  - [a, x, b, x, R]\n", "line 10: state of transition 0 'b' is not among a"),
    "symbol": ("  - [a, y, a, x, R]\n", "line 10: symbol of transition 0 'y' is not among x, _"),
    "move": ("  - [a, x, a, x, up]\n", "line 10: move 'up' of transition 0"),
    "arity": ("  - [a, x, a, x]\n", "line 10: transition 0 is 4 entries"),
    "yaml": ("  - [a, x\n", "no YAML"),
}


@pytest.mark.parametrize("fault", BAD)
def test_faults_of_a_file_are_one_line_with_their_place(run, tmp_path, fault):
    rows, message = BAD[fault]
    head = "name: m\nstates: [a]\nalphabet: [x, _]\nblank: _\ninput_alphabet: [x]\nstart: a\naccept: [a]\n"
    (tmp_path / "m.yaml").write_text(f"{head}tape: two_sided\ntransitions:\n{rows}")
    status, out, err = run("machine", tmp_path / "m.yaml", "--run", "xx")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1 and err.startswith("boundlab: ")
    assert str(tmp_path / "m.yaml") in err and message in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("machine", "enigma", "--run", "0"), "no such file, and no shipped machine; those are ones_mod_2"),
        (("machine", "ones_mod_2"), "give --run INPUT, or --length N and --steps TAU"),
        (("machine", "ones_mod_2", "--length", 3), "give --steps TAU"),
        (("machine", "ones_mod_2", "--run", "0x"), "input symbol 'x' at position 1 is not in the input alphabet 0, 1"),
        (("machine", "ones_mod_2", "--run", ""), "inputs of 0 symbols, expected at least 1"),
        (("machine", "ones_mod_2", "--run", "01", "--length", 3), "--run has 2 symbols and --length is 3"),
        (("machine", "ones_mod_2", "--run", "01", "--steps", 0), "--steps 0: expected a whole number >= 1"),
        (("machine", "ones_mod_2", "--run", "01", "--route", "magic"), "--route 'magic': expected binary, dictionary"),
        (("machine", "find_11", "--run", "01", "--route", "oblivious", "--steps", 4), "is not oblivious on length 2"),
        (
            ("machine", "cyclic_tag", "--run", "1,:1", "--step-limit", 300),
            "not halted after 300 steps (the step limit",
        ),
        (("machine", "busy_beaver_4", "--run", "0", "--route", "binary"), "expected at most 50000"),
        (("machine", "cyclic_tag", "--run", "1,:1", "--steps", 2, "--route", "binary"), "expected 2 for the binary"),
        (("machine", "ones_mod_2", "--run", "01", "--route", "sweep", "--cone"), "the route sweep has no cone"),
        (("machine", "ones_mod_2", "--run", "01", "--schedule", "0,x"), "--schedule '0,x': expected whole numbers"),
        (("machine", "ones_mod_2", "--run", "01", "--out", "m.txt"), "--out m.txt: expected a name that ends in .json"),
        (("machine", "ones_mod_2", "--run", "01", "--out", "none/m.json"), "there is no folder none"),
        (("circuit", "none.yaml", "--run", "01"), "none.yaml: cannot be read"),
        (("parity", "--length", 3, "--run", "01"), "--run: the prompt has 2 tokens, expected 3"),
        (("parity", "--length", 3, "--positions", "0,7"), "7"),
        (("parity", "--length", 3, "--method", "magic"), "--method 'magic': expected kautz, scan"),
        (("multiplication", "--run", "12"), "--run '12': expected two numbers as in 12x56"),
        (("multiplication", "--run", "123x4"), "numbers of at most 2 digits"),
        (("multiplication", "--layout", "magic"), "--layout 'magic': expected long, short, low-carry, ripple"),
        (("multiplication", "--digits", 9), "--digits 9: expected 1..6"),
    ],
)
def test_bad_input_is_one_line(run, arguments, message):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err


def test_loops_in_a_circuit_are_named(run, tmp_path):
    (tmp_path / "c.yaml").write_text(
        "inputs: [a]\noutput: g\ngates:\n"
        "  - {name: g, threshold: 1, weights: {h: 1}}\n"
        "  - {name: h, threshold: 1, weights: {g: 1, a: 1}}\n"
    )
    status, out, err = run("circuit", tmp_path / "c.yaml", "--run", "1")
    assert (status, out) == (2, "") and err.count("\n") == 1
    assert f"{tmp_path / 'c.yaml'}, line" in err and "cycl" in err
