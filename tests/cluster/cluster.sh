#!/usr/bin/env bash
# A SLURM cluster of this machine, in namespaces of its own, for as long as standard input is open:
#     unshare --mount --pid --fork --uts --net --kill-child --mount-proc cluster.sh FOLDER </a/pipe
# Prints `ready` when a job can be submitted. When this shell, process 1 of its namespace, ends or is killed, the
# kernel ends every daemon and job in it; configuration and state are in memory, but for the daemons' logs in FOLDER.
set -euo pipefail
logs=$1
state=/etc/slurm # the one place where every SLURM command, with any environment, looks for slurm.conf

hostname localhost
ip link set lo up
ip address add 10.255.255.1/32 dev lo # slurmctld finds no address where there is none but the loopback's
mkdir -p $state
mount -t tmpfs none $state
mkdir -m 755 $state/{controller,node,run}
dd if=/dev/urandom of=$state/munge.key bs=128 count=1 status=none
chmod 400 $state/munge.key

cat >$state/slurm.conf <<CONF
ClusterName=test
SlurmctldHost=localhost
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/node
SlurmctldPidFile=$state/run/slurmctld.pid
SlurmdPidFile=$state/run/slurmd.pid
SlurmctldLogFile=$logs/slurmctld.log
SlurmdLogFile=$logs/slurmd.log
AuthType=auth/munge
AuthInfo=socket=$state/run/munge.socket
CredType=cred/munge
AccountingStorageType=accounting_storage/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0
# A job over the limits of its partition is refused, as is one that asks for no time.
EnforcePartLimits=ALL
JobSubmitPlugins=require_timelimit
# A job over its memory is killed, whether or not the machine lets us use cgroups.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
PropagateResourceLimits=NONE
ReturnToService=2
KillWait=5
MinJobAge=3600
# More processors and memory than there may be: what waits in the queue is to depend on the test alone.
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName=localhost NodeAddr=127.0.0.1 CPUs=8 RealMemory=64000 Gres=gpu:1 State=UNKNOWN
PartitionName=main Nodes=localhost Default=YES MaxTime=3-0 State=UP
PartitionName=other Nodes=localhost MaxTime=3-0 State=UP
CONF
# No device behind it, but it is counted.
echo 'NodeName=localhost Name=gpu File=/dev/null' >$state/gres.conf

until_done() { # until_done COMMAND...: repeat it until it succeeds
  for _ in $(seq 300); do
    if "$@" >/dev/null 2>&1; then return; fi
    sleep 0.1
  done
  echo "this never succeeded: $*" >&2
  tail -n 20 "$logs"/*.log >&2
  exit 1
}
idle() { sinfo --noheader --format %T | grep --quiet --line-regexp idle; }

munged --foreground --force --num-threads=2 --key-file=$state/munge.key --socket=$state/run/munge.socket \
  --pid-file=$state/run/munged.pid --seed-file=$state/munged.seed --log-file="$logs/munged.log" &>"$logs/munged.out" &
until_done munge --no-input --socket=$state/run/munge.socket
slurmctld -D &>"$logs/slurmctld.out" &
until_done scontrol ping
slurmd -D &>"$logs/slurmd.out" &
until_done idle
echo ready
cat >/dev/null
