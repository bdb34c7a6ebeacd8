import os

from django.core.wsgi import get_wsgi_application

from mentoring.logs import scrub_the_access_log

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentoring.settings")
application = get_wsgi_application()
scrub_the_access_log()
