from django.db import migrations

from portfolio.text.normalise import fold, sort_key


def fold_people(apps, schema_editor):
    """Sort keys for those already there, and their addresses among what a search looks through."""
    Person = apps.get_model("portfolio", "Person")
    for person in Person.objects.order_by("pk").prefetch_related("tags", "emails").iterator(chunk_size=500):
        tags = [tag.name for tag in person.tags.all()]
        emails = [email.address for email in person.emails.all()]
        parts = (person.name, person.headline, person.organisation, *tags, *emails, person.notes)
        person.search_text = "\n".join(fold(part) for part in parts)
        person.name_key, person.organisation_key = sort_key(person.name), sort_key(person.organisation)
        person.save(update_fields=["search_text", "name_key", "organisation_key"])


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0004_sort_keys")]

    operations = [migrations.RunPython(fold_people, migrations.RunPython.noop)]
