"""The numbers of `oyer survey`, computed anew by the shortest way that pandas has.

    python oracle.py MICRODATA CODEBOOK.csv CONFIG.toml [MODEL=ANSWERS.csv ...]

prints as JSON what subgroups there are, what each answers, how far they differ, and how
models score whose answers stand in files with `persona,question,code` (no code: refused).
It reads the files that oyer reads and shares no code with it. It knows of the
configuration what the tests use, and trusts its input.
"""

import io
import json
import math
import sys
import tomllib
from itertools import combinations

import numpy
import pandas

BLANK = {"", ".", "NA", "N/A", "NaN", "nan", "NULL"}


def table(path):
    text = open(path, encoding="utf-8-sig", newline="").read()
    # The labels of a header may hold commas, and so may decimals, but not as many.
    row = text.splitlines()[1]
    separator = max(",;\t", key=row.count)
    frame = pandas.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False)
    frame.columns = [name.split(":")[0].strip() for name in frame.columns]
    return frame


def numbers(cells):
    """The cells as numbers, NaN where they are none."""
    text = cells.str.strip().str.replace(",", ".", regex=False)
    return pandas.to_numeric(text.where(~text.isin(BLANK)), errors="coerce")


def missing(code, config):
    rule = config.get("questions", {}).get("missing", ["negative"])
    return any(code < 0 if word == "negative" else code == int(word) for word in rule)


# Respondents.


def respondents(frame, config):
    rule = config.get("respondents", {})
    for column, wanted in rule.get("keep", {}).items():
        wanted = [word.strip() for word in wanted.split("|")]
        cells = frame[column].str.strip()
        as_number = numbers(frame[column])
        kept = cells.isin(wanted)
        for word in wanted:
            if word.lstrip("-").isdigit():
                kept |= as_number == int(word)
        frame = frame[kept]
    if "id" in rule:
        ids = frame[rule["id"]].str.strip()
        frame = frame[(ids == "") | ~ids.duplicated()]
    if "weight" in rule:
        weight = numbers(frame[rule["weight"]])
        frame = frame[weight > 0]
        weight = weight[weight > 0]
    else:
        weight = pandas.Series(1.0, index=frame.index)
    return frame, weight


def labels(codebook, variable):
    rows = codebook[(codebook["variable"] == variable) & (codebook["code"] != "")]
    return {int(code): label for code, label in zip(rows["code"], rows["label"])}


def levels(frame, codebook, config, name):
    """The levels in order, and that of each respondent."""
    rule = config["dimensions"][name]
    codes = numbers(frame[rule["column"]])
    drop = set(rule.get("drop", []))
    if "bands" in rule:
        order = list(rule["bands"].values())
        found = pandas.Series(None, index=frame.index, dtype=object)
        for band, level in rule["bands"].items():
            low, high = (band[:-1], "inf") if band.endswith("+") else band.split("-")
            found[(codes >= float(low)) & (numpy.floor(codes) <= float(high))] = level
    else:
        known = {int(code): level for code, level in rule.get("levels", {}).items()}
        if not known:
            known = labels(codebook, rule["column"])
            known = {code: label for code, label in known.items() if not missing(code, config)}
        known = {c: level for c, level in known.items() if not drop & {str(c), level}}
        order = list(dict.fromkeys(known.values()))
        found = codes.map(known)
    return [level for level in order if level not in drop], found


def subgroups(frame, weight, codebook, config):
    """Every subgroup with a respondent: its id, stratum, split, levels and people."""
    dimensions = {name: levels(frame, codebook, config, name) for name in config["dimensions"]}
    short = {name: rule.get("short", name) for name, rule in config["dimensions"].items()}
    found = []
    for split in ["id", "ood"]:
        for names in config["strata"].get(split, []):
            stratum = names[0] if len(names) == 1 else "_x_".join(short[n] for n in names)
            cells = pandas.DataFrame({name: dimensions[name][1] for name in names})
            for key, people in cells.dropna().groupby(names, sort=False).groups.items():
                key = key if isinstance(key, tuple) else (key,)
                parts = [stratum, *key]
                found.append(
                    {
                        "id": "-".join("_".join(parts).split(" ")),
                        "stratum": stratum,
                        "split": split,
                        "levels": dict(zip(names, key)),
                        "people": people,
                        "respondents": len(people),
                        "weight": float(weight[people].sum()),
                    }
                )
    return found


# Questions.


def questions(frame, codebook, config):
    """The questions with their scales and the respondents' codes on them."""
    rule = config.get("questions", {})
    order = list(dict.fromkeys(codebook["variable"]))

    def named(words):
        chosen = []
        for word in words:
            if word in order:
                chosen.append(word)
            else:
                first, last = word.split("-")
                chosen += order[order.index(first) : order.index(last) + 1]
        return chosen

    roles = codebook[codebook["role"] == "question"]["variable"]
    wanted = named(rule.get("use", [])) or list(dict.fromkeys(roles))
    dropped = named(rule.get("drop", []))
    found = {}
    for name in order:
        if name not in wanted or name in dropped or name not in frame.columns:
            continue
        scale = config.get("scales", {}).get(name, {})
        becomes = {int(a): int(b) for a, b in scale.get("remap", {}).items()}
        codes = [int(code) for code in scale.get("order", [])]
        becomes |= dict(zip(codes, sorted(codes)))
        becomes |= {int(code): None for code in scale.get("drop", [])}
        if "range" in scale:
            low, high = scale["range"].split("-")
            options = list(range(int(low), int(high) + 1))
        else:
            raw = [code for code in labels(codebook, name) if not missing(code, config)]
            options = sorted({becomes.get(code, code) for code in raw} - {None})
        rows = codebook[codebook["variable"] == name]
        nominal = scale.get("nominal", (rows["scale"] == "nominal").any())

        def answer(code):
            if math.isnan(code):
                return None
            if code not in becomes and missing(code, config):
                return None
            code = becomes.get(code, code)
            return code if code in options else None

        topics = [topic for topic in rows["topic"] if topic]
        found[name] = {
            "topic": topics[0] if topics else None,
            "options": options,
            "ordered": not nominal,
            "answers": numbers(frame[name]).map(answer),
        }
    return {name: q for name, q in found.items() if q["answers"].notna().any()}


# Items.


def items(groups, asked, weight, config):
    """What each subgroup with enough respondents answers to each question."""
    rule = config.get("questions", {})
    weighted = "weight" in config.get("respondents", {})
    found = []
    for name, question in asked.items():
        for group in groups:
            answers = question["answers"][group["people"]].dropna()
            n = len(answers)
            if n < max(1, rule.get("minimum", 1)):
                continue
            w = weight[answers.index]
            sums = w.groupby(answers.astype(int)).sum().reindex(question["options"], fill_value=0.0)
            if sums.sum() <= 0:
                continue
            modes = [int(c) for c in sums.index[numpy.isclose(sums, sums.max(), rtol=1e-9, atol=0)]]
            if len(modes) > 1 and rule.get("ties") == "drop":
                continue
            shares = sums / sums.sum()
            found.append(
                {
                    "persona": group["id"],
                    "question": name,
                    "code": modes[0],
                    "modes": modes,
                    "share": float(shares[modes[0]]),
                    "n": n,
                    "effective_n": float(w.sum() ** 2 / (w**2).sum()) if weighted else n,
                    "distribution": [float(share) for share in shares],
                }
            )
    return found


def wasserstein(p, q, question):
    p, q = numpy.array(p), numpy.array(q)
    if not question["ordered"]:
        return float(abs(p - q).sum() / 2)
    options = numpy.array(question["options"])
    steps = numpy.diff(options)
    apart = abs(numpy.cumsum(p - q))[:-1]
    return float((apart * steps).sum() / (options[-1] - options[0]))


def diversity(groups, found, asked):
    stratum_of = {group["id"]: group["stratum"] for group in groups}
    rows = []
    frame = pandas.DataFrame(found)
    for (name, stratum), within in frame.groupby(["question", frame["persona"].map(stratum_of)]):
        question = asked[name]
        shares = within["code"].value_counts(normalize=True)
        most = min(len(within), len(question["options"]))
        pairs = list(combinations(within["distribution"], 2))
        rows.append(
            {
                "question": name,
                "topic": question["topic"],
                "stratum": stratum,
                "subgroups": len(within),
                "modes": len(shares),
                "modal_diversity": None
                if most < 2
                else float(-(shares * numpy.log2(shares)).sum() / math.log2(most)),
                "wasserstein": None
                if not pairs
                else float(numpy.mean([wasserstein(a, b, question) for a, b in pairs])),
            }
        )
    return rows


def topics(rows):
    frame = pandas.DataFrame(rows)
    found = []
    for topic, of_topic in [("all", frame), *frame.groupby("topic")]:
        for stratum, within in [("all", of_topic), *of_topic.groupby("stratum")]:
            means = within[["modal_diversity", "wasserstein"]].astype(float).mean()
            found.append(
                {
                    "topic": topic,
                    "stratum": stratum,
                    "questions": within["question"].nunique(),
                    "modal_diversity": None if means.isna().iloc[0] else float(means.iloc[0]),
                    "wasserstein": None if means.isna().iloc[1] else float(means.iloc[1]),
                }
            )
    return found


# Scores.


def metrics(answers, found, groups, asked):
    """Each metric of a model's answer to each item; refused answers count not at all."""
    frame = pandas.DataFrame(found).set_index(["persona", "question"])
    frame = frame.join(answers.set_index(["persona", "question"])["given"]).reset_index()

    def one(row):
        question = asked[row["question"]]
        if math.isnan(row["given"]):
            return pandas.Series(
                {"accuracy": None, "soft_accuracy": None, "nmae": None, "wasserstein": None}
            )
        given = int(row["given"])
        options = question["options"]
        if question["ordered"]:
            error = abs(given - row["code"]) / (options[-1] - options[0])
        else:
            error = float(given != row["code"])
        certain = [float(code == given) for code in options]
        return pandas.Series(
            {
                "accuracy": float(given == row["code"]),
                "soft_accuracy": float(given in row["modes"]),
                "nmae": error,
                "wasserstein": wasserstein(certain, row["distribution"], question),
            }
        )

    found = frame.apply(one, axis=1).astype(float)
    found["refusal_rate"] = frame["given"].isna().astype(float)
    by_id = {group["id"]: group for group in groups}
    found["question"] = frame["question"]
    found["split"] = frame["persona"].map(lambda id: by_id[id]["split"])
    found["persona"] = frame["persona"]
    for name in sorted({name for group in groups for name in group["levels"]}):
        found[f"group.{name}"] = frame["persona"].map(lambda id: by_id[id]["levels"].get(name))
    return found


METRICS = ["accuracy", "soft_accuracy", "nmae", "wasserstein", "refusal_rate"]


def scores(items):
    """Means over all items, and over those of each split, subgroup and level."""
    breakdowns = [name for name in items.columns if name in ("split", "persona") or name.startswith("group.")]
    rows = [("all", None, items)]
    for breakdown in breakdowns:
        rows += [(breakdown, key, within) for key, within in items.groupby(breakdown)]
    return [
        {"breakdown": breakdown, "level": level, "items": len(within), **within[METRICS].mean()}
        for breakdown, level, within in rows
    ]


def fairness(items):
    """How far the means of groups with answers to three questions or more are apart."""
    items = items.assign(one_minus_nmae=1 - items["nmae"])
    breakdowns = [name for name in items.columns if name == "persona" or name.startswith("group.")]
    found = []
    for split, of_split in [(None, items), *items.groupby("split")]:
        for breakdown in breakdowns:
            for metric in ["accuracy", "nmae", "one_minus_nmae", "wasserstein"]:
                groups = of_split.dropna(subset=[metric]).groupby(breakdown)
                means = groups[metric].mean()[groups["question"].nunique() >= 3]
                if len(means) < 2 or means.max() <= 0:
                    continue
                sigma = means.std(ddof=0)
                found.append(
                    {
                        "split": split,
                        "breakdown": breakdown,
                        "metric": metric,
                        "compared": len(means),
                        "mean": means.mean(),
                        "normalised_range": (means.max() - means.min()) / means.max(),
                        "variation": sigma / means.mean(),
                        "range": means.max() - means.min(),
                        "deviation": sigma,
                    }
                )
    return found


def main(microdata, codebook, config, *models):
    config = tomllib.load(open(config, "rb"))
    codebook = table(codebook)
    # Every row of a variable has its role, topic and kind of scale.
    for column in ["role", "topic", "scale"]:
        if column not in codebook.columns:
            codebook[column] = ""
        known = codebook[codebook[column] != ""].groupby("variable")[column].first()
        codebook[column] = codebook["variable"].map(known).fillna("")
    frame, weight = respondents(table(microdata), config)
    groups = subgroups(frame, weight, codebook, config)
    minimum = config.get("subgroups", {}).get("minimum", 30)
    included = [group for group in groups if group["respondents"] >= minimum]
    asked = questions(frame, codebook, config)
    found = items(included, asked, weight, config)
    rows = diversity(included, found, asked)
    scored = {}
    for model in models:
        name, path = model.split("=", 1)
        answers = table(path)
        answers["given"] = numbers(answers["code"])
        of_items = metrics(answers, found, included, asked)
        scored[name] = {"scores": scores(of_items), "fairness": fairness(of_items)}
    result = {
        "respondents": len(frame),
        "weight": float(weight.sum()),
        "effective_respondents": float(weight.sum() ** 2 / (weight**2).sum()),
        "subgroups": [
            {key: group[key] for key in ["id", "stratum", "split", "levels", "respondents", "weight"]}
            | {"included": group["respondents"] >= minimum}
            for group in groups
        ],
        "items": found,
        "diversity": rows,
        "topics": topics(rows),
        "models": scored,
    }
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
