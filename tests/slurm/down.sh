#!/usr/bin/env bash
# Ends what up.sh has started in a folder, by pid file, and removes the folder. usage: down.sh FOLDER
D=$1; here=$(cd "$(dirname "$0")" && pwd); . "$here/env.sh" "$D"
if [ -s "$D/slurmctld.pid" ]; then
  scancel --user=root 2>/dev/null
  for n in $(seq 40); do [ -z "$(squeue -h 2>/dev/null)" ] && break; sleep 0.25; done   # a slurmd ended before its steps leaves them behind
fi
pids=""
for f in "$D"/slurmd.*.pid "$D"/slurmctld.pid "$D"/slurmdbd.pid "$D"/mariadb.pid "$D"/munged.pid; do
  [ -s "$f" ] || continue
  pid=$(cat "$f"); pids="$pids $pid"; kill "$pid" 2>/dev/null
  for n in $(seq 40); do kill -0 "$pid" 2>/dev/null || break; sleep 0.25; done
done
for pid in $pids; do kill -0 "$pid" 2>/dev/null && kill -9 "$pid"; done
rm -rf "$D"
