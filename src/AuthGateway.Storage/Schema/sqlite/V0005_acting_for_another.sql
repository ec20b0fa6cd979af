-- Who acted for the user a record is about: key of the identity (null when nobody knows the name) and login.
ALTER TABLE audit_record ADD COLUMN acted_by TEXT;
ALTER TABLE audit_record ADD COLUMN acted_by_login TEXT;
ALTER TABLE audit_record ADD COLUMN acted_by_login_folded TEXT;
CREATE INDEX audit_record_acted_by_login ON audit_record (acted_by_login_folded, id) WHERE acted_by_login_folded IS NOT NULL;

-- Whom the owner of the session acts for, as JSON like the owner; null while he acts for himself.
ALTER TABLE session ADD COLUMN acting_for TEXT;
