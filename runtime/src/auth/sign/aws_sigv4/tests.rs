//! Checked against the signing test suite that AWS publishes (`aws-c-auth`, folder `tests/aws-signing-test-suite/v4`,
//! with the two cases that `aws-sigv4` adds): the requests, and the `Authorization` that each must get.

use super::*;
use serde_json::Value;

/// The path as a URL has it: what is no ASCII, and blanks, are encoded. The suite has them bare.
fn as_sent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_graphic() {
            path.push(char::from(byte));
        } else {
            let _ = write!(path, "%{byte:02X}");
        }
        path
    })
}

fn authorization(vector: &Value) -> String {
    let text = |name: &str| vector[name].as_str().unwrap_or_default();
    let (path, query, date) = (as_sent(text("path")), as_sent(text("query")), text("date"));
    let hash = sha256_hex(text("body").as_bytes());
    let given = vector["headers"].as_array().unwrap().iter();
    let mut headers: Vec<(&str, &str)> = given
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .collect();
    headers.push(("X-Amz-Date", date));
    if vector["sign_body"] == true {
        headers.push(("x-amz-content-sha256", &hash));
    }
    if let Some(token) = vector["token"].as_str() {
        headers.push(("X-Amz-Security-Token", token));
    }
    let canonical = Canonical {
        method: text("method"),
        path: &path,
        query: &query,
        headers: &headers,
        body_hash: &hash,
        normalizes: vector["normalize"] == true,
        encodes_twice: vector["twice"] == true,
    };
    let (region, service) = (text("region"), text("service"));
    let scope = Scope { date, region, service };
    authorize(&canonical, &scope, text("key_id"), &Secret::from(text("key"))).unwrap()
}

#[test]
fn every_request_of_the_suite_of_aws_is_signed_as_it_says() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    let wrong: Vec<String> = vectors
        .iter()
        .filter(|vector| authorization(vector) != vector["authorization"].as_str().unwrap())
        .map(|vector| format!("{}: {}", vector["name"], authorization(vector)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(vectors.len(), 40);
}

#[test]
fn a_header_with_a_line_break_is_not_signed() {
    let headers = [("host", "example.amazonaws.com"), ("x-note", "a\nx-amz-acl:public")];
    let canonical = Canonical {
        method: "GET",
        path: "/",
        query: "",
        headers: &headers,
        body_hash: "",
        normalizes: true,
        encodes_twice: true,
    };
    assert!(canonical.text().unwrap_err().to_string().contains("`x-note`"));
}
