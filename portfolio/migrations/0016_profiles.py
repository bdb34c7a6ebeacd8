from django.db import migrations

from portfolio.models.people import profile_in


def fill(apps, schema_editor):
    """By what a link is recognised when a file of contacts is read, for those already there."""
    PersonLink = apps.get_model("portfolio", "PersonLink")
    links = PersonLink.objects.filter(url__icontains="linkedin.com").order_by("pk")
    for pk, url in links.values_list("pk", "url").iterator(chunk_size=500):
        if profile := profile_in(url):
            PersonLink.objects.filter(pk=pk).update(profile=profile)


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0015_contact_imports")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
