//! Checked-in Tollgate clients, one feature per provider.
