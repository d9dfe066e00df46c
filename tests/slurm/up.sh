#!/usr/bin/env bash
# Brings up a SLURM of its own in one folder: munge, MariaDB, slurmdbd (sacct needs it), slurmctld, one slurmd or several.
# Loopback only, no systemd, nothing below /etc: everything is in the folder. usage: up.sh FOLDER NODES
set -euo pipefail
D=$1; NODES=$2; H=$(hostname -s); here=$(cd "$(dirname "$0")" && pwd)
. "$here/env.sh" "$D"
mkdir -p "$D"/state "$D"/log; chmod 755 "$D"

wait_for() { local end=$((SECONDS + 60)); until timeout 5 "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || { echo "gave up waiting for: $*" >&2; return 1; }; sleep 0.25; done; }
alive() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

if ! alive "$D/munged.pid"; then
  head -c 1024 /dev/urandom > "$D/munge.key"; chmod 400 "$D/munge.key"
  munged --force --socket="$D/munge.socket" --key-file="$D/munge.key" --pid-file="$D/munged.pid" \
    --log-file="$D/log/munged" --seed-file="$D/munge.seed" --num-threads=2
fi
if ! alive "$D/mariadb.pid"; then
  mariadb-install-db --no-defaults --user=root --datadir="$D/db" --skip-test-db --auth-root-authentication-method=normal > "$D/log/install-db" 2>&1
  setsid mariadbd --no-defaults --user=root --datadir="$D/db" --socket="$D/db.socket" --pid-file="$D/mariadb.pid" --skip-networking \
    --innodb-buffer-pool-size=64M --innodb-log-file-size=64M > "$D/log/mariadb" 2>&1 < /dev/null &
  wait_for mariadb-admin --no-defaults --socket="$D/db.socket" -uroot ping
fi
common="AuthType=auth/munge
AuthInfo=socket=$D/munge.socket,cred_expire=5
SlurmUser=root"
cat > "$D/slurmdbd.conf" <<EOF
$common
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort=16819
StorageType=accounting_storage/mysql
StorageHost=localhost
StorageUser=root
StorageLoc=slurm
PidFile=$D/slurmdbd.pid
LogFile=$D/log/slurmdbd
EOF
chmod 600 "$D/slurmdbd.conf"
cat > "$D/slurm.conf" <<EOF
$common
ClusterName=sandbox
SlurmctldHost=$H(127.0.0.1)
SlurmdUser=root
CredType=cred/munge
SlurmctldPort=16817
StateSaveLocation=$D/state
SlurmctldPidFile=$D/slurmctld.pid
SlurmctldLogFile=$D/log/slurmctld
SlurmdSpoolDir=$D/spool.%n
SlurmdPidFile=$D/slurmd.%n.pid
SlurmdLogFile=$D/log/slurmd.%n
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePass=$D/munge.socket
AccountingStoragePort=16819
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SwitchType=switch/none
ReturnToService=2
SlurmdTimeout=300
InactiveLimit=0
KillWait=5
MinJobAge=300
SchedulerType=sched/backfill
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,requeue_setup_env_fail
PrologFlags=NoHold
EOF
sed -i '/PrologFlags/d; s/,requeue_setup_env_fail//' "$D/slurm.conf"
for n in $(seq "$NODES"); do
  echo "NodeName=n$n NodeHostName=$H NodeAddr=127.0.0.1 Port=$((17000 + n)) CPUs=2 RealMemory=8000 State=UNKNOWN" >> "$D/slurm.conf"
  mkdir -p "$D/spool.n$n"
done
echo "PartitionName=debug Nodes=n[1-$NODES] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO" >> "$D/slurm.conf"
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n' > "$D/cgroup.conf"   # 22.05 loads a plugin even where none is used
alive "$D/slurmdbd.pid" || slurmdbd
wait_for sacctmgr -n show cluster
sacctmgr -n show cluster format=cluster | grep -qw sandbox || sacctmgr -i add cluster sandbox > /dev/null
alive "$D/slurmctld.pid" || slurmctld
for n in $(seq "$NODES"); do alive "$D/slurmd.n$n.pid" || slurmd -N "n$n"; done

wait_for bash -c "[ \"\$(sinfo -h -o %D -t idle)\" = $NODES ]"
sinfo
