#!/usr/bin/env python3
"""Writes truth.csv of this example study. Every value in it is MADE UP.

The rule is in README.md, "How the truth is made up". It needs only Python's
standard library and gives the same file on every machine:

    python3 make_truth.py            write truth.csv
    python3 make_truth.py --check    fail if truth.csv is not what it would write
"""

import csv
import hashlib
import io
import sys
from pathlib import Path

SEED = 7
CENTRE = 0.25  # how far a question's centre may lie from the middle
EFFECT = 0.15  # how far one level may move it on one topic
SPREAD = 0.35  # how far a respondent may stray from the persona's position
DIMENSIONS = ["sex", "age_group", "ethnicity", "religion"]
HERE = Path(__file__).resolve().parent


def draw(*what):
    """A number in [0, 1) that depends on the seed and on what it is drawn for."""
    text = "|".join(str(part) for part in (SEED, *what))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def between(reach, *what):
    """A number in [-reach, reach)."""
    return reach * (2 * draw(*what) - 1)


def position(persona, question):
    """Where the persona's group stands on the question; 0 and 1 are the ends."""
    effects = (
        between(EFFECT, "effect", question["topic"], dimension, persona[dimension])
        for dimension in DIMENSIONS
    )
    return 0.5 + between(CENTRE, "centre", question["id"]) + sum(effects)


def respondents(persona):
    """How many made-up people stand behind the persona: 30 to 149."""
    return 30 + int(120 * draw("respondents", persona["id"]))


def answer(persona, question, number, stances):
    """The stance, from 0, that one made-up respondent takes."""
    what = (persona["id"], question["id"], number)
    stray = SPREAD * (draw("one", *what) + draw("two", *what) - 1)
    place = int((position(persona, question) + stray) * stances)
    return min(max(place, 0), stances - 1)


def truth(persona, question, stances):
    """The row of one item: the most frequent stance; of equals the first."""
    people = respondents(persona)
    counts = [0] * len(stances)
    for number in range(people):
        counts[answer(persona, question, number, len(stances))] += 1
    mode = counts.index(max(counts))
    return {
        "persona": persona["id"],
        "question": question["id"],
        "value": stances[mode]["value"],
        "code": stances[mode]["code"],
        "share": f"{counts[mode] / people:.3f}",
        "n": people,
    }


def rows(name):
    with open(HERE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table():
    """The text of truth.csv."""
    stances = {}
    for stance in rows("stances.csv"):
        stances.setdefault(stance["question"], []).append(stance)
    questions = rows("questions.csv")
    out = io.StringIO()
    columns = ["persona", "question", "value", "code", "share", "n"]
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    for persona in rows("personas.csv"):
        for question in questions:
            writer.writerow(truth(persona, question, stances[question["id"]]))
    return out.getvalue()


def main():
    path = HERE / "truth.csv"
    text = table()
    if sys.argv[1:] == ["--check"]:
        if path.read_text(encoding="utf-8") != text:
            sys.exit("truth.csv is not what make_truth.py writes")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
