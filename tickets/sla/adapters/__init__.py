"""Vendors of the service levels: the library of public holidays, the reader of iCal files."""
