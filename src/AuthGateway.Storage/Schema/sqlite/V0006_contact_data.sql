-- How people call and reach the user a record is about, as his backend said it then.
ALTER TABLE audit_record ADD COLUMN display_name TEXT;
ALTER TABLE audit_record ADD COLUMN mail TEXT;
ALTER TABLE audit_record ADD COLUMN mail_folded TEXT;
ALTER TABLE audit_record ADD COLUMN phone TEXT;
