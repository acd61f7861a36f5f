#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""schema.py SOCKET SCHEMA <LINES: says each line with `json ` before it, holds what comes back against the schema,
and the commands of `help` against both. TAP on stdout.

A line that begins with ! must be refused, one with ~ ends its session; those print no object."""
import json
import socket
import sys

import jsonschema

END = b"\nvde$ "
count = 0


def point(good, words, why=""):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {words}")
    for line in str(why).splitlines():
        print(f"# {line}")


class Session:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self.events = []
        self.data = b""
        self.reply(END)

    def reply(self, end):
        """What comes up to `end`; events may follow it."""
        while end not in self.data:
            more = self.socket.recv(1 << 20)
            if not more:
                raise SystemExit("the session has ended")
            self.data += more
        text, _, self.data = self.data.partition(end)
        return text.decode()

    def ask(self, line):
        """The verdict and the data of a reply; events on the way are kept."""
        self.socket.sendall(f"json {line}\n".encode())
        if line in ("logout", "shutdown"):
            return self.reply(b" END OF SESSION").split("\n")[-1], []
        lines = [part for part in self.reply(END).split("\n") if part]
        while lines and lines[0].startswith("{"):
            self.events.append(json.loads(lines.pop(0)))
        if lines[0].startswith("0000"):
            return lines[-1], lines[1:-2]
        return lines[-1], lines[:-1]


def wrong(schema, value):
    """What is wrong with it, or nothing."""
    try:
        jsonschema.Draft7Validator(schema).validate(value)
    except jsonschema.ValidationError as e:
        return f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
    return ""


def try_line(session, document, line):
    mark = line[0] if line[0] in "!~" else ""
    line = line.removeprefix(mark)
    command = line.split()[0]
    verdict, data = (Session(sys.argv[1]) if mark == "~" else session).ask(line)
    if mark:
        good = verdict.startswith("9999" if mark == "~" else "1") and not data
        return command, "" if good and verdict != "1000 Success" else f"{verdict} {data}"
    if verdict != "1000 Success" or len(data) != 1:
        return command, f"{verdict}, and {len(data)} lines of data"
    if command not in document["properties"]:
        return command, "the schema does not know it"
    schema = {"definitions": document["definitions"], **document["properties"][command]}
    return command, wrong(schema, json.loads(data[0]))


def has_teeth(document):
    """What lacks a member, or has one too many, or of another type, is found."""
    whole = {"numports": 32, "hub": False, "counters": True}
    schema = {"definitions": document["definitions"], **document["properties"]["port/showinfo"]}
    bad = [{**whole, "more": 1}, {**whole, "numports": "32"}, {"hub": False, "counters": True}]
    return not wrong(schema, whole) and all(wrong(schema, value) for value in bad)


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        document = json.load(file)
    jsonschema.Draft7Validator.check_schema(document)
    point(has_teeth(document), "the schema is one, and finds what is wrong")
    session = Session(sys.argv[1])
    help_text = json.loads(session.ask("help")[1][0])
    known = {row["path"] for row in help_text["commands"] if not row["menu"]}
    tried = set()
    for line in (text.strip() for text in sys.stdin):
        if line and not line.startswith("#"):
            command, why = try_line(session, document, line)
            tried.add(command)
            point(not why, f"json {line}", why)
    point(tried == known, "every command of help was tried", tried ^ known or "")
    point(set(document["properties"]) == known, "and is in the schema", set(document["properties"]) ^ known or "")
    event = {"definitions": document["definitions"], "$ref": "#/definitions/event"}
    why = [text for text in (wrong(event, e) for e in session.events) if text]
    point(session.events and not why, f"so are events: {len(session.events)}", "\n".join(why))
    numbers = [e["seq"] for e in session.events]
    point(numbers == list(range(1, len(numbers) + 1)), "which are numbered")
    print(f"1..{count}")


main()
