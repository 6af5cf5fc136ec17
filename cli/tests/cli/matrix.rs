use crate::program::run;

#[test]
fn markdown_is_aligned() {
    insta::assert_snapshot!(run(&["matrix", "shop.yaml"]));
}

#[test]
fn text_has_no_marks() {
    insta::assert_snapshot!(run(&["matrix", "shop.yaml", "--format", "text"]));
}

#[test]
fn json_is_json() {
    let run = run(&["matrix", "shop.yaml", "--format", "json"]);
    let page: serde_json::Value = serde_json::from_str(&run.data).expect("JSON");
    let ship = page["operations"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|line| line["id"] == "orders.ship");
    let ship = ship.expect("it is listed");
    assert_eq!(ship["scopes"], serde_json::json!(["supply"]));
    assert_eq!(ship["instead_of"], "sales");
    assert_eq!(
        page["roles"][1],
        serde_json::json!({ "name": "seller", "scopes": ["sales", "member"] })
    );
}

#[test]
fn a_descriptor_with_mistakes_has_no_matrix() {
    let run = run(&["matrix", "mistakes.yaml"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.data, "");
}
