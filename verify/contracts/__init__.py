"""Contract suites: what every language model and every window chain must satisfy, to be run on one's own.

    check_model(model), MODEL_LAWS      the protocol of numerics.models
    check_chain(chain), CHAIN_LAWS      a window chain, and the routines that compute with it

With pytest: `@pytest.mark.parametrize("law", MODEL_LAWS, ids=str)` and in the test `law(model)`.
"""

from verify.contracts.chain import CHAIN_LAWS, check_chain
from verify.contracts.law import Law, LawBroken, LawResult
from verify.contracts.model import MODEL_LAWS, check_model

__all__ = ["CHAIN_LAWS", "MODEL_LAWS", "Law", "LawBroken", "LawResult", "check_chain", "check_model"]
