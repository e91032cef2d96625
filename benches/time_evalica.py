"""Times evalica on the rows that `cargo bench --bench ratings -- fit --write` wrote.

Run by benches/evalica.sh. Conversion to the types evalica asks for is timed apart.
"""

import sys
import time

import evalica
import numpy as np
import pandas as pd


def fastest(run, runs=3):
    best, made = float("inf"), None
    for _ in range(runs):
        start = time.perf_counter()
        made = run()
        best = min(best, time.perf_counter() - start)
    return best, made


def main() -> None:
    path, models = sys.argv[1], int(sys.argv[2])
    first, second, doubled = np.fromfile(path, dtype=np.uint8).reshape(3, -1)
    of = {2: evalica.Winner.X, 1: evalica.Winner.Draw, 0: evalica.Winner.Y}
    winners = [of[score] for score in doubled.tolist()]
    index = pd.Index(range(models))
    xs, ys = first.astype(np.int64), second.astype(np.int64)

    whole, result = fastest(lambda: evalica.bradley_terry(xs, ys, winners, index=index))
    print(f"evalica {evalica.__version__}, columns in memory: {whole:.2f} s, {result.iterations} iterations")

    xi, yi, _ = evalica.indexing(xs, ys, index)
    weights = [1.0] * len(xi)
    core, _ = fastest(
        lambda: evalica._brzo.bradley_terry(
            xs=xi, ys=yi, winners=winners, weights=weights, total=models,
            win_weight=1.0, tie_weight=0.5, tolerance=1e-6, limit=100,
        )
    )
    print(f"evalica's Rust core alone, numbers already in Python lists: {core:.2f} s")

    exact = evalica.bradley_terry(xs, ys, winners, index=index, tolerance=1e-12, limit=100_000)
    theirs = np.log(exact.scores.sort_index().to_numpy())
    ours = np.loadtxt(path.rsplit(".", 1)[0] + ".strengths")
    gap = np.abs((theirs - theirs.mean()) - (ours - ours.mean())).max()
    print(f"largest difference of a strength: {gap:.1e}")


main()
