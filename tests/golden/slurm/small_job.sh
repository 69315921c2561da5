#!/bin/sh
#SBATCH --job-name="words"
#SBATCH --comment="heron-bin words-6f3a"
#SBATCH --chdir="/shared/heron/words-6f3a"
#SBATCH --output="/shared/heron/words-6f3a/logs/job.log"
#SBATCH --open-mode=append
#SBATCH --no-kill
#SBATCH --requeue
#SBATCH --export=NONE
#SBATCH --ntasks=3
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=1024M

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
  '/shared/bin/heron-bin' 'scheduler' '--job' '/shared/heron/words-6f3a/job' </dev/null &
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
