"""Settings shared by all tests: no colour, one folder of checked derivations for this run, shared by the workers."""

import os
import tempfile


def pytest_configure(config):
    os.environ.setdefault("NO_COLOR", "1")
    if not hasattr(config, "workerinput"):  # the controller decides, the workers inherit its environment
        os.environ["BOUNDLAB_CACHE"] = tempfile.mkdtemp(prefix="boundlab-tests-")
