# One image for web, worker and beat, selected by the command. It is stateless: data is in PostgreSQL.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --system --uid 10001 --no-create-home mentorfolio
WORKDIR /app

COPY requirements.lock ./
RUN python -m pip install --require-hashes -r requirements.lock

COPY . ./
# Placeholder values for this command only; collectstatic opens no connections.
RUN SECRET_KEY=only-while-the-image-is-built-not-used-later BASE_URL=http://localhost \
    python manage.py collectstatic --no-input && python -m compileall -q .

USER mentorfolio
ENV VAR_DIR=/tmp/mentorfolio PORT=8000
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "mentoring.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
