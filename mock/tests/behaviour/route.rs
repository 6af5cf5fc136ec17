use crate::stage::{Seen, acme, inline};

const OPEN: &str = "scope: public\n";

#[tokio::test]
async fn a_literal_beats_a_hole() {
    let stage = inline(&format!(
        "{OPEN}
resources:
  a:
    operations:
      get: {{ get: '/a/{{id}}', returns: json }}
      special: {{ get: /a/special, returns: json }}
      mixed: {{ get: '/a/{{id}}.pdf', returns: json }}
      deep: {{ get: '/a/{{id}}/b', returns: json }}
      deep_special: {{ get: '/a/special/{{x}}', returns: json }}
"
    ))
    .await;
    for path in ["/a/3", "/a/special", "/a/3.pdf", "/a/3/b", "/a/special/b", "/a/a%2Fb"] {
        assert_eq!(stage.bare("GET", path).send().await.unwrap().status(), 200, "{path}");
    }
    let report = stage.mock.report();
    let calls: Vec<_> = ["a.get", "a.special", "a.mixed", "a.deep", "a.deep_special"]
        .iter()
        .map(|id| report.calls(id))
        .collect();
    assert_eq!(calls, [2, 1, 1, 1, 1]);
}

#[tokio::test]
async fn odd_paths_are_exact() {
    let stage = inline(&format!(
        "{OPEN}
resources:
  a:
    operations:
      plain: {{ get: /a, returns: json }}
      slash: {{ get: /b/, returns: json }}
      file: {{ get: '/files/{{path}}/raw', params: {{ path: {{ type: string!, slashes: keep }} }}, returns: json }}
"
    ))
    .await;
    for (path, status) in [
        ("/a", 200),
        ("/a/", 404),
        ("//a", 404),
        ("/A", 404),
        ("/b/", 200),
        ("/b", 404),
        ("/files/x/y/raw", 200),
        ("/files//raw", 404),
        ("/", 404),
    ] {
        assert_eq!(stage.bare("GET", path).send().await.unwrap().status(), status, "{path}");
    }
}

#[tokio::test]
async fn another_method_is_405_and_names_the_right_ones() {
    let stage = acme().await;
    let seen = Seen::of(stage.bare("DELETE", "/orders/3").send().await.unwrap()).await;
    assert_eq!((seen.status, seen.header("allow")), (405, Some("GET, PATCH")));
    assert_eq!(stage.bare("GET", "/nowhere").send().await.unwrap().status(), 404);
    assert_eq!(stage.mock.report().unmatched, 2);
}

#[tokio::test]
async fn a_constant_tells_two_operations_apart() {
    let stage = acme().await;
    let store = stage.token("store");
    assert_eq!(stage.get("/stock?mode=since", &store).await.status, 200);
    assert_eq!(stage.get("/stock", &store).await.status, 200);
    let report = stage.mock.report();
    assert_eq!((report.calls("stock.since"), report.calls("stock.list")), (1, 1));
}

#[tokio::test]
async fn other_hosts_have_a_prefix() {
    let stage = acme().await;
    let account = stage.token("account");
    assert_eq!(stage.get("@files/account/export", &account).await.status, 200);
    assert_eq!(stage.get("/account/export", &account).await.status, 404);
    let hosts = stage.mock.hosts();
    assert_eq!(
        hosts.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["files", "events"]
    );
    assert!(stage.mock.base_url().ends_with("/api"));
    assert!(hosts[0].1.ends_with("/@host/files"));
}

#[tokio::test]
async fn head_has_no_body() {
    let stage = acme().await;
    let request = stage
        .bare("HEAD", "/status")
        .header("X-Acme-Version", "1")
        .header("X-Acme-Client", "tollgate");
    let seen = Seen::of(request.send().await.unwrap()).await;
    assert_eq!((seen.status, seen.text.as_str()), (204, ""));
}
