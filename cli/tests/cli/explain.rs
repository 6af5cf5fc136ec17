use crate::program::run;
use tollgate_descriptor::diagnostic::Code;

#[test]
fn number_and_name_say_the_same() {
    let by_number = run(&["explain", "e045"]);
    assert_eq!(by_number.code, Some(0), "{by_number}");
    assert!(
        by_number.data.starts_with("E045 (operation_without_scope)\n"),
        "{by_number}"
    );
    assert_eq!(by_number.data, run(&["explain", "operation_without_scope"]).data);
}

#[test]
fn every_diagnostic_is_listed_and_explained() {
    let list = run(&["explain"]);
    assert_eq!(list.code, Some(0));
    for code in Code::ALL {
        assert!(
            list.data.contains(&format!("  {}  {}", code.id(), code.name())),
            "{code} is not listed"
        );
        // A page that is not written would be worse than none.
        assert!(code.explain().len() > 100, "{code} is not explained");
    }
}

#[test]
fn an_unknown_code_is_exit_code_2_and_names_the_nearest() {
    insta::assert_snapshot!(run(&["explain", "operation_without_scop"]));
}
