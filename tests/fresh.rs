//! What is checked in is what the descriptors say, so that plain `cargo test` tells.

use tollgate_codegen::{Options, generate, print};
use tollgate_tests::{DESCRIPTORS, load, root};

#[test]
fn checked_in_clients_are_what_the_descriptors_say() {
    for path in DESCRIPTORS {
        let model = load(path).unwrap();
        let files = print::format(generate(&model, &Options::checked_in()).unwrap()).unwrap();
        let folder = root().join(if path.starts_with("providers/") {
            "generated/src"
        } else {
            "tests/scopes/src"
        });
        for (file, text) in files.iter() {
            let found = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
            assert!(found == text, "{file} of {path} is stale: run `cargo xtask codegen`");
        }
    }
}

#[test]
fn generating_twice_gives_equal_bytes() {
    for path in DESCRIPTORS {
        for options in [Options::checked_in(), Options::nested()] {
            let once = generate(&load(path).unwrap(), &options).unwrap();
            let twice = generate(&load(path).unwrap(), &options).unwrap();
            assert_eq!(once, twice, "{path}");
        }
    }
}
