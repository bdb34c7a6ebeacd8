"""Triggers keep rows of the security log as they were written. SQLite knows no way to allow only some deletions."""

from django.db import migrations

REFUSE = {
    "postgresql": [
        """
        CREATE FUNCTION accounts_securityevent_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND current_setting('mentorfolio.forget', true) = 'on' THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'The security log is append-only.' USING ERRCODE = 'insufficient_privilege';
        END $$
        """,
        """
        CREATE TRIGGER securityevent_append_only BEFORE UPDATE OR DELETE ON accounts_securityevent
        FOR EACH ROW EXECUTE FUNCTION accounts_securityevent_append_only()
        """,
    ],
    "sqlite": [
        """
        CREATE TRIGGER securityevent_append_only BEFORE UPDATE ON accounts_securityevent
        BEGIN SELECT RAISE(ABORT, 'The security log is append-only.'); END
        """,
    ],
}
ALLOW = {
    "postgresql": [
        "DROP TRIGGER securityevent_append_only ON accounts_securityevent",
        "DROP FUNCTION accounts_securityevent_append_only()",
    ],
    "sqlite": ["DROP TRIGGER securityevent_append_only"],
}


def refuse(apps, schema_editor):
    for statement in REFUSE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def allow(apps, schema_editor):
    for statement in ALLOW[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_security_log")]
    operations = [migrations.RunPython(refuse, allow)]
