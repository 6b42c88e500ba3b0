#!/usr/bin/env python3
"""tools/cluster/scaling.py - what a large network takes on many processes.

    ebb bench shares --json | tools/cluster/scaling.py

predicts the seconds of a simulated second by the model in docs/cluster.md,
from the constants that were measured and from an interconnect that is assumed.
Neurons of 1000 synapses fire at 1 Hz, delays are 5 ms.
"""
import json
import math
import sys

FAN_OUT, WINDOWS = 1000, 200  # synapses of a neuron, exchanges of a second
LATENCY, BANDWIDTH = 2e-6, 1e10  # assumed: s of a step, B/s of a process
SLICE = 32768  # neurons; a process has one at least
BLOCK = 256  # bytes, at least, of a process in an exchange


def predict(measured, neurons, ranks):
    """Seconds: divided work, repeated work, exchanges."""
    spikes = neurons
    divided = neurons * FAN_OUT * measured["shares.operation_1_hz"] / ranks
    repeated = (spikes * measured["shares.spike"]
                + WINDOWS * max(0, measured["shares.window"]))
    if ranks == 1:
        return divided, repeated, 0
    block = max(BLOCK, 4 * spikes / WINDOWS / ranks + 12 * 5 + 20)
    exchange = WINDOWS * (LATENCY * math.ceil(math.log2(ranks))
                          + block * ranks / BANDWIDTH)
    return divided, repeated, exchange


def main():
    measured = {}
    for line in sys.stdin:
        told = json.loads(line)
        measured[told["name"]] = told["value"]
    print("| neurons | processes | divided | repeated | exchange | all "
          "| of one |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    jobs = [(10**6, r) for r in (1, 2, 4, 8, 16, 31)]
    jobs += [(SLICE * r, r) for r in (64, 256, 1024)]
    for neurons, ranks in jobs:
        parts = predict(measured, neurons, ranks)
        gain = sum(predict(measured, neurons, 1)) / sum(parts)
        print(f"| {neurons:.3g} | {ranks} | "
              + " | ".join(f"{part:.3f} s" for part in parts)
              + f" | {sum(parts):.3f} s | {gain:.1f} x |")


if __name__ == "__main__":
    main()
