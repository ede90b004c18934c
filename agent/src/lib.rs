//! The running agent: doors, store, delivery, command line.
