#!/usr/bin/env bash
# Install the three peers of the benchmark, each apart from the others and outside the checkout.
#
#     bench/setup_peers.sh            BENCH_HOME=~/.cache/kanhe-bench unless it is set
#
# Idempotent: a peer whose stamp names these very versions is left alone; anything else is made anew.
# Refuses: torch (a constraint makes the install fail rather than let it in), install scripts of npm
# packages, and any version but the pinned one. LiteLLM is pinned for a reason besides fairness:
# 1.82.7, 1.82.8 and 1.107.0 were published by thieves (BerriAI/litellm#24518). Do not move the pin
# without reading what came since.
set -euo pipefail

readonly LITELLM="litellm[proxy]==1.106.2"
readonly NEMO="nemoguardrails[server]==0.24.1"
readonly PORTKEY="@portkey-ai/gateway@1.15.2"

HOME_OF_PEERS=${BENCH_HOME:-$HOME/.cache/kanhe-bench}
PYTHON=${PYTHON:-python3}

fail() { echo "setup_peers: $*" >&2; exit 1; }

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  fail "$PYTHON is older than 3.11. Name a newer one: PYTHON=python3.11 bench/setup_peers.sh"

stamped() { [ -f "$1/.kanhe-stamp" ] && [ "$(cat "$1/.kanhe-stamp")" = "$2" ]; }

python_peer() {
  local name=$1 wanted=$2 place="$HOME_OF_PEERS/$1"
  if stamped "$place" "$wanted"; then echo "$name: $wanted is there"; return; fi
  echo "$name: installing $wanted into $place (about 2 minutes)"
  rm -rf "$place"
  "$PYTHON" -m venv "$place"
  # No release of torch is below 0: whatever asks for it cannot be resolved, and the install stops.
  printf 'torch<0\n' > "$place/constraints.txt"
  "$place/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint "$place/constraints.txt" "$wanted"
  if "$place/bin/python" -c 'import torch' 2>/dev/null; then fail "$name brought torch in; remove $place"; fi
  echo "$wanted" > "$place/.kanhe-stamp"
}

# Without the two overrides every stream through Portkey 1.15.2 answers 500.
node_peer() {
  local place="$HOME_OF_PEERS/portkey" wanted="$PORTKEY node-server 1.13.5 hono 4.9.7"
  if stamped "$place" "$wanted"; then echo "portkey: $PORTKEY is there"; return; fi
  command -v npm >/dev/null || fail "npm is not installed. Portkey needs Node 20 with npm."
  echo "portkey: installing $PORTKEY into $place"
  rm -rf "$place"
  mkdir -p "$place"
  cat > "$place/package.json" <<'JSON'
{
  "private": true,
  "dependencies": { "@portkey-ai/gateway": "1.15.2" },
  "overrides": { "@hono/node-server": "1.13.5", "hono": "4.9.7" }
}
JSON
  (cd "$place" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error)
  echo "$wanted" > "$place/.kanhe-stamp"
}

mkdir -p "$HOME_OF_PEERS"
python_peer litellm "$LITELLM"
python_peer nemo "$NEMO"
node_peer
echo "peers are ready in $HOME_OF_PEERS; compare them with: make bench"
