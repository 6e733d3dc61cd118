"""All tables in one metadata, for the migrations and the test that compares the two."""

import copilot.models  # noqa: F401 - importing a module maps its tables
import kit.audit.models
import kit.crypto
import kit.idempotency.models
import kit.jobs.models  # noqa: F401
import knowledge.models  # noqa: F401
import quality.models  # noqa: F401
import tickets.automation.models
import tickets.books.models
import tickets.csat.models
import tickets.entries.models
import tickets.erasing.models
import tickets.forms.models
import tickets.imports.models
import tickets.lists.models
import tickets.merging.models
import tickets.models
import tickets.notices.models
import tickets.routing.models
import tickets.sla.models
import tickets.webhooks.models  # noqa: F401
from kit.db import Base

METADATA = Base.metadata
