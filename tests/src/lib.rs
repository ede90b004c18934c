//! Whole agents in one process, on real databases.
