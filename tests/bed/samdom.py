"""Fills the Active Directory of the bed: `samdom.py SMB.CONF SAM.LDB`, once, while the controller does not run."""

import sys

import ldb
from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

BASE = "DC=samdom,DC=test"
PASSWORD = "Us3rPassw0rd!"
LONG_AGO = "130000000000000000"  # December 2012
NEVER = "-9223372036854775808"

load = LoadParm()
load.load(sys.argv[1])
sam = SamDB(url=sys.argv[2], session_info=system_session(), lp=load)


def change(dn, **values):
    message = ldb.Message(ldb.Dn(sam, dn))
    for name, value in values.items():
        name = name.replace("_", "-")
        message[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
    sam.modify(message)


def person(name, mail=None, **values):
    sam.newuser(
        name, PASSWORD, userou="OU=People", givenname=name.capitalize(), surname="Example", useusernameascn=True,
        mailaddress=mail or f"{name}@bed.test",
    )
    dn = f"CN={name},OU=People,{BASE}"
    if values:
        change(dn, **values)
    return dn


def group(name, members):
    sam.newgroup(name, groupou="OU=Groups")
    if members:
        change(f"CN={name},OU=Groups,{BASE}", member=members)
    return f"CN={name},OU=Groups,{BASE}"


def policy(name, precedence, dn, **values):
    """A password settings object for one user."""
    settings = {
        "msDS-PasswordReversibleEncryptionEnabled": "FALSE", "msDS-PasswordHistoryLength": "3", "msDS-PasswordComplexityEnabled": "TRUE",
        "msDS-MinimumPasswordLength": "12", "msDS-MinimumPasswordAge": "0", "msDS-MaximumPasswordAge": NEVER,
        "msDS-LockoutThreshold": "4", "msDS-LockoutObservationWindow": "-18000000000", "msDS-LockoutDuration": "-18000000000",
    }
    settings.update({f"msDS-{key}": value for key, value in values.items()})
    sam.add({
        "dn": f"CN={name},CN=Password Settings Container,CN=System,{BASE}", "objectClass": "msDS-PasswordSettings",
        "msDS-PasswordSettingsPrecedence": str(precedence), "msDS-PSOAppliesTo": dn, **settings,
    })


# Four wrong passwords lock until somebody unlocks: one below the gateway's five, so that tests can see it.
change(
    BASE, lockoutThreshold="4", lockoutDuration=NEVER, lockOutObservationWindow="-18000000000", minPwdAge="0", maxPwdAge=NEVER, minPwdLength="12",
    pwdHistoryLength="3",
)
for unit in ["People", "Groups"]:
    sam.create_ou(f"OU={unit},{BASE}")

sam.newuser("svc-gateway", "Gateway-pw1!", description="searches for the gateway")
# Whose keys stand for the gateway's host in this realm.
sam.newuser("svc-web", "Gateway-pw1!", description="accounts for the tickets of auth.bed.test")
change(f"CN=svc-web,CN=Users,{BASE}", servicePrincipalName="HTTP/auth.bed.test", msDS_SupportedEncryptionTypes="24")
alice = person("alice")
person("bob")
# Whose user principal name and mail are not made of his account name.
anna = person("anna", mail="anna.ames@example.test", userPrincipalName="a.ames@corp.test", displayName="Anna Ames", telephoneNumber="+49 30 1234")
umlaut = person("jörg")

person("mustchange", pwdLastSet="0")
person("gone", accountExpires=LONG_AGO)
person("disabled", userAccountControl="514")
person("locked")
person("hours", logonHours=bytes(21))
person("desk", userWorkstations="ONLYHERE")
stale = person("stale")
young = person("young")
for number in range(1, 7):
    person(f"change{number}", pwdLastSet="0")
    person(f"lock{number}")

policy("bed-stale", 10, stale, **{"MaximumPasswordAge": "-2592000000000"})
policy("bed-young", 11, young, **{"MinimumPasswordAge": "-864000000000"})

inner = group("inner", [alice])
middle = group("middle", [inner])
outer = group("outer", [middle, anna])
# A ring, and a tower of more floors than anybody should climb.
ring = group("ring", [outer])
change(f"CN=outer,OU=Groups,{BASE}", member=[middle, anna, ring])

bob_group = group("bobs", [f"CN=bob,OU=People,{BASE}"])
tower = group("tower", [])
change(f"CN=tower,OU=Groups,{BASE}", member=[bob_group])
token = int(sam.search(bob_group, ldb.SCOPE_BASE, attrs=["primaryGroupToken"])[0]["primaryGroupToken"][0])
change(f"CN=bob,OU=People,{BASE}", primaryGroupID=str(token))

# No way leads a password's age into the past but the partition's own file.
del sam
raw = ldb.Ldb(url=f"{sys.argv[2]}.d/{BASE.upper()}.ldb")
message = ldb.Message(ldb.Dn(raw, stale))
message["pwdLastSet"] = ldb.MessageElement(LONG_AGO, ldb.FLAG_MOD_REPLACE, "pwdLastSet")
raw.modify(message)
