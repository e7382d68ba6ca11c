"""What needs a program of its own to hold us against is collected only where that is named."""

import os

# Inspect brings a hundred packages of its own; whoever changes the export names its Python.
collect_ignore = [] if os.environ.get("KANHE_INSPECT_PYTHON") else ["test_inspect.py"]
