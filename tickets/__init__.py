"""The system of record: customers, conversations, tickets, their states and clocks. No AI in here."""
