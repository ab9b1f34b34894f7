#!/bin/bash
# A data set in eight tasks. Submit with: sbatch --array=0-7 slurm.sh
# Whatever fails is submitted again, until `submit-missing.sh` finds nothing missing and merges.
#SBATCH --job-name=mnistaug
#SBATCH --array=0-7
#SBATCH --cpus-per-task=2
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail
out=${OUT:-/shared/color}
# A task that is submitted again alone is the same part again.
mnistaug colorize --input "${INPUT:-data/mnist}" --part auto/8 --out "$out" --quiet
