use crate::program::run;
use std::fs;

#[test]
fn files_are_written_once_and_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("src");
    let out = out.to_str().expect("UTF-8");

    let missing = run(&["generate", "shop.yaml", "--out", out, "--check"]);
    assert_eq!(missing.code, Some(1), "nothing is there yet: {missing}");
    assert!(fs::exists(out).is_ok_and(|there| !there), "--check writes nothing");

    let first = run(&["generate", "shop.yaml", "--out", out]);
    assert_eq!(first.code, Some(0), "{first}");
    assert!(first.data.contains("shop.rs"), "what was written is listed: {first}");
    let again = run(&["generate", "shop.yaml", "--out", out]);
    assert_eq!(again.data, "", "nothing has changed: {again}");
    assert_eq!(run(&["generate", "shop.yaml", "--out", out, "--check"]).code, Some(0));

    fs::write(folder.path().join("src/shop/orders.rs"), "// edited\n").expect("written");
    let stale = run(&["generate", "shop.yaml", "--out", out, "--check"]);
    assert_eq!(stale.code, Some(1));
    assert!(stale.data.contains("orders.rs"), "{stale}");
    assert!(stale.talk.contains("without --check"), "it says what to do: {stale}");
}

#[test]
fn a_descriptor_with_mistakes_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("src");
    let run = run(&[
        "generate",
        "shop.yaml",
        "mistakes.yaml",
        "--out",
        out.to_str().expect("UTF-8"),
    ]);
    assert_eq!(run.code, Some(1), "{run}");
    assert!(!out.exists(), "all or nothing");
}

#[test]
fn two_descriptors_of_one_provider_are_refused() {
    let run = run(&["generate", "shop.yaml", "shop.yaml", "--out", "nowhere"]);
    assert_eq!(run.code, Some(1), "{run}");
    assert!(run.to_string().contains("describe a provider of one name"), "{run}");
}

#[test]
fn standard_input_has_no_name_to_write_into_the_code() {
    let run = run(&["generate", "-", "--out", "nowhere"]);
    assert_eq!(run.code, Some(2), "{run}");
}
