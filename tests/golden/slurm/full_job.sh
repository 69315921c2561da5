#!/bin/sh
#SBATCH --job-name="words \"at\" night"
#SBATCH --comment="heron-bin words-6f3a"
#SBATCH --chdir="/shared/it's $HOME #1"
#SBATCH --output="/shared/it's $HOME #1/logs/job.log"
#SBATCH --open-mode=append
#SBATCH --no-kill
#SBATCH --requeue
#SBATCH --export=NONE
#SBATCH --ntasks=3
#SBATCH --cpus-per-task=2
#SBATCH --partition="main"
#SBATCH --account="proj-7"
#SBATCH --qos="high"
#SBATCH --constraint="[rack1|rack2]&nvme"
#SBATCH --reservation="week7"
#SBATCH --gres="gpu:2"
#SBATCH --exclude="n[3-5],n9"
#SBATCH --time="1-00:00:00"
#SBATCH --mail-user="who@example.org"
#SBATCH --mail-type="END,FAIL"
#SBATCH --ntasks-per-node=4
#SBATCH --nice=5
#SBATCH --licenses=x:2

# The cluster file's own.
module load tools
export SCRATCH="/scratch/$USER"

# Nothing of the login's environment may load code into heron-bin.
for name in $(env | sed -n 's/^\(BUN_[A-Za-z0-9_]*\|NODE_OPTIONS\)=.*/\1/p'); do
  unset "$name"
done

crashes=0
ending=
scheduler=
trap 'ending=1; [ -z "$scheduler" ] || kill -TERM "$scheduler"' TERM
while :; do
  began=$(date +%s)
  '/opt/heron bin/heron-bin' 'scheduler' '--job' '/shared/it'\''s $HOME #1/job' </dev/null &
  scheduler=$!
  [ -z "$ending" ] || kill -TERM "$scheduler"
  # A signal ends the wait, not the scheduler.
  while :; do
    wait "$scheduler"
    code=$?
    kill -0 "$scheduler" 2>/dev/null || break
  done
  scheduler=
  # Below 70 it has said all that there is to say; above, it crashed or was killed.
  if [ -n "$ending" ] || [ "$code" -lt 70 ]; then exit "$code"; fi
  [ $(($(date +%s) - began)) -lt 60 ] || crashes=0
  crashes=$((crashes + 1))
  if [ "$crashes" -ge 5 ]; then exit "$code"; fi
  echo "heron-bin: the scheduler ended with $code and is started again" >&2
done
