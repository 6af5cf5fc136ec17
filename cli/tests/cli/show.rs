use crate::program::run;

#[test]
fn each_stage_prints_what_it_makes() {
    for (stage, part) in [
        ("syntax", "Descriptor {"),
        ("model", "Model {"),
        ("tokens", "pub mod shop"),
    ] {
        let run = run(&["show", "shop.yaml", "--stage", stage]);
        assert_eq!(run.code, Some(0), "{stage}: {}", run.talk);
        assert!(run.data.contains(part), "{stage}");
    }
}

#[test]
fn the_syntax_of_a_descriptor_with_mistakes_can_be_seen() {
    let run = run(&["show", "mistakes.yaml", "--stage", "syntax"]);
    assert!(run.data.contains("Cuont"), "{run}");
}
