#!/bin/bash
# A data set in PARTS parts by GNU parallel, JOBS at a time. A part that fails is tried again, and all parts of a run that was ended are found again.
set -euo pipefail
out=${OUT:-out/color} parts=${PARTS:-8}
parallel --jobs "${JOBS:-2}" --retries 3 \
    "mnistaug colorize --input ${INPUT:-digits} --part {}/$parts --out $out --threads 1 --quiet" ::: $(seq 0 $((parts - 1)))
mnistaug merge "$out"
