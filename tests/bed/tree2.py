"""The second directory's entries as LDIF for slapadd, which takes the states of the password policy as they are."""

import base64
import hashlib

BASE = "dc=second,dc=test"
LONG_AGO = "20200101000000Z"
FOR_EVER = "2147483647"


def hashed(password):
    """Salted SHA-1: not for keeping secrets."""
    salt = hashlib.sha256(password.encode()).digest()[:8]
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()


def entry(name, classes, **values):
    lines = [f"dn: {name}"] + [f"objectClass: {each}" for each in classes]
    for key, value in values.items():
        lines += [f"{key}: {each}" for each in (value if isinstance(value, list) else [value])]
    print("\n".join(lines) + "\n")


def person(name, **values):
    entry(
        f"uid={name},ou=people,{BASE}", ["inetOrgPerson"], uid=name, cn=f"{name.capitalize()} Second", sn="Second",
        mail=f"{name}@second.test", userPassword=hashed(f"{name}-pw"), **values,
    )


def policy(name, **values):
    entry(
        f"cn={name},ou=policies,{BASE}", ["device", "pwdPolicy"], cn=name, pwdAttribute="userPassword", pwdLockout="TRUE",
        pwdMaxFailure="4", pwdLockoutDuration="0", pwdFailureCountInterval="300", **values,
    )


def under(name):
    return f"cn={name},ou=policies,{BASE}"


def members(*names):
    return [f"uid={name},ou=people,{BASE}" for name in names]


entry(BASE, ["dcObject", "organization"], dc="second", o="Second")
for unit in ["people", "groups", "services", "policies"]:
    entry(f"ou={unit},{BASE}", ["organizationalUnit"], ou=unit)
entry(
    f"cn=gateway,ou=services,{BASE}", ["applicationProcess", "simpleSecurityObject"], cn="gateway", userPassword=hashed("gatewaypw"),
)
policy("default", pwdMustChange="TRUE", pwdCheckQuality="2", pwdMinLength="10", pwdInHistory="3")
policy("aged", pwdMaxAge="86400", pwdCheckQuality="2", pwdMinLength="10")
policy("graced", pwdMaxAge="86400", pwdGraceAuthNLimit="100000")
policy("warned", pwdMaxAge=FOR_EVER, pwdExpireWarning=FOR_EVER)
policy("young", pwdMinAge="864000")

person("henry")
person("ida")
person("reset", pwdReset="TRUE")
person("aged", pwdPolicySubentry=under("aged"), pwdChangedTime=LONG_AGO)
person("graced", pwdPolicySubentry=under("graced"), pwdChangedTime=LONG_AGO)
person("warned", pwdPolicySubentry=under("warned"), pwdChangedTime=LONG_AGO)
person("locked", pwdAccountLockedTime="000001010000Z")
person("young", pwdPolicySubentry=under("young"), pwdChangedTime="20350101000000Z")
for number in range(1, 7):
    person(f"change{number}", pwdReset="TRUE")
    person(f"aged{number}", pwdPolicySubentry=under("aged"), pwdChangedTime=LONG_AGO)
    person(f"lock{number}")

entry(f"cn=unix,ou=groups,{BASE}", ["posixGroup"], cn="unix", gidNumber="20001", memberUid=["henry", "Ida"])
entry(f"cn=inner,ou=groups,{BASE}", ["groupOfNames"], cn="inner", member=members("henry"))
entry(f"cn=middle,ou=groups,{BASE}", ["groupOfNames"], cn="middle", member=f"cn=inner,ou=groups,{BASE}")
# A ring: outer holds middle, ring holds outer, outer holds ring.
entry(f"cn=outer,ou=groups,{BASE}", ["groupOfNames"], cn="outer", member=[f"cn=middle,ou=groups,{BASE}", f"cn=ring,ou=groups,{BASE}"])
entry(f"cn=ring,ou=groups,{BASE}", ["groupOfNames"], cn="ring", member=f"cn=outer,ou=groups,{BASE}")
