#!/usr/bin/env bash
# Starts a small, real Slurm on this machine: munged, slurmctld and a slurmd for each of "node1" to "nodeN", all on
# 127.0.0.1, without systemd and without control groups. Root only. No GPU is needed: the nodes claim some, so that
# --gres=gpu:1 is scheduled and CUDA_VISIBLE_DEVICES is set. Nothing outside DIR is written, and only who sets SLURM_CONF
# as DIR/env.sh does talks to it, so it touches no other Slurm. Ends with the line "slurm ready"; stop.sh stops it.
#
# usage: start.sh DIR PORT      DIR is made; slurmctld listens on PORT, the slurmd on the ones after it
set -euo pipefail
umask 022
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

dir=${1:?directory}
port=${2:?port}
nodes=${LLEM_SLURM_NODES:-3}
cpus=${LLEM_SLURM_CPUS:-4}                      # that a node claims to have
memory_mib=${LLEM_SLURM_MEMORY_MIB:-8000}       # the same; bookkeeping alone
gpus=${LLEM_SLURM_GPUS:-2}
kill_wait_s=${LLEM_SLURM_KILL_WAIT_S:-5}        # from TERM to KILL
node_timeout_s=${LLEM_SLURM_NODE_TIMEOUT_S:-10} # until a silent node is down
requeue_wait_s=${LLEM_SLURM_REQUEUE_WAIT_S:-5}  # how long a requeued job is held back; below 5 Slurm takes 120
job_age_s=${LLEM_SLURM_JOB_AGE_S:-300}          # how long an ended job is known
largest_array=${LLEM_SLURM_LARGEST_ARRAY:-1001} # MaxArraySize: indices are below it
job_requeue=${LLEM_SLURM_JOB_REQUEUE:-1}
preempt=${LLEM_SLURM_PREEMPT:-REQUEUE}          # what happens to jobs in "low": REQUEUE or CANCEL
preempt_grace_s=${LLEM_SLURM_PREEMPT_GRACE_S:-2}
wait_s=${LLEM_SLURM_WAIT_S:-60}                 # until all nodes are idle

fail() {
  printf 'slurm: %s\n' "$*" >&2
  for log in "$dir"/log/*; do
    [ -s "$log" ] && printf -- '--- %s\n' "$log" >&2 && tail -n 8 "$log" >&2
  done
  "$(dirname "${BASH_SOURCE[0]}")/stop.sh" "$dir" > /dev/null 2>&1 || :
  exit 1
}

[ "$(id -u)" = 0 ] || { echo "slurm: root is needed" >&2; exit 1; }

for program in munged sinfo slurmctld slurmd; do
  command -v "$program" > /dev/null || { echo "slurm: $program is missing; scripts/setup-slurm installs it" >&2; exit 1; }
done

# --- files -------------------------------------------------------------------------------------
mkdir "$dir" 2> /dev/null || [ -z "$(ls -A "$dir")" ] || { echo "slurm: $dir is not empty" >&2; exit 1; }
mkdir -p "$dir"/{state,spool,log,run,dev}
# munged insists on folders that nobody else may write.
chmod 755 "$dir" "$dir"/{spool,log,run,dev}
(umask 077 && head -c 1024 /dev/urandom > "$dir/munge.key")

# A GPU needs a file that is a character device; any will do, also behind a link.
gres=''
if [ "$gpus" -gt 0 ]; then
  for n in $(seq 0 $((gpus - 1))); do ln -s /dev/null "$dir/dev/nvidia$n"; done
  gres=" Gres=gpu:$gpus"
  printf 'AutoDetect=off\nNodeName=node[1-%s] Name=gpu File=%s/dev/nvidia[0-%s]\n' \
    "$nodes" "$dir" $((gpus - 1)) > "$dir/gres.conf"
fi
# slurmd loads a plugin for control groups though nothing uses it; left to choose it may refuse to start.
echo 'CgroupPlugin=cgroup/v1' > "$dir/cgroup.conf"

host=$(hostname -s 2> /dev/null || hostname)
{
  cat << END
ClusterName=llem
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$dir/run/munge.sock,cred_expire=$requeue_wait_s
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/run/slurmctld.pid
SlurmdPidFile=$dir/run/slurmd-%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd-%n.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
# Believe what is claimed of the nodes.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
# Within a second in place of some time within a minute.
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
PreemptType=preempt/partition_prio
PreemptMode=$preempt
JobRequeue=$job_requeue
ReturnToService=2
SlurmdTimeout=$node_timeout_s
KillWait=$kill_wait_s
MinJobAge=$job_age_s
MaxArraySize=$largest_array
END
  for n in $(seq "$nodes"); do
    echo "NodeName=node$n NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + n))" \
      "Sockets=1 CoresPerSocket=$cpus ThreadsPerCore=1 RealMemory=$memory_mib$gres State=UNKNOWN"
  done
  # Jobs in "low" make room for those in "main".
  cat << END
PartitionName=DEFAULT Nodes=ALL State=UP DefMemPerCPU=500 DefaultTime=60 MaxTime=1-00:00:00
PartitionName=main Default=YES PriorityTier=10 PreemptMode=OFF
PartitionName=low PriorityTier=1 PreemptMode=$preempt GraceTime=$preempt_grace_s
PartitionName=weak PriorityTier=1 PreemptMode=CANCEL GraceTime=$preempt_grace_s
PartitionName=short PriorityTier=10 PreemptMode=OFF MaxTime=5
END
} > "$dir/slurm.conf"
printf 'export SLURM_CONF=%q\n' "$dir/slurm.conf" > "$dir/env.sh"
export SLURM_CONF=$dir/slurm.conf

# --- daemons, each in a session of its own -----------------------------------------------------
boot() {
  local name=$1
  shift
  "$@" < /dev/null > "$dir/log/$name.boot" 2>&1 || fail "$name does not start"
}
boot munged munged --origin=127.0.0.1 --key-file="$dir/munge.key" --socket="$dir/run/munge.sock" \
  --pid-file="$dir/run/munged.pid" --log-file="$dir/log/munged.log" --seed-file="$dir/run/munge.seed"
boot slurmctld slurmctld -f "$SLURM_CONF"
for n in $(seq "$nodes"); do
  mkdir "$dir/spool/node$n"
  boot "slurmd-node$n" slurmd -f "$SLURM_CONF" -N "node$n"
done

end=$((SECONDS + wait_s))
until [ "$(sinfo -h -N -p main -t idle -o %N 2> /dev/null | sort -u | wc -l)" = "$nodes" ]; do
  [ $SECONDS -lt $end ] || fail "after $wait_s s: $(sinfo -h -N -o '%N %T %E' 2>&1 | tr '\n' ';')"
  sleep 0.1
done
echo "slurm ready"
