use crate::program::{program, run, run_with_input};
use std::process::Stdio;

#[test]
fn a_sound_descriptor_is_exit_code_0_and_prints_no_data() {
    insta::assert_snapshot!(run(&["check", "shop.yaml"]));
}

#[test]
fn every_mistake_of_a_file_is_told_in_one_run() {
    insta::assert_snapshot!(run(&["check", "mistakes.yaml"]));
}

#[test]
fn a_sound_file_beside_a_bad_one_is_still_told() {
    let run = run(&["check", "mistakes.yaml", "shop.yaml"]);
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.talk.contains("shop.yaml: ok"), "{run}");
}

#[test]
fn a_missing_file_is_exit_code_2_and_hides_no_mistake() {
    insta::assert_snapshot!(run(&["check", "missing.yaml"]));
    let both = run(&["check", "missing.yaml", "mistakes.yaml"]);
    assert_eq!(both.code, Some(2));
    assert!(both.talk.contains("mistakes.yaml:"), "{both}");
    assert!(both.talk.contains("cannot read `missing.yaml`"), "{both}");
}

#[test]
fn a_folder_is_not_a_descriptor() {
    insta::assert_snapshot!(run(&["check", "."]));
}

#[test]
fn standard_input_is_a_file_called_dash() {
    let sound = run_with_input(&["check", "-"], include_str!("descriptors/shop.yaml"));
    assert_eq!(sound.code, Some(0), "{sound}");
    let empty = run_with_input(&["check", "-"], "provder: shop\n");
    assert_eq!(empty.code, Some(1));
    assert!(empty.talk.contains("<stdin>:1:1"), "{empty}");
}

#[test]
fn lints_are_mistakes_only_where_that_is_asked_for() {
    let text = include_str!("descriptors/shop.yaml").replace("2026-11-21", "2001-01-01");
    let lenient = run_with_input(&["check", "-"], &text);
    assert_eq!(lenient.code, Some(0), "{lenient}");
    assert!(lenient.talk.contains("1 lint"), "{lenient}");
    let strict = run_with_input(&["check", "--deny-lints", "-"], &text);
    assert_eq!(strict.code, Some(1), "{strict}");
}

#[test]
fn a_build_script_says_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    // Tests run in the folder of their package.
    let script = tollgate_codegen::configure()
        .descriptor("tests/cli/descriptors/mistakes.yaml")
        .out_dir(folder.path());
    let drawn = script.generate().expect_err("the descriptor has mistakes").to_string();
    let output = program()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["check", "tests/cli/descriptors/mistakes.yaml"])
        .output()
        .expect("the binary runs");
    let talk = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(talk.starts_with(&drawn), "{drawn}\n--- but ---\n{talk}");
}

#[test]
fn there_is_no_colour_where_there_is_no_terminal() {
    for (name, value) in [("TERM", "xterm-256color"), ("NO_COLOR", "1")] {
        let output = program()
            .args(["check", "mistakes.yaml"])
            .env(name, value)
            .stdin(Stdio::null())
            .output();
        let talk = output.expect("the binary runs").stderr;
        assert!(!talk.contains(&0x1b), "an escape sequence with {name}={value}");
    }
}
