"""Bounds evaluated fast and far, and inverted.

Main definitions
    evaluate        one bound at one point: certified, also where float64 under- or overflows
    enclose         rigorous lower and upper ends
    compile_bound   one bound over arrays
    solve           the value of one parameter at which a bound meets a target
    sweep           a bound along one parameter
"""

from theory.evaluation.compiled import CompiledBound, compile_bound
from theory.evaluation.enclosure import enclose, evaluate
from theory.evaluation.solve import NoSolution, Solution, solve
from theory.evaluation.sweep import Sweep, sweep
from theory.evaluation.values import EvaluationError, UncertainError, Value

__all__ = [
    "CompiledBound",
    "EvaluationError",
    "NoSolution",
    "Solution",
    "Sweep",
    "UncertainError",
    "Value",
    "compile_bound",
    "enclose",
    "evaluate",
    "solve",
    "sweep",
]
