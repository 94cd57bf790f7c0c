"""Records of a training course: its curves, its scatter points, and what the claims say at every checkpoint.

Main definitions
    series_records, rotation_records   plain data, of which nothing is expected
    check_records                      the worst value over the checkpoints, beside what its claim says of it

Source: specification `categorical`, 2.2 to 2.4, 2.6, 2.7.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from verify.experiments.experiment import Record

if TYPE_CHECKING:
    from verify.experiments.categorical_training import Course

FloatArray = NDArray[np.float64]
EXACT = 1e-9  # absolute, for identities and orderings of sums of a few dozen terms of size one
GAP_SLOPE = {"TV": 2.0, "Hel2": 3.0, "JS": 1.5 * math.log(2)}  # entropy_gap: gaps at most this times tau


def series_records(course: Course) -> list[Record]:
    """One record for every quantity: its values at the checkpoints, and for the free states at every step."""
    records: list[Record] = [
        {"name": name, "steps": course.steps.tolist(), "values": values.tolist(), "as_expected": None}
        for name, values in course.series.items()
    ]
    return records + [
        {
            "name": f"{name}, free states",
            "steps": list(range(len(values))),
            "values": values.tolist(),
            "as_expected": None,
        }
        for name, values in course.free.items()
    ]


def rotation_records(course: Course) -> list[Record]:
    """The points of the scatter plot, one record for every checkpoint that was rotated."""
    return [
        {
            "name": "rotated whitened states",
            "step": turned.step,
            "L_CE": turned.loss,
            "alignment": turned.alignment,
            "rotated L_CE": turned.losses.tolist(),
            "rotated alignment": turned.alignments.tolist(),
            "as_expected": None,
        }
        for turned in course.rotations
    ]


def check_records(course: Course) -> list[Record]:
    """What the claims say, at every checkpoint: the worst value over the checkpoints and what is expected of it."""
    s, free = course.series, course.free
    split = s["quantised noise"] + s["representation"] + s["misfit"]
    slack = [s["entropy bound by tau"] - s["gap KL"]] + [k * s["tau"] - s[f"gap {n}"] for n, k in GAP_SLOPE.items()]
    ordered = s["entropy bound by L_KL"] - s["entropy bound by tau"]
    invariance = max(float(np.abs(r.alignments / r.alignment - 1).max()) for r in course.rotations)
    spread = min(float(np.ptp(r.losses)) for r in course.rotations)
    ranks = np.maximum(
        np.abs(s["pullback rank"] - s["rank of the centred unembedding"]),
        np.abs(s["least pullback rank"] - s["rank of the centred unembedding"]),
    )
    ceiling = s["ceiling"] - s["surplus"] - s["deficit"]
    moments = s["moment bound"] - s["moment residual"]
    top = s["top eigenvalue bound"] - s["largest top eigenvalue"]
    rises = float(free["Dirichlet energy"][-1] - free["Dirichlet energy"][0])
    return [
        _small("cross_entropy_split", "L_CE - L_KL - H(W|X)", s["L_CE"] - s["L_KL"] - s["noise"]),
        _small("cross_entropy_three_way", "loss of the quantised model - its three terms", s["quantised L_CE"] - split),
        _positive("entropy_gap", "least of (bound by tau) - gap over KL, TV, Hel2, JS", np.concatenate(slack)),
        _positive("entropy_gap", "least of (bound by L_KL) - (bound by tau)", ordered),
        _small("surplus_deficit", "ceiling - surplus - deficit", ceiling),
        _positive("surplus_bounds", "least surplus or deficit", np.concatenate([s["surplus"], s["deficit"]])),
        _small("pullback_rank", "rank of the metric - rank of the centred unembedding", ranks),
        _positive("pullback_spectrum_bounds", "least of diam²/4 - largest eigenvalue", top),
        _positive("moment_matching", "least of diam·tau - E‖E_q g - E_p g‖", moments),
        _judged("spectral_alignment_as_stated", "largest relative change of alignment", invariance, "<= 1e-9",
                invariance <= EXACT),
        _judged("spectral_alignment_as_stated", "least range of L_CE over rotations", spread, ">= 0.01",
                spread >= 0.01),
        _judged("dirichlet_as_stated", "largest step of L_CE of the free states", float(np.diff(free["L_CE"]).max()),
                "<= 1e-9", bool((np.diff(free["L_CE"]) <= EXACT).all())),
        _judged("dirichlet_as_stated", "rise of the Dirichlet energy of the free states", rises, "> 0", rises > 0),
        _judged("dirichlet_as_stated", "rise of the Dirichlet energy of the network",
                float(s["Dirichlet energy"][-1] - s["Dirichlet energy"][0]), "", None),
        _judged("moment_matching", "moment residual after training / before",
                float(s["moment residual"][-1] / s["moment residual"][0]), "", None),
    ]  # fmt: skip


def _judged(claim: str, name: str, value: float, expected: str, holds: bool | None) -> Record:
    record: Record = {"name": name, "claim": f"categorical/{claim}", "value": value, "as_expected": holds}
    return record | ({"expected": expected} if expected else {})


def _small(claim: str, name: str, residuals: FloatArray) -> Record:
    worst = float(np.abs(residuals).max())
    return _judged(claim, name, worst, f"<= {EXACT:g}", worst <= EXACT)


def _positive(claim: str, name: str, slack: FloatArray) -> Record:
    least = float(slack.min())
    return _judged(claim, name, least, f">= -{EXACT:g}", least >= -EXACT)
