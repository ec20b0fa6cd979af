"""Makes a password of the bed's Active Directory old: `samba-age.py SAM.LDB USER`, while the controller runs. Its own protocol knows no way to do that."""

import sys

import ldb

BASE = "DC=samdom,DC=test"
LONG_AGO = "130000000000000000"  # December 2012

raw = ldb.Ldb(url=f"{sys.argv[1]}.d/{BASE.upper()}.ldb")
message = ldb.Message(ldb.Dn(raw, f"CN={sys.argv[2]},OU=People,{BASE}"))
message["pwdLastSet"] = ldb.MessageElement(LONG_AGO, ldb.FLAG_MOD_REPLACE, "pwdLastSet")
raw.modify(message)
