#!/usr/bin/python3
"""A checkpassword program (docs/helpers.md): one JSON file of {"login": "password"}, for trying things out."""
import json, os, sys

RIGHT_SO_RUN, WRONG, TRY_LATER = 0, 1, 111

try:
    with os.fdopen(3, "rb") as message:                    # login NUL password NUL timestamp NUL
        login, password = message.read(512).split(b"\0")[:2]
    with open(sys.argv[1], encoding="utf-8") as file:
        accounts = json.load(file)
except (OSError, ValueError) as fault:
    print(fault, file=sys.stderr)                          # goes to the gateway's log
    sys.exit(TRY_LATER)

if login.decode() not in accounts or accounts[login.decode()].encode() != password:
    sys.exit(WRONG)

os.execv(sys.argv[2], sys.argv[2:])                        # what the gateway wants run: /bin/true
