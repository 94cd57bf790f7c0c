"""The information-inequality prover against psitip on the same statements: answers, CPU time, certificates.

    python benchmarks/prover.py --peers-python PYTHON [--quick] [--timeout SECONDS]

PYTHON has psitip (see requirements/bench.txt). Statements: the worked cases of the specification and Markov chains of
3 to 11 variables, one true and one false statement each. Each side runs in a process of its own, one thread; what is
timed is the CPU time of one answer, the least of a few (start-up and imports are outside). psitip answers true or
false, where false means "not provable"; boundlab's `prove` is timed including the exact certificate or the exact
polymatroid, and every certificate is then checked by the independent checker, outside the clock.

psitip without a solver option answers False to everything that needs a linear program when GLPK is not installed; here
it runs with SciPy's solver, with which all its answers are right, and beside it with CBC (it comes with PuLP). The
ratio is psitip with SciPy to boundlab; above 1 boundlab is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

SOLVERS = ("scipy", "pulp.cbc")
REPEATS = 3
LONG = 0.5  # seconds of an answer from which on it is asked for once
CASES = {
    "1": ("H(X,Y) <= H(X) + H(Y)", True),
    "2": ("H(X|Y,Z) <= H(X|Y)", True),
    "3": ("I(X;Z) <= I(X;Y) given X -> Y -> Z", True),
    "4": ("I(X;Y|Z) <= I(X;Y) given X -> Y -> Z", True),
    "5": ("I(S;W) <= I(S;H) given S -> X -> E -> H -> W", True),
    "6": ("I(A;E) <= I(B;D) given A -> B -> C -> D -> E", True),
    "7": ("I(H;W,F) = I(H;W) + I(H;F|W)", True),
    "8": ("I(H;F|W) <= log|F|", True),
    "9": ("I(X;F|W) = I(H;F|W) + I(X;F|H,W) given H = f(X)", True),
    "10": ("I(H;A,B,C|W) = I(H;A|W) + I(H;B|W,A) + I(H;C|W,A,B)", True),
    "11": ("H(A|H) + H(B|H) - H(A,B|X,W) = I(X;A,B|H,W) + I(A;B|H) + I(A,B;W|H) given H = f(X)", True),
    "12": ("H(W|H) = H(W|X) + I(X;W|H) given H = f(X)", True),
    "13": ("I(B;Y,Z) <= I(B;Y) + I(B;Z) given Y _||_ Z | B", True),
    "14": ("I(X,Y;Z) >= I(X;Z) + I(Y;Z) given X _||_ Y", True),
    "15": ("2*H(X,Y,Z) <= H(X,Y) + H(Y,Z) + H(X,Z)", True),
    "16": ("H(M) <= H(K) given M _||_ C, M = f(C,K)", True),
    "17": ("I(X;Y) <= I(X;Y|Z) given X _||_ Z", True),
    "18": ("I(X;Y|Z) <= I(X;Y)", False),
    "19": ("I(X;Y) <= I(X;Y|Z)", False),
    "20": ("I(H;F|W) <= I(H;F)", False),
    "21": ("I(X;F|H,W) = 0 given X -> H -> W", False),
    "22": ("TC(X;Y;Z) = 0 given X _||_ Y, Y _||_ Z, X _||_ Z", False),
    "23": ("H(A|H) + H(B|H) - H(A,B|X,W) = I(X;A,B|H,W) + I(A,B;W|H) given H = f(X)", False),
    "24": ("I(A;B) <= I(A;B|C) + I(A;B|D) + I(C;D)", False),
    "25": ("2*I(C;D) <= I(A;B) + I(A;C,D) + 3*I(C;D|A) + I(C;D|B)", False),
}


def statements(quick: bool) -> dict[str, tuple[str, bool]]:
    """Name -> (query, whether it is provable by Shannon inequalities)."""
    found = dict(CASES)
    for n in range(3, 8 if quick else 12):
        names = [f"X{k}" for k in range(1, n + 1)]
        chain = " -> ".join(names)
        found[f"chain {n}"] = (f"I(X1;X{n}) <= I(X2;X{n - 1}) given {chain}", True)
        found[f"chain {n}, false"] = (f"I(X2;X{n}) <= I(X1;X{n}) given {chain}", False)
    return found


def as_data(query: Any) -> dict[str, Any]:
    """A parsed query as plain data for the peer's process."""
    from theory.information.constraints import MarkovChain

    def form(expression: Any) -> list[Any]:
        return [[str(c), m.kind, [list(g) for g in m.groups], list(m.given)] for m, c in expression.written]

    chains = [[list(node) for node in c.nodes] for c in query.constraints if isinstance(c, MarkovChain)]
    facts = [f for c in query.constraints if not isinstance(c, MarkovChain) for f in c.facts()]
    return {
        "left": form(query.left),
        "relation": query.relation,
        "right": form(query.right),
        "chains": chains,
        "facts": [[form(f.expression), f.equality] for f in facts],
        "variables": list(query.variables()),
    }


def peer_statement(data: dict[str, Any]) -> Any:
    """A function that builds the statement in psitip and returns its answer."""
    from fractions import Fraction

    import psitip

    rv = {name: psitip.rv(name) for name in data["variables"]}
    size = {name: psitip.rv(f"log_{name}") for name in data["variables"]}

    def joint(names: list[str]) -> Any:
        total = rv[names[0]]
        for name in names[1:]:
            total = total + rv[name]
        return total

    bounds: list[Any] = []

    def measure(kind: str, groups: list[list[str]], given: list[str]) -> Any:
        if kind == "log":  # a variable of its own with at least the entropy of the variable
            bounds.append(psitip.H(rv[groups[0][0]]) <= psitip.H(size[groups[0][0]]))
            return psitip.H(size[groups[0][0]])
        parts = [joint(group) for group in groups]
        if kind == "H":
            return psitip.H(parts[0] | joint(given)) if given else psitip.H(parts[0])
        if kind == "I":
            return psitip.I(parts[0] & parts[1] | joint(given)) if given else psitip.I(parts[0] & parts[1])
        total = -measure("H", [[n for group in groups for n in group]], given)
        for group in groups:
            total = total + measure("H", [group], given)
        return total

    def form(terms: list[Any]) -> Any:
        total: Any = 0
        for coefficient, kind, groups, given in terms:
            c = Fraction(coefficient)
            total = total + (int(c) if c.denominator == 1 else float(c)) * measure(kind, groups, given)
        return total

    def answer() -> bool:
        bounds.clear()
        left, right = form(data["left"]), form(data["right"])
        goal = {"<=": lambda: left <= right, ">=": lambda: left >= right, "=": lambda: left == right}[
            data["relation"]
        ]()
        given: list[Any] = [psitip.markov(*(joint(node) for node in nodes)) for nodes in data["chains"]]
        for terms, equality in data["facts"]:
            given.append(form(terms) == 0 if equality else form(terms) >= 0)
        given += bounds
        if not given:
            return bool(goal)
        condition = given[0]
        for other in given[1:]:
            condition = condition & other
        return bool(condition >> goal)

    return answer


def cpu_seconds() -> float:
    """CPU time of this process and of the processes that a solver started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def timed(ask: Any) -> tuple[Any, float]:
    """The answer and the least CPU seconds."""
    best, answer = float("inf"), None
    for _ in range(REPEATS):
        start = cpu_seconds()
        answer = ask()
        best = min(best, cpu_seconds() - start)
        if best > LONG:
            break
    return answer, best


def peer_child(solver: str) -> None:
    """Answers for the statements on standard input, one line of JSON each as they come."""
    import warnings

    import psitip

    warnings.filterwarnings("ignore")
    psitip.PsiOpts.setting(solver=solver)
    X, Y, Z = psitip.rv("X,Y,Z")
    bool((psitip.I(X & Z | Y) == 0) >> (psitip.I(X & Y) >= psitip.I(Y & Z)))  # loads the solver
    for name, data in json.load(sys.stdin).items():
        answer, seconds = timed(peer_statement(data))
        print(json.dumps({"name": name, "answer": answer, "seconds": seconds}), flush=True)


def peer(python: str, solver: str, data: dict[str, Any], timeout: float) -> dict[str, Any]:
    """What the peer answered before the time ran out; child processes that a solver starts count as well."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [python, str(Path(__file__).resolve()), "--child", solver]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(data),
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment,
            check=False,
        )
        text, error = done.stdout, done.stderr
    except subprocess.TimeoutExpired as stopped:
        text, error = (stopped.stdout or b"").decode(), f"stopped after {timeout:g} s"
    found = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    if not found:
        print(f"psitip with {solver}: no answer ({error.strip().splitlines()[-1:] or 'nothing said'})")
    return {record["name"]: record for record in found}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers-python", default=sys.executable, help="interpreter that has psitip installed")
    parser.add_argument("--quick", action="store_true", help="chains up to 7 variables")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for all statements of one solver")
    parser.add_argument("--child", metavar="SOLVER", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        peer_child(options.child)
        return
    from theory.information import parse_query
    from theory.information.answer import Answer
    from theory.information.checker import accepts
    from theory.information.prover import Proved, prove

    prove("H(X|Y) <= H(X)")  # imports are outside the clock
    table = statements(options.quick)
    data = {name: as_data(parse_query(text)) for name, (text, _) in table.items()}
    peers = {solver: peer(options.peers_python, solver, data, options.timeout) for solver in SOLVERS}
    certificates, checked, agree = 0, 0, 0
    ratios: dict[str, float] = {}
    print(
        f"{'statement':<17}{'boundlab':>10}{'terms':>6}  "
        + "".join(f"{'psitip ' + s:>24}" for s in SOLVERS)
        + "   ratio"
    )
    for name, (text, provable) in table.items():
        outcome, seconds = timed(lambda text=text: prove(text, max_variables=12))
        proved = isinstance(outcome, Proved)
        terms = sum(len(c.terms) for c in outcome.certificates) if isinstance(outcome, Proved) else 0
        if isinstance(outcome, Proved):
            certificates += len(outcome.certificates)
            checked += accepts(Answer(outcome.query, "proved", outcome.certificates).as_json())
        line = f"{name:<17}{1e3 * seconds:8.1f}ms{terms if proved else '':>6}  "
        for solver in SOLVERS:
            record = peers[solver].get(name)
            if record is None:
                line += f"{'-':>24}"
                continue
            wrong = record["answer"] != provable
            line += f"{1e3 * record['seconds']:12.1f}ms {'wrong' if wrong else str(record['answer']):>9}"
        if proved != provable:
            line += "   boundlab is wrong"
        reference = peers[SOLVERS[0]].get(name)
        if reference is not None:
            agree += reference["answer"] == proved
            ratios[name] = reference["seconds"] / seconds
            line += f"   {ratios[name]:.1f}"
        print(line, flush=True)
    for solver in SOLVERS:
        answers = [(r["answer"], table[name][1]) for name, r in peers[solver].items()]
        print(f"psitip with {solver}: {sum(a == b for a, b in answers)} of {len(answers)} answers right")
    if ratios:
        faster = sum(ratio >= 3 for ratio in ratios.values())
        chains = [ratio for name, ratio in ratios.items() if name.startswith("chain")]
        print(f"same answer as psitip with {SOLVERS[0]}: {agree} of {len(ratios)}")
        print(f"median ratio {statistics.median(ratios.values()):.1f}; at least 3 in {faster} of {len(ratios)}")
        print(f"median ratio of the chains alone {statistics.median(chains):.1f}")
    print(f"{certificates} exact certificates, of {checked} proved statements all accepted by the independent checker")


if __name__ == "__main__":
    main()
