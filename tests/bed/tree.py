"""The directory's entries as LDIF: `tree.py people` for slapadd, `tree.py groups` for ldapadd."""

import base64
import hashlib
import sys

BASE = "dc=bed,dc=test"
NAMED = ["alice", "bob", "carol", "dave", "erin", "frank", "grace"]
LOCKABLE = [f"lock{n}" for n in range(1, 10)]  # for tests with wrong passwords, which would lock the others' users
LOAD = [f"u{n:04}" for n in range(1, 2001)]

GROUPS = {
    "mailusers": ["alice", "bob", "carol", "grace"] + LOCKABLE + LOAD,
    "webusers": ["alice", "bob"],
    "helpdesk": ["dave"],
    "admins": ["erin"],
}


def hashed(password):
    """Salted SHA-1: not for keeping secrets, but binds in load tests must cost the directory little."""
    salt = hashlib.sha256(password.encode()).digest()[:8]
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()


def entry(name, classes, **values):
    # All objectClass lines together: slapadd otherwise finds no structural class.
    lines = [f"dn: {name}"] + [f"objectClass: {each}" for each in classes]
    for key, value in values.items():
        lines += [f"{key}: {each}" for each in (value if isinstance(value, list) else [value])]
    print("\n".join(lines) + "\n")


def person(number, name, password):
    entry(
        f"uid={name},ou=people,{BASE}", ["inetOrgPerson", "posixAccount"],
        uid=name, cn=f"{name.capitalize()} Example", sn="Example", givenName=name.capitalize(), mail=f"{name}@bed.test",
        uidNumber=str(10000 + number), gidNumber="10000", homeDirectory=f"/home/{name}", userPassword=hashed(password),
    )


def people():
    entry(BASE, ["dcObject", "organization"], dc="bed", o="Bed")
    for unit in ["people", "groups", "services", "policies"]:
        entry(f"ou={unit},{BASE}", ["organizationalUnit"], ou=unit)
    # Ten failures lock for two minutes: the gateway's own limit of five must act first.
    entry(
        f"cn=default,ou=policies,{BASE}", ["device", "pwdPolicy"], cn="default", pwdAttribute="userPassword",
        pwdLockout="TRUE", pwdMaxFailure="10", pwdLockoutDuration="120", pwdFailureCountInterval="300",
    )
    entry(
        f"cn=gateway,ou=services,{BASE}", ["applicationProcess", "simpleSecurityObject"], cn="gateway",
        userPassword=hashed("gatewaypw"),
    )
    users = [(name, f"{name}-pw") for name in NAMED + LOCKABLE] + [(name, "load-pw") for name in LOAD]
    for number, (name, password) in enumerate(users):
        person(number, name, password)


def groups():
    for name, members in GROUPS.items():
        entry(
            f"cn={name},ou=groups,{BASE}", ["groupOfNames"], cn=name,
            member=[f"uid={member},ou=people,{BASE}" for member in members],
        )


{"people": people, "groups": groups}[sys.argv[1]]()
