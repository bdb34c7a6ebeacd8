"""On PostgreSQL, a trigger keeps rows of the security log as they were written."""

from django.db import migrations

REFUSE = """
CREATE FUNCTION accounts_securityevent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('mentorfolio.forget', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The security log is append-only.' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON accounts_securityevent
    FOR EACH ROW EXECUTE FUNCTION accounts_securityevent_append_only();
"""
ALLOW = """
DROP TRIGGER append_only ON accounts_securityevent;
DROP FUNCTION accounts_securityevent_append_only();
"""


def refuse(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE)


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(ALLOW)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_security_log")]
    operations = [migrations.RunPython(refuse, allow)]
