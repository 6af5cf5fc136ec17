//! Snapshots, compile-fail, wire and behaviour tests.
