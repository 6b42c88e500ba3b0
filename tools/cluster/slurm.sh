#!/usr/bin/env bash
# tools/cluster/slurm.sh NETWORK INPUT [options of ebb run] - a run on several
# nodes under Slurm:
#
#   sbatch --nodes 4 tools/cluster/slurm.sh m.net.h5 in.csv -o run.trace.h5
#
# One process a node, a thread a core. A job that is ended by its time limit
# gets SIGTERM two minutes before, and leaves a checkpoint.
#SBATCH --ntasks-per-node=1
#SBATCH --exclusive
#SBATCH --time=01:00:00
#SBATCH --signal=TERM@120
set -euo pipefail
threads=${SLURM_CPUS_ON_NODE:-1}
resume=()
if compgen -G 'run.state.h5*' >/dev/null; then
    resume=(--resume run.state.h5)
fi
srun --mpi=pmix --cpus-per-task="$threads" --cpu-bind=cores \
    "${EBB:-ebb}" run "$@" --threads "$threads" \
    --checkpoint run.state.h5 "${resume[@]}"
