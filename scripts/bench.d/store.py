# SPDX-License-Identifier: BSD-3-Clause
"""Tables that grow by one line when something is known, and survive being interrupted."""
import os


class Table:
    """A TSV with a header. Every row is flushed to disk; a line cut short by a kill is ignored."""

    def __init__(self, path, columns):
        self.path, self.columns, self.rows = path, columns, []
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not os.path.exists(path):
            with open(path, "w") as file:
                file.write("\t".join(columns) + "\n")
            return
        with open(path) as file:
            text = file.read()
        lines = text.split("\n")
        if lines[0].split("\t") != columns:
            raise SystemExit(f"bench: {path} has other columns than this version writes; "
                             "move it away or choose another --work folder")
        for line in lines[1:-1]:
            fields = line.split("\t")
            if len(fields) == len(columns):
                self.rows.append(dict(zip(columns, fields)))
        if lines[-1]:
            with open(path, "a") as file:
                file.write("\n")

    def add(self, **values):
        row = {name: show(values.get(name)) for name in self.columns}
        with open(self.path, "a") as file:
            file.write("\t".join(row[name] for name in self.columns) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self.rows.append(row)
        return row

    def find(self, **values):
        wanted = {name: show(value) for name, value in values.items()}
        return [row for row in self.rows
                if all(row[name] == value for name, value in wanted.items())]

    def last(self, **values):
        found = self.find(**values)
        return found[-1] if found else None


def show(value):
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value).replace("\t", " ").replace("\n", " ")


def number(text):
    """A field as a number; NaN where it holds none."""
    try:
        return float(text)
    except (TypeError, ValueError):
        return float("nan")
