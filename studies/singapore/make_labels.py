#!/usr/bin/env python3
"""Writes labels.csv of this example: labels that no person gave. They are MADE UP.

The rule is in README.md, "How the labels are made up". It reads the verdicts of the
simulated judge, needs only Python's standard library, and gives the same file on every
machine:

    oyer run studies/singapore/study.toml
    python3 make_labels.py results/singapore/verdicts.csv            write labels.csv
    python3 make_labels.py results/singapore/verdicts.csv --check    fail if it differs
"""

import csv
import hashlib
import io
import sys
from pathlib import Path

SEED = 7
ITEMS = 90
CRITERION = "overall_winner"
ANNOTATORS = ["annotator-1", "annotator-2", "annotator-3"]
SHARE = 0.75  # how likely an annotator is to label one of the items
SEES = 0.75  # how likely the judge's verdict on an item is the one that people lean to
FOLLOWS = 0.7  # how likely an annotator is to say what people lean to
OUTCOMES = {"win": 0.4, "tie": 0.2, "loss": 0.4}
HERE = Path(__file__).resolve().parent


def draw(*what):
    """A number in [0, 1) that depends on the seed and on what it is drawn for."""
    text = "|".join(str(part) for part in (SEED, *what))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def any_outcome(*what):
    """An outcome by its share."""
    place = draw(*what)
    for outcome, share in OUTCOMES.items():
        place -= share
        if place < 0:
            return outcome
    return outcome


def judged(path):
    """What the judge says of each item over both orders; those without both are left out."""
    points = {"win": 1, "tie": 0, "loss": -1}
    items = {}
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["criterion"] == CRITERION:
                key = (row["persona"], row["question"], row["candidate"], row["opponent"])
                items.setdefault(key, []).append(points.get(row["outcome"]))
    for key, both in items.items():
        if None not in both:
            total = sum(both)
            yield key, "win" if total > 0 else "loss" if total < 0 else "tie"


def labels(items):
    """The text of labels.csv."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = ["persona", "question", "candidate", "opponent", "criterion", "outcome"]
    writer.writerow(columns + ["annotator"])
    chosen = sorted(items, key=lambda item: draw("item", *item[0]))[:ITEMS]
    for key, verdict in sorted(chosen):
        leans = verdict if draw("sees", *key) < SEES else any_outcome("leans", *key)
        first = int(len(ANNOTATORS) * draw("first", *key))
        for number, annotator in enumerate(ANNOTATORS):
            if number != first and draw("labels", *key, annotator) >= SHARE:
                continue
            follows = draw("follows", *key, annotator) < FOLLOWS
            outcome = leans if follows else any_outcome("own", *key, annotator)
            writer.writerow([*key, CRITERION, outcome, annotator])
    return out.getvalue()


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--check"]):
        sys.exit(__doc__)
    text = labels(list(judged(sys.argv[1])))
    path = HERE / "labels.csv"
    if sys.argv[2:] == []:
        path.write_text(text, encoding="utf-8", newline="\n")
    elif path.read_text(encoding="utf-8") != text:
        sys.exit("labels.csv is not what make_labels.py writes")


if __name__ == "__main__":
    main()
