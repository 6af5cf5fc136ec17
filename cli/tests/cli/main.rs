//! The binary as a user runs it: what it prints where, and the exit code.

mod check;
mod docs;
mod explain;
mod generate;
mod matrix;
mod mock;
mod program;
mod show;
