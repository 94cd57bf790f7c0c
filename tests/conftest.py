"""Settings shared by all tests: no colour, one folder of checked derivations for this run, shared by the workers.

Where the suite runs on several workers, every derivation is checked once before it starts, in fresh processes, each
after what it uses. The tests then read the reports; a derivation that was refused is not kept, and they check it again.
"""

import os
import subprocess
import sys
import tempfile

from hypothesis import HealthCheck, settings

# Machines are shared: how long an example takes to draw says nothing about the code.
shared = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The suite draws the same examples everywhere, so that it says of a commit the same on every machine.
settings.register_profile("suite", shared, derandomize=True)
# To look for new ones: HYPOTHESIS_PROFILE=search pytest ...
settings.register_profile("search", shared)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

CHECK_ALL = """
from theory.graph import checking_order
from verify.report.grades import checked_in_parallel
for _ in checked_in_parallel(checking_order(), 2):
    pass
"""


def pytest_configure(config):
    os.environ.setdefault("NO_COLOR", "1")
    if hasattr(config, "workerinput"):
        return  # the controller decides, the workers inherit its environment
    os.environ["BOUNDLAB_CACHE"] = tempfile.mkdtemp(prefix="boundlab-tests-")
    if getattr(config.option, "numprocesses", None) and not config.option.collectonly:
        print("checking all derivations once, before the tests", flush=True)
        subprocess.run([sys.executable, "-c", CHECK_ALL], check=False, stdin=subprocess.DEVNULL)
