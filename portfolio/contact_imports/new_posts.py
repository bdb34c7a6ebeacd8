"""People whose post is another one than in the file before: a kind reason to write, told once for each file."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from portfolio.models import ContactImport, NewPost
from reminders import services as reminders

NEW_POSTS = "new_posts"


def open_posts(user: User) -> QuerySet[NewPost]:
    posts = NewPost.objects.for_user(user).filter(settled_at__isnull=True)
    return posts.select_related("person").order_by("-batch", "person__name_key", "pk")


def remind_of_posts(batch: ContactImport) -> None:
    """Tell of them with tomorrow's reminders, if there are any and the user wants to know."""
    wanted = batch.tells_posts and batch.new_posts.filter(settled_at__isnull=True).exists()
    user = User.objects.get(pk=batch.owner_id)
    on = user.local(batch.finished_at or timezone.now()).date() + dt.timedelta(days=1)
    reminders.plan_ahead(owner=user, kind=NEW_POSTS, subject_id=batch.pk, on=on if wanted else None)


def settle(posts: QuerySet[NewPost]) -> int:
    """The user wrote, or let it go."""
    batches = {post.batch_id: post.batch for post in posts.select_related("batch")}
    settled = NewPost.objects.filter(pk__in=[post.pk for post in posts]).update(settled_at=timezone.now())
    for batch in batches.values():
        remind_of_posts(batch)
    return settled


def unsettle(post: NewPost) -> None:
    NewPost.objects.filter(pk=post.pk).update(settled_at=None)
    remind_of_posts(post.batch)
