#!/usr/bin/env bash
# Stops the Slurm of start.sh and ends what its jobs left behind, by pid and only after /proc has told what it is; then
# removes DIR. With nothing running it does nothing.
#
# usage: stop.sh DIR
set -uo pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
dir=${1:?directory}
[ -e "$dir/slurm.conf" ] || exit 0
export SLURM_CONF=$dir/slurm.conf

# An ended process that nobody has collected has no exe to read.
runs() { readlink "/proc/$1/exe" > /dev/null 2>&1; }
end() {
  kill -"${2:-TERM}" "$1" 2> /dev/null || return 0
  for _ in $(seq 50); do runs "$1" || return 0; sleep 0.1; done
  kill -KILL "$1" 2> /dev/null
}
# The pid of a file, where it still is that program of this directory.
pid_of() {
  local pid
  pid=$(cat "$1" 2> /dev/null) && [ -n "$pid" ] || return 1
  case $(readlink "/proc/$pid/exe" 2> /dev/null) in */"$2"*) ;; *) return 1 ;; esac
  grep -qaF -- "$dir/" "/proc/$pid/cmdline" "/proc/$pid/environ" 2> /dev/null && echo "$pid"
}

# First what runs jobs, then the jobs: nothing is started again.
pid=$(pid_of "$dir/run/slurmctld.pid" slurmctld) && end "$pid" KILL
for file in "$dir"/run/slurmd-*.pid; do
  pid=$(pid_of "$file" slurmd) && end "$pid" KILL
done
for process in /proc/[0-9]*; do
  pid=${process#/proc/}
  [ "$pid" != $$ ] || continue
  case $(readlink "$process/exe" 2> /dev/null) in
    '') continue ;;
    */slurmstepd*) ls -l "$process/fd" 2> /dev/null | grep -qF -- "$dir/" || continue ;;
    *) tr '\0' '\n' < "$process/environ" 2> /dev/null | grep -qxF "SLURM_CONF=$SLURM_CONF" || continue
       tr '\0' '\n' < "$process/environ" 2> /dev/null | grep -q '^SLURM_JOB_ID=' || continue ;;
  esac
  end "$pid" KILL
done
pid=$(pid_of "$dir/run/munged.pid" munged) && end "$pid"
rm -rf "$dir"
echo "slurm stopped"
