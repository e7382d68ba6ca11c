#!/bin/sh
# Write requirements/*.txt from requirements/*.in and pyproject.toml: versions and hashes of every
# artefact on every platform, and no address (docs/adr/0007). `make lock` runs this.
# `sh scripts/lock.sh --upgrade` takes newer versions; without it what is locked stays.
set -eu
cd "$(dirname "$0")/.."

tool=.venv-lock
[ -x "$tool/bin/uv" ] || { "${PYTHON:-python3}" -m venv "$tool"; "$tool/bin/pip" install --quiet uv==0.13.9; }

lock() {
    env -u PIP_FIND_LINKS "$tool/bin/uv" pip compile --quiet --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header "$@"
}

lock "$@" pyproject.toml requirements/run.in --output-file requirements/run.txt
lock "$@" --no-deps requirements/embedded.in --output-file requirements/embedded.txt
lock "$@" requirements/build.in --output-file requirements/build.txt
lock "$@" requirements/test.in --output-file requirements/test.txt
lock "$@" requirements/litellm.in --output-file requirements/litellm.txt

# A lock that names a host would bind every machine to that host.
if grep -nE '://|^-' requirements/*.txt; then
    echo "a lock file holds an address or an option; see the lines above" >&2
    exit 1
fi
