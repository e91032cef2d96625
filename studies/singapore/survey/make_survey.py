#!/usr/bin/env python3
"""Writes microdata.csv and codebook.csv of this example. Every answer is MADE UP.

The model is in ../README.md, "How the survey is made up". It needs only Python's
standard library and gives the same files on every machine:

    python3 make_survey.py            write both files
    python3 make_survey.py --check    fail if they are not what it would write
"""

import csv
import hashlib
import io
import sys
from pathlib import Path

SEED = 7
RESPONDENTS = 2012
CENTRE = 0.3  # how far a question's centre may lie from the middle
EFFECT = 0.1  # how far one level may move it on one topic
SPREAD = 0.38  # how far a respondent may stray from the position of their levels
HERE = Path(__file__).resolve().parent

SEX = {1: "Male", 2: "Female"}
AGE = {
    1: "16-24 years",
    2: "25-34 years",
    3: "35-44 years",
    4: "45-54 years",
    5: "55-64 years",
    6: "65 and over",
}
ETHNICITY = {
    702001: "SG: Caucasian",
    702003: "SG: Indian",
    702004: "SG: Chinese",
    702006: "SG: Malay",
    702008: "SG: Eurasian",
}
RELIGION = {
    0: "No religion",
    1: "Roman Catholic",
    2: "Protestant",
    3: "Orthodox",
    5: "Muslim",
    6: "Hindu",
    7: "Buddhist",
    9: "Other",
}
# Shares in a thousand.
SEX_SHARES = {1: 480, 2: 520}
AGE_SHARES = {1: 80, 2: 180, 3: 190, 4: 190, 5: 180, 6: 180}
ETHNICITY_SHARES = {702004: 735, 702006: 140, 702003: 105, 702001: 10, 702008: 10}
RELIGION_SHARES = {
    702001: {0: 500, 1: 250, 2: 250},
    702003: {6: 600, 5: 230, 1: 80, 2: 50, 9: 40},
    702004: {7: 420, 0: 280, 2: 150, 1: 80, 9: 65, 3: 5},
    702006: {5: 985, 0: 15},
    702008: {1: 700, 2: 200, 0: 100},
}
# Who is met less often than there are, and so has a larger weight.
MET = {1: 0.7, 2: 0.9, 3: 1.0, 4: 1.05, 5: 1.1, 6: 1.15}
MISSING = {-1: "Do not know", -2: "No answer", -4: "Not asked", -5: "Missing"}
HEADER = ["D_INTERVIEW", "B_COUNTRY", "B_COUNTRY_ALPHA", "W_WEIGHT", "Q260", "Q262", "X003R", "Q289", "Q290"]

# Questions without an open-ended form: text, topic, lowest and highest code, labels
# of some codes.
FURTHER = [
    ("How content are you with your life as a whole, from 1 to 10?", "happiness", 1, 10,
     {1: "Not content at all", 10: "Entirely content"}),
    ("How much say do you have in how your life goes, from 1 to 10?", "happiness", 1, 10,
     {1: "None", 10: "A great deal"}),
    ("Are you a member of a sports or hobby club?", "social values", 0, 2,
     {0: "Not a member", 1: "A member in name", 2: "An active member"}),
    ("Would you lend a neighbour your spare key?", "trust", 1, 2, {1: "Yes", 2: "No"}),
    ("How often do you read about science, from 1 to 5?", "science", 1, 5,
     {1: "Every day", 2: "Every week", 3: "Every month", 4: "More seldom", 5: "Never"}),
    ("How right is it to keep money that one has found, from 1 to 10?", "ethics", 1, 10,
     {1: "Never right", 10: "Always right"}),
    ("How much should newcomers take on the ways of the place? 0 is for those who say "
     "that it depends.", "migration", 1, 3,
     {0: "It depends", 1: "Altogether", 2: "In public life", 3: "As they like"}),
    ("Which of these would you want the government to look after first?", "government", 1, 4,
     {1: "Prices", 2: "Homes", 3: "Safety", 4: "Nature"}),
]


def draw(*what):
    """A number in [0, 1) that depends on the seed and on what it is drawn for."""
    text = "|".join(str(part) for part in (SEED, *what))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48


def between(reach, *what):
    """A number in [-reach, reach)."""
    return reach * (2 * draw(*what) - 1)


def pick(shares, *what):
    """One of the codes, each with its share."""
    place = draw(*what) * sum(shares.values())
    for code, share in shares.items():
        place -= share
        if place < 0:
            return code
    return code


def person(number):
    """Who the respondent of this number is."""
    ethnicity = pick(ETHNICITY_SHARES, "ethnicity", number)
    age = pick({band: AGE_SHARES[band] * MET[band] for band in AGE}, "age", number)
    low, high = {1: (21, 24), 6: (65, 88)}.get(age, (5 + 10 * age, 14 + 10 * age))
    return {
        "sex": pick(SEX_SHARES, "sex", number),
        "years": low + int((high - low + 1) * draw("years", number)),
        "age": age,
        "ethnicity": ethnicity,
        "religion": pick(RELIGION_SHARES[ethnicity], "religion", number),
    }


def position(who, question):
    """Where somebody of these levels stands on average; 0 and 1 are the ends."""
    effects = (
        between(EFFECT, "effect", question["topic"], dimension, who[dimension])
        for dimension in ("sex", "age", "ethnicity", "religion")
    )
    return 0.5 + between(CENTRE, "centre", question["id"]) + sum(effects)


def answer(number, who, question):
    """The code that a respondent gives."""
    name = question["id"]
    silent = draw("silent", number, name)
    if silent < 0.03:
        return -1 if silent < 0.02 else -2
    if question["out"] is not None and draw("out", number, name) < 0.04:
        return question["out"]
    stray = SPREAD * (draw("one", number, name) + draw("two", number, name) - 1)
    count = question["high"] - question["low"] + 1
    place = int((position(who, question) + stray) * count)
    return question["low"] + min(max(place, 0), count - 1)


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def questions():
    """The questions: those behind the open-ended ones, then the further ones."""
    stances = {}
    for stance in rows(HERE / "stances.csv"):
        stances.setdefault(stance["question"], {})[int(stance["code"])] = stance["value"]
    for open_ended in rows(HERE.parent / "questions.csv"):
        labels = stances[open_ended["id"]]
        yield {
            "id": open_ended["structured"],
            "text": "Which of these comes nearest to what you think? " + open_ended["text"],
            "topic": open_ended["topic"],
            "low": min(labels),
            "high": max(labels),
            "labels": labels,
            "out": None,
            "scale": "",
        }
    for number, (text, topic, low, high, labels) in enumerate(FURTHER):
        yield {
            "id": f"Q{101 + number}",
            "text": text,
            "topic": topic,
            "low": low,
            "high": high,
            "labels": labels,
            "out": 0 if 0 in labels and low == 1 else None,
            "scale": "nominal" if topic == "government" else "",
        }


def microdata(asked):
    """The text of microdata.csv: a country file, with semicolons."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(HEADER + [question["id"] for question in asked])
    for number in range(1, RESPONDENTS + 1):
        who = person(number)
        weight = (0.9 + 0.2 * draw("weight", number)) / MET[who["age"]]
        writer.writerow(
            [f"70207{number:04}", 702, "SGP", f"{weight:.4f}", who["sex"], who["years"]]
            + [who["age"], who["religion"], who["ethnicity"]]
            + [answer(number, who, question) for question in asked]
        )
    return out.getvalue()


def codebook(asked):
    """The text of codebook.csv."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["variable", "role", "topic", "text", "scale", "code", "label"])
    dimensions = [("Q260", "Sex", SEX), ("X003R", "Age", AGE), ("Q289", "Religion", RELIGION)]
    dimensions.append(("Q290", "Ethnic group", ETHNICITY))
    for name, text, levels in dimensions:
        first = ["respondent", "", text, ""]
        for code, label in {**levels, **MISSING}.items():
            writer.writerow([name, *first, code, label])
            first = [""] * 4
    for question in asked:
        first = ["question", question["topic"], question["text"], question["scale"]]
        codes = set(question["labels"]) | set(range(question["low"], question["high"] + 1))
        for code in sorted(codes):
            writer.writerow([question["id"], *first, code, question["labels"].get(code, "")])
            first = [""] * 4
        for code, label in MISSING.items():
            writer.writerow([question["id"], *first, code, label])
    return out.getvalue()


def main():
    asked = list(questions())
    files = {"microdata.csv": microdata(asked), "codebook.csv": codebook(asked)}
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    for name, text in files.items():
        path = HERE / name
        if sys.argv[1:] == []:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif path.read_text(encoding="utf-8") != text:
            sys.exit(f"{name} is not what make_survey.py writes")


if __name__ == "__main__":
    main()
