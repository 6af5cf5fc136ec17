//! A server that behaves as a Tollgate descriptor says.
