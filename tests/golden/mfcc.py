#!/usr/bin/env python3
"""Reference cepstra for tests/test_mfcc.c; needs numpy.

usage: mfcc.py > mfcc.txt

Plain and in double precision: the transform is a product with its matrix, the
mel bank is walked band by band, the DCT is summed term by term. Shares no code
with ebb. A first line names signal, rate and settings; a line a frame follows.
"""
import math
import numpy as np

RATE = 8000


def signal(n):
    """A rising tone, noise of a linear congruential generator, a silence."""
    x = np.zeros(n)
    state = 1
    for k in range(n):
        state = (1103515245 * state + 12345) % 2**31
        t = k / RATE
        x[k] = 0.4 * math.sin(2 * math.pi * (200 + 1500 * t) * t) \
            + 0.1 * (state / 2**31 - 0.5)
        if 1000 <= k < 1400:
            x[k] = 0
    return x.astype(np.float32).astype(np.float64)


def mel(f):
    return 2595 * math.log10(1 + f / 700)


def hertz(m):
    return 700 * (10**(m / 2595) - 1)


def bank(bands, n, low, high):
    edges = [hertz(m) for m in np.linspace(mel(low), mel(high), bands + 2)]
    rows = []
    for left, top, right in zip(edges, edges[1:], edges[2:]):
        row = []
        for k in range(n // 2 + 1):
            f = k * RATE / n
            if left < f <= top:
                row.append((f - left) / (top - left))
            elif top < f < right:
                row.append((right - f) / (right - top))
            else:
                row.append(0.0)
        rows.append(row)
    return np.array(rows)


def slopes(c):
    padded = np.pad(c, ((2, 2), (0, 0)), mode="edge")
    t = len(c)
    return sum(k * (padded[2 + k:2 + k + t] - padded[2 - k:2 - k + t])
               for k in (1, 2)) / 10


def mfcc(x, window, hop, bands, coefficients, energy, deltas, low, high):
    y = np.append(x[0], x[1:] - 0.97 * x[:-1])
    n = 2
    while n < window:
        n *= 2
    dft = np.exp(-2j * math.pi * np.outer(range(n // 2 + 1), range(window)) / n)
    taper = 0.54 - 0.46 * np.cos(2 * math.pi * np.arange(window) / (window - 1))
    weights = bank(bands, n, low, high)
    frames = []
    for start in range(0, len(y) - window + 1, hop):
        w = y[start:start + window]
        power = np.abs(dft @ (w * taper))**2 / n
        logs = [math.log(max(1e-10, e)) for e in weights @ power]
        c = []
        for q in range(coefficients):
            total = sum(e * math.cos(math.pi * q * (b + 0.5) / bands)
                        for b, e in enumerate(logs))
            c.append(math.sqrt((2 if q else 1) / bands) * total)
        if energy:
            c[0] = math.log(max(1e-10, sum(v * v for v in w)))
        frames.append(c)
    c = np.array(frames)
    parts = [c]
    for _ in range(deltas):
        parts.append(slopes(parts[-1]))
    return np.hstack(parts)


def main():
    settings = [(200, 80, 26, 13, 1, 2, 0, 4000),
                (256, 128, 20, 8, 0, 0, 100, 3800)]
    for s in settings:
        table = mfcc(signal(2400), *s)
        print(len(table), *s)
        for row in table:
            print(*(f"{v:.9g}" for v in row))


if __name__ == "__main__":
    main()
