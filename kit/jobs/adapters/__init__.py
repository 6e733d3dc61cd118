"""Celery over RabbitMQ: what wakes worker processes. Nothing outside this folder knows Celery."""
