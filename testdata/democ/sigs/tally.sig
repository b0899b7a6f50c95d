This stands where a detached signature would.
