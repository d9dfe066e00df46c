#!/usr/bin/env bash
# make test-slurm: a real SLURM from Debian's packages, one node and then three, the tests on each, and away with it.
# Where that cannot be (no root, no packages) it says so and succeeds; with SLURM_REQUIRED=1 it fails.
set -uo pipefail
cd "$(dirname "$0")/../.."
python=${1:-.venv/bin/python}
left_out() { echo "left out: the tests on a real SLURM ($1)"; [ "${SLURM_REQUIRED:-0}" = 1 ] && exit 1; exit 0; }
[ "$(id -u)" = 0 ] || left_out "they need root"
missing() { for c in slurmctld slurmd slurmdbd munged mariadbd; do command -v $c >/dev/null || return 0; done; return 1; }
if missing; then
  command -v apt-get >/dev/null || left_out "SLURM is not installed and there is no apt-get"
  # no daemon is to be started by its package
  policy=/usr/sbin/policy-rc.d; made=0
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' > $policy; chmod +x $policy; made=1; }
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm slurmdbd munge mariadb-server; } > /tmp/slurm-install.$$ 2>&1
  code=$?; [ $made = 1 ] && rm -f $policy
  if [ $code != 0 ] || missing; then tail -3 /tmp/slurm-install.$$; rm -f /tmp/slurm-install.$$; left_out "Debian's packages could not be installed"; fi
  rm -f /tmp/slurm-install.$$
fi
folder=""
down() { [ -n "$folder" ] && bash tests/slurm/down.sh "$folder"; folder=""; }
trap down EXIT
trap 'exit 130' INT TERM
worst=0
for nodes in 1 3; do
  which="not arrays"; [ $nodes = 3 ] && which=arrays   # the longest one once, where it shows most
  folder=$(mktemp -d /tmp/slurm.XXXXXX)
  echo "SLURM with $nodes node(s) ..."
  if ! bash tests/slurm/up.sh "$folder" $nodes; then tail -n 5 "$folder"/log/* ; worst=1; down; break; fi
  . tests/slurm/env.sh "$folder"
  INTERMEZZO_SLURM_NODES=$nodes "$python" -m pytest -n 0 -p no:cacheprovider tests/engine/launchers/test_real_slurm.py -k "$which" || worst=1
  down
done
exit $worst
