"""Linear chains over {-1, +1} without a bias: every token is the sign of a linear form.

Main definitions
    TieError       a form is 0: without a bias no sign is preferred
    sign_rollout   the chain on a prompt

Source: specification `autoregressive`, bias_needed.
"""

from __future__ import annotations

from collections.abc import Sequence


class TieError(ValueError):
    """A linear form is 0; the message names the token."""


def sign_rollout(weights: Sequence[Sequence[int]], prompt: Sequence[int]) -> tuple[int, ...]:
    """Signs of the forms, token t = 1.. being sign(weights[t-1] . (prompt, earlier tokens)).

    `weights[t-1]` has n + t - 1 integers, `prompt` n signs. Raises TieError where a form is 0, ValueError for a row of
    weights of another length.
    """
    context = list(prompt)
    for t, row in enumerate(weights, start=1):
        if len(row) != len(context):
            raise ValueError(f"token {t} has {len(row)} weights, expected {len(context)}")
        score = sum(w * v for w, v in zip(row, context, strict=True))
        if score == 0:
            raise TieError(f"the form of token {t} is 0")
        context.append(1 if score > 0 else -1)
    return tuple(context[len(prompt) :])
