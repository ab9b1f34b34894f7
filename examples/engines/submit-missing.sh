#!/bin/bash
# Submits the parts that are missing, or makes a data set of them. Run it by hand or from cron; it does no harm while tasks are at work,
# because a part that somebody else is making refuses a second writer (exit code 75).
set -euo pipefail
out=${OUT:-/shared/color} parts=${PARTS:-8}
missing=$(mnistaug parts "$out" --of "$parts" --missing)
if [ -n "$missing" ]; then
    exec sbatch --array="$missing" "$(dirname "$0")/slurm.sh"
fi
mnistaug merge "$out"
mnistaug verify "$out"
