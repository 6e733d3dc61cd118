"""SQL of the job table: ``leasing`` for workers, ``overview`` for screens and health."""
