"""Checks a report page: PAGE PREFIX, PREFIX being that of the tables of the same result.

It is well-formed, asks for nothing from elsewhere, every element that needs a text alternative has
one, and its exact numbers are those of the tables and the JSON.
"""
import csv
import html.parser
import json
import re
import sys
import xml.etree.ElementTree as tree

page, prefix = sys.argv[1:3]
text = open(page, encoding="utf-8").read()
space = "{http://www.w3.org/1999/xhtml}"
root = tree.fromstring(text.split("\n", 1)[1])
summary = json.load(open(prefix + ".json"))


class Html(html.parser.HTMLParser):
    """Every tag that is opened is closed, as a parser for HTML sees it too."""

    def __init__(self):
        super().__init__()
        self.open, self.ids = [], []

    def handle_starttag(self, tag, attrs):
        self.note(attrs)
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.note(attrs)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def note(self, attrs):
        for name, value in attrs:
            assert name not in ("src", "href", "srcset", "data", "action", "onload"), name
            if name == "id":
                self.ids.append(value)


seen = Html()
seen.feed(text)
assert seen.open == [], seen.open
assert len(seen.ids) == len(set(seen.ids)), "an id occurs twice"
assert text.startswith("<!DOCTYPE html>")
for word in ("<script", "<link", "<img", "url(", "@import", "@font-face"):
    assert word not in text, word
assert re.findall(r"[a-z]+://[^\"]*", text) == ["http://www.w3.org/1999/xhtml"]


def find(name, at=root):
    return at.iter(space + name)


def words(element):
    return "".join(element.itertext())


for picture in find("svg"):
    if picture.get("aria-hidden") == "true":
        continue
    assert picture.get("role") == "img"
    label = picture.get("aria-label")
    if label is None:
        for name in picture.get("aria-labelledby").split():
            assert words(next(e for e in picture.iter() if e.get("id") == name)).strip()
for table in find("table"):
    assert words(next(find("caption", table)))
    assert all(head.get("scope") in ("col", "row") for head in find("th", table))


def table_named(start):
    return [t for t in find("table") if words(next(find("caption", t))).startswith(start)]


def values(row):
    return [float(e.get("value")) for e in find("data", row)]


def near(shown, exact):
    return abs(shown - exact) <= 1e-15 * abs(exact)


with open(prefix + ".features.tsv", encoding="utf-8") as file:
    features = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
rows = [r for t in table_named("Features of the chosen") for b in find("tbody", t) for r in find("tr", b)]
assert len(rows) == min(len(features), 100), (len(rows), len(features))
for row, feature in zip(rows, features):
    name = words(next(find("bdi", row)))
    assert name == feature["feature"] or (len(feature["feature"]) > 48 and ".." in name), name
    effect, coefficient = values(row)[:2]
    assert near(effect, float(feature["standardized_coefficient"])), feature
    assert near(coefficient, float(feature["coefficient"])), feature
    bar = next(e for e in row.iter() if e.tag.endswith("svg"))
    assert bar.get("aria-label").startswith("positive" if coefficient > 0 else "negative")
assert ("strongest 100 of %d are shown" % len(features) in text) == (len(features) > 100)

path = next(p for p in summary["paths"] if p["l1_ratio"] == summary["l1_ratio"])
for table in table_named("What each rule"):
    for row in find("tr", next(find("tbody", table))):
        rule = words(next(find("th", row))).replace(" (chosen)", "")
        key = {"minimum": "min", "1 se": "1se", "BIC": "bic", "extended BIC": "ebic"}[rule]
        shown = values(row)
        if len(summary["paths"]) > 1:
            ratio = shown.pop(0)
            at = next(p for p in summary["paths"] if p["l1_ratio"] == ratio)
        else:
            at = path
        index = at["index_" + key]
        assert near(shown[0], at["alphas"][index]) and shown[1] == at["nnz"][index]
        if at["cv_mean"]:
            assert near(shown[2], at["cv_mean"][index]) and near(shown[3], at["cv_se"][index])
for table in table_named("From all zero"):
    for row in find("tr", next(find("tbody", table))):
        shown = values(row)
        a = next(i for i, alpha in enumerate(path["alphas"]) if near(shown[0], alpha))
        training = "training_mse" if "training_mse" in path else "training_deviance"
        columns = ["nnz", "shrinkage", training] + ["cv_mean"] * bool(path["cv_mean"])
        for number, column in zip(shown[1:], columns):
            assert near(number, path[column][a]), (column, a, number)
assert ("Not certified." in text) == (summary["status"] != "certified")
for note in summary["notes"]:
    assert note in words(root), note
