"""Machine tables: every fault has a message and a place; files name the line (YAML) or the path (JSON)."""

import json

import pytest

from numerics.machines import library
from numerics.machines.files import FileError, load_machine, read_json, read_yaml
from numerics.machines.table import machine_of_table
from numerics.machines.turing import MachineError, StepLimit, configurations, simulate, steps_to_halt, words

GOOD = library.table("find_11")
LINES = {
    "name": "two",
    "states": ["a", "b"],
    "alphabet": ["0", "1", "_"],
    "blank": "_",
    "input_alphabet": ["0", "1"],
    "start": "a",
    "accept": ["b"],
    "tape": "two_sided",
}
ROWS = [[q, s, q, s, "R"] for q in "ab" for s in "01_"]


def yaml_text(**change):
    """The table, a key a line, transitions from line 10 on where no key before them was taken out."""
    table = {**LINES, **change}
    rows = table.pop("transitions", ROWS)
    lines = [f"{key}: {json.dumps(value)}" for key, value in table.items() if value is not None]
    return "\n".join([*lines, "transitions:", *(f"  - {json.dumps(row)}" for row in rows)]) + "\n"


FAULTS = [
    ({"transitions": ROWS[1:]}, ("transitions",), 9, "no transition for state 'a' reading 0"),
    ({"transitions": [*ROWS[:-1], ["b", "_", "c", "_", "R"]]}, ("transitions", 5, 2), 15, "'c' is not among a, b"),
    ({"transitions": [["c", *ROWS[0][1:]], *ROWS]}, ("transitions", 0, 0), 10, "state of transition 0 'c'"),
    ({"transitions": [["a", "2", "a", "0", "R"], *ROWS]}, ("transitions", 0, 1), 10, "symbol of transition 0 '2'"),
    ({"transitions": [*ROWS, ["a", "0", "b", "9", "R"]]}, ("transitions", 6, 3), 16, "symbol of transition 6 '9'"),
    ({"transitions": [["a", "0", "a", "0", "U"], *ROWS[1:]]}, ("transitions", 0, 4), 10, "move 'U' of transition 0"),
    ({"transitions": [*ROWS, ROWS[2]]}, ("transitions", 6), 16, "two transitions for state 'a' reading _: 2 and 6"),
    ({"transitions": [ROWS[0][:4], *ROWS[1:]]}, ("transitions", 0), 10, "transition 0 is 4 entries"),
    ({"input_alphabet": ["0", "_"]}, ("input_alphabet", 1), 5, "the blank '_' is in the input alphabet"),
    ({"input_alphabet": ["0", "x"]}, ("input_alphabet", 1), 5, "input symbol 'x' is not among 0, 1, _"),
    ({"start": "z"}, ("start",), 6, "start 'z' is not among a, b"),
    ({"accept": ["b", "z"]}, ("accept", 1), 7, "accepting state 'z' is not among a, b"),
    ({"accept": "b"}, ("accept",), 7, "accept is 'b', expected a list"),
    ({"blank": "?"}, ("blank",), 4, "blank '?' is not among 0, 1, _"),
    ({"tape": "round"}, ("tape",), 8, "tape 'round', expected two_sided or one_sided"),
    ({"states": ["a", "b", "a"]}, ("states", 2), 2, "states has 'a' twice"),
    ({"states": []}, ("states",), 2, "states is empty"),
    ({"halt": ["z"]}, ("halt", 0), 9, "halting state 'z' is not among a, b"),
    ({"partial": "maybe"}, ("partial",), 9, "partial: 'maybe', expected halt"),
    ({"colour": "red"}, ("colour",), 9, "unknown key 'colour'"),
]


@pytest.mark.parametrize(("change", "at", "line", "message"), FAULTS)
def test_every_fault_has_its_place(change, at, line, message, tmp_path):
    table = {**LINES, "transitions": ROWS, **change}
    with pytest.raises(MachineError) as found:
        machine_of_table(table)
    assert found.value.at == at
    assert message in str(found.value)
    (tmp_path / "bad.yaml").write_text(yaml_text(**change))
    with pytest.raises(FileError) as in_yaml:
        load_machine(tmp_path / "bad.yaml")
    assert str(in_yaml.value).startswith(f"{tmp_path / 'bad.yaml'}, line {line}: ")
    assert message in str(in_yaml.value)
    (tmp_path / "bad.json").write_text(json.dumps(table))
    with pytest.raises(FileError) as in_json:
        load_machine(tmp_path / "bad.json")
    path = "".join(f"[{part}]" if isinstance(part, int) else part for part in at)
    assert str(in_json.value).startswith(f"{tmp_path / 'bad.json'}, {path}: ")
    assert message in str(in_json.value)


@pytest.mark.parametrize("key", ["states", "alphabet", "blank", "input_alphabet", "start", "accept", "tape"])
def test_missing_keys_are_named(key):
    with pytest.raises(MachineError, match=f"the table has no '{key}'"):
        machine_of_table({k: v for k, v in {**LINES, "transitions": ROWS}.items() if k != key})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("states: [a\nalphabet: b", "line 2: no YAML"),
        ("- a\n- b", "no mapping at the top"),
        ("a: 1\na: 2", "line 2: the key 'a' stands twice"),
        ("a: &x [1]\nb: *x", "line 2: an alias"),
        ("a: " + "[" * 40 + "]" * 40, "line 1: lists nested too deeply"),
        ("? [a]\n: 1", "line 1: a key that is a list"),
        ("", "no mapping at the top"),
        ("a: \x07", "no YAML"),
    ],
)
def test_faulty_yaml_is_one_line_with_its_place(text, message):
    with pytest.raises(FileError) as found:
        read_yaml(text, "file")
    assert message in str(found.value)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1,\n "b" 2}', "line 2: no JSON"),
        ("[1]", "a list at the top"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_faulty_json_is_one_line_with_its_place(text, message):
    with pytest.raises(FileError) as found:
        read_json(text, "file")
    assert message in str(found.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FileError, match="cannot be read"):
        load_machine(tmp_path / "nothing.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FileError, match="not UTF-8"):
        load_machine(tmp_path / "bytes.yaml")
    (tmp_path / "large.yaml").write_text("#" * (2**20 + 1))
    with pytest.raises(FileError, match="expected at most 1048576"):
        load_machine(tmp_path / "large.yaml")


def test_yaml_words_are_text():
    """What YAML takes for numbers and truth values are names here; JSON numbers count as their digits."""
    machine = machine_of_table(read_yaml(yaml_text(states=["no", "on"], start="no", accept=["on"], transitions=[
        [q, s, q, s, "S"] for q in ("no", "on") for s in "01_"
    ]).replace('"', ""), "f").data)  # fmt: skip
    assert machine.states == ("no", "on")
    assert machine.alphabet == ("0", "1", "_")
    numbers = {**LINES, "alphabet": [0, 1, "_"], "input_alphabet": [0, 1], "transitions": ROWS}
    assert machine_of_table(numbers).alphabet == ("0", "1", "_")
    with pytest.raises(MachineError, match="entry 0 of alphabet is True, expected text"):
        machine_of_table({**numbers, "alphabet": [True, 1, "_"]})
    with pytest.raises(MachineError, match=r"entry 1 of alphabet is 1.5, expected text"):
        machine_of_table({**numbers, "alphabet": [0, 1.5, "_"]})


def test_both_formats_give_the_same_machine(tmp_path):
    (tmp_path / "m.json").write_text(json.dumps(GOOD))
    assert load_machine(tmp_path / "m.json") == library.machine("find_11")


def test_runs_that_do_not_end_say_the_limit():
    forever = machine_of_table({**LINES, "transitions": ROWS})  # walks to the right for ever
    with pytest.raises(StepLimit, match=r"not halted after 250 steps \(the step limit\) on input 01"):
        steps_to_halt(forever, "01", 250)
    with pytest.raises(MachineError, match="0 steps, expected at least 1"):
        simulate(forever, "01", 0)
    with pytest.raises(MachineError, match="inputs of 0 symbols"):
        simulate(forever, "", 3)
    with pytest.raises(MachineError, match="input symbol '_' at position 1"):
        simulate(forever, "0_", 3)


def test_halting_is_the_first_configuration_that_stays():
    machine = library.machine("palindrome")
    for n in range(1, 6):
        for x in words(machine.input_alphabet, n):
            steps = steps_to_halt(machine, x)
            run = configurations(machine, x, steps + 2)
            assert run[steps] == run[steps + 1] == run[steps + 2]
            assert steps == 1 or run[steps - 1] != run[steps]
