"""`phones`: a trained trigram model over the phones of English (pocketsphinx 5.1.1, BSD-2).

Tokens 0..39 are the phones in alphabetical order (SIL is silence), token 40 is the sentence end </s>. The library
returns integer logarithms in base 1.0001, the target first and then the history backwards; rows over the 41 targets sum
to 1 within 6e-4 and are renormalised. `<UNK>` and `<s>` are no targets. As history, </s> is unknown to the file (its
row sums to 2e-4), so a sentence that has ended is read as a new one that has begun: </s> in a context counts as <s>,
and what stands before it is forgotten.
"""

from __future__ import annotations

import numpy as np

from numerics.models.packages import package_folder
from numerics.models.protocol import ModelEntry, ModelError, Vocabulary
from numerics.models.table import TableModel

DISTRIBUTION = "pocketsphinx==5.1.1"
LOG_BASE = np.log(1.0001)
BEGIN, END, UNKNOWN = "<s>", "</s>", "<UNK>"
PHONES = 40
ROW_TOLERANCE = 1e-3


def phones(end: bool = True) -> TableModel:
    """The trigram model over 41 targets (40 phones and </s>), or renormalised over the 40 phones if `end` is False."""
    path = package_folder("pocketsphinx", DISTRIBUTION, "phones") / "model" / "en-us" / "en-us-phone.lm.bin"
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(f"'phones': cannot read {path.name} of {DISTRIBUTION}: {error}") from error
    # The word list is the zero-separated tail of the file; the library's own ARPA writer is broken.
    words = [word.decode("ascii") for word in raw[raw.rfind(UNKNOWN.encode()) :].split(b"\0") if word]
    targets = [word for word in words if word not in (UNKNOWN, BEGIN, END)]
    if len(targets) != PHONES:
        raise ModelError(f"'phones': {path.name} lists {len(targets)} phones, expected {PHONES}: is it {DISTRIBUTION}?")
    if end:
        targets.append(END)

    from pocketsphinx import NGramModel  # a compiled extension, wanted here only

    model = NGramModel.readfile(str(path))
    rows = []
    for history in _histories(targets):
        row = np.array([model.prob([target, *history]) for target in targets]) * LOG_BASE
        if end and abs(np.exp(row).sum() - 1) > ROW_TOLERANCE:
            raise ModelError(
                f"'phones': the row after {history} sums to {np.exp(row).sum():.6g}, expected 1 within 1e-3"
            )
        rows.append(row)
    return TableModel("phones", Vocabulary(len(targets), tuple(targets)), 2, np.array(rows))  # (T + T^2, T)


def _histories(targets: list[str]) -> list[list[str]]:
    """What the library is asked for after each state, in the order of D3: last token first, cut at a sentence end."""
    singles = [[BEGIN] if last == END else [last] for last in targets]
    pairs = [
        [BEGIN] if last == END else [last, BEGIN if before == END else before] for before in targets for last in targets
    ]
    return singles + pairs


MODELS = (
    ModelEntry(
        "phones",
        "trained trigram model over phones; option end (False: 40 phones, no sentence end)",
        "41",
        "2",
        "BSD-2-Clause",
        DISTRIBUTION,
        phones,
    ),
)
