//! Two weeks of notices against a real database.
