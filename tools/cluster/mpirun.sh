#!/usr/bin/env bash
# tools/cluster/mpirun.sh HOSTS NETWORK INPUT [options of ebb run] - a run on the
# machines of a host file ("name slots=1" a line), one process each, a thread a
# core of this one. ebb has to be at the same path on all of them.
set -euo pipefail
hosts=$1
shift
mpirun --hostfile "$hosts" --map-by ppr:1:node --bind-to none \
    "${EBB:-ebb}" run "$@" --threads "$(nproc)"
