//! Accepts what is, in one go, so that the diff can be read in one go.

use crate::{codegen, process};
use std::io;

/// Regenerates, then runs the tests so that they overwrite what they expect.
///
/// The generated code comes first: snapshots and compiler messages quote it.
pub(crate) fn run() -> io::Result<bool> {
    if !codegen::run(false)? {
        return Ok(false);
    }
    let mut tests = process::cargo(["test", "--workspace", "--no-fail-fast"]);
    tests
        .env("INSTA_UPDATE", "always")
        .env("INSTA_FORCE_PASS", "1")
        .env("TRYBUILD", "overwrite");
    let blessed = process::succeeds(tests)?;
    if blessed {
        println!("blessed; now read it: git diff");
    } else {
        println!("a test fails for a reason that blessing does not cure; read it above");
    }
    Ok(blessed)
}
