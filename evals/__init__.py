"""The same services, measured: data in fixed shapes, metrics with intervals, reports that a QA lead can read."""
