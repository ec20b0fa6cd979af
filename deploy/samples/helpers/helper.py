#!/usr/bin/python3
"""A helper of AuthGateway (docs/helpers.md): one JSON file of {"login@domain": "password"}, for trying things out."""
import json, re, sys

WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|([^ ]+)')          # a quoted word, or one without spaces
accounts = json.load(open(sys.argv[1], encoding="utf-8"))  # read once; to have it read again, touch this file and reload the gateway


def answer(command, *words):
    if command == "INTF":
        return "INTF 1"
    if command != "VRFY":
        return "FAILURE unknown command"
    _service, name, password = words
    if name not in accounts:
        return "ERROR unknown user"
    return "OK" if accounts[name] == password else "ERROR wrong password"


for line in sys.stdin.buffer:                              # ends when the gateway closes its end, and so do we
    number, rest = line.decode("utf-8").rstrip("\n").split(" ", 1)
    found = [re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for quoted, plain in WORD.findall(rest)]
    print(number, answer(*found), flush=True)
