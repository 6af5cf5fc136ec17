use crate::stage::{Seen, Stage, acme, acme_with, inline};
use std::time::Duration;
use tollgate_mock::TestToken;

const SHOP: &str = "
schemes: { api_token: { header: { X-API-TOKEN: '{token}' } } }
tokens: { channel: { scheme: api_token, env: CHANNEL } }
scopes: { sales: [channel] }
scope: sales
";

async fn burst(stage: &Stage, path: &str, token: &TestToken, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(stage.get(path, token).await.status);
    }
    statuses
}

fn admitted(statuses: &[u16]) -> usize {
    statuses.iter().filter(|status| **status == 200).count()
}

#[tokio::test]
async fn the_window_slides() {
    let stage = inline(&format!(
        "{SHOP}
rate_limits: {{ pace: {{ limit: 2, window: 1s, algorithm: sliding, per: [token] }} }}
rate_limit: pace
resources: {{ a: {{ operations: {{ get: {{ get: /a, returns: json }} }} }} }}
"
    ))
    .await;
    let token = stage.token("channel");
    assert_eq!(stage.get("/a", &token).await.status, 200);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(burst(&stage, "/a", &token, 2).await, [200, 429]);
    tokio::time::sleep(Duration::from_millis(500)).await;
    // The first has left the window, the second has not.
    assert_eq!(burst(&stage, "/a", &token, 2).await, [200, 429]);
    let report = stage.mock.report();
    assert_eq!((report.rejected(), report.answers("a.get", 429)), (2, 2));
    assert_eq!(report.most_in_window("pace"), 4);
    assert_eq!(report.budgets_of("channel").count(), 1);
}

#[tokio::test]
async fn budgets_belong_to_values() {
    let stage = acme().await;
    let account = stage.token("account");
    let first = burst(&stage, "/stock/count", &account, 11).await;
    assert_eq!((admitted(&first), first[10]), (10, 429));
    let second = burst(&stage, "/stock/count", &account.clone().number(2), 3).await;
    assert_eq!(admitted(&second), 3);
    let label = account.number(2).label();
    assert_eq!(
        stage
            .mock
            .report()
            .budgets_of(&label)
            .map(|budget| budget.admitted)
            .collect::<Vec<_>>(),
        [3]
    );
}

#[tokio::test]
async fn a_rejection_says_how_long_to_wait() {
    let stage = acme().await;
    let account = stage.token("account");
    burst(&stage, "/stock/count", &account, 10).await;
    let seen = stage.get("/stock/count", &account).await;
    assert_eq!((seen.status, seen.header("retry-after")), (429, Some("1")));
    assert!(seen.message().contains("`per_token`"), "{}", seen.text);
    assert_eq!(seen.body["error"]["code"], "rate_limited");
}

#[tokio::test]
async fn wait_from_decides_where_and_how() {
    for (wait_from, header) in [
        ("{ header: X-Wait, format: milliseconds }", "x-wait"),
        ("{ header: X-Wait, format: http_date }", "x-wait"),
        ("{ header: X-Until, format: unix }", "x-until"),
        ("{ header: X-Until, format: rfc3339 }", "x-until"),
        (
            "{ header: X-Hint, format: seconds, pattern: 'after=([0-9]+)' }",
            "x-hint",
        ),
    ] {
        let stage = inline(&format!(
            "{SHOP}
rate_limits: {{ pace: {{ limit: 1, window: 2s, algorithm: sliding, per: [token] }} }}
rate_limit: pace
retry: {{ max_attempts: 2, when: [network], wait_from: [{wait_from}], backoff: {{ initial: 1s, factor: 2, max: 2s, jitter: 0.1 }}, max_wait: 5s }}
resources: {{ a: {{ operations: {{ get: {{ get: /a, returns: json }} }} }} }}
"
        ))
        .await;
        let token = stage.token("channel");
        burst(&stage, "/a", &token, 1).await;
        let seen = stage.get("/a", &token).await;
        let value = seen
            .header(header)
            .unwrap_or_else(|| panic!("{wait_from}: {:?}", seen.headers));
        assert_eq!((seen.status, seen.header("retry-after")), (429, None));
        match wait_from {
            _ if wait_from.contains("milliseconds") => {
                assert!((1500..=2000).contains(&value.parse::<u32>().unwrap()), "{value}");
            }
            _ if wait_from.contains("http_date") => assert!(value.ends_with("GMT"), "{value}"),
            _ if wait_from.contains("unix") => assert_eq!(value.len(), 10, "{value}"),
            _ if wait_from.contains("rfc3339") => assert!(value.ends_with('Z'), "{value}"),
            _ => assert_eq!(value, "after=2"),
        }
    }
}

#[tokio::test]
async fn operations_and_params_have_budgets_of_their_own() {
    let stage = inline(&format!(
        "{SHOP}
rate_limits: {{ pace: {{ limit: 1, window: 10s, algorithm: sliding, per: [token, operation, {{ param: shop }}] }} }}
rate_limit: pace
resources:
  a:
    operations:
      get: {{ get: /a, params: {{ shop: int }}, returns: json }}
      set: {{ get: /b, params: {{ shop: int }}, returns: json }}
"
    ))
    .await;
    let token = stage.token("channel");
    assert_eq!(burst(&stage, "/a?shop=1", &token, 2).await, [200, 429]);
    assert_eq!(burst(&stage, "/a?shop=2", &token, 1).await, [200]);
    assert_eq!(burst(&stage, "/b?shop=1", &token, 2).await, [200, 429]);
    assert_eq!(burst(&stage, "/a", &token, 2).await, [200, 429]);
}

#[tokio::test]
async fn a_burst_of_tasks_never_gets_more_than_the_limit() {
    let stage = std::sync::Arc::new(
        acme_with(|builder| {
            builder
                .latency(Duration::from_millis(4))
                .jitter(Duration::from_millis(8))
        })
        .await,
    );
    let token = stage.token("account");
    let tasks = (0..30).map(|_| {
        let (stage, token) = (stage.clone(), token.clone());
        tokio::spawn(async move { stage.get("/stock/count", &token).await.status })
    });
    let mut statuses = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        statuses.push(task.await.unwrap());
    }
    assert_eq!(admitted(&statuses), 10);
    assert_eq!(stage.mock.report().rejected(), 20);
}

async fn paced(limit: &str) -> Stage {
    inline(&format!(
        "{SHOP}
rate_limits: {{ pace: {limit} }}
rate_limit: pace
resources: {{ a: {{ operations: {{ get: {{ get: /a, returns: json }} }} }} }}
"
    ))
    .await
}

#[tokio::test]
async fn a_bucket_has_a_burst_and_refills() {
    let stage = paced("{ limit: 2, window: 1s, algorithm: bucket, burst: 3, per: [token] }").await;
    let token = stage.token("channel");
    assert_eq!(burst(&stage, "/a", &token, 4).await, [200, 200, 200, 429]);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(burst(&stage, "/a", &token, 2).await, [200, 429]);
}

#[tokio::test]
async fn a_fixed_window_begins_anew() {
    let stage = paced("{ limit: 2, window: 1s, algorithm: fixed, per: [token] }").await;
    let token = stage.token("channel");
    assert_eq!(burst(&stage, "/a", &token, 3).await, [200, 200, 429]);
    tokio::time::sleep(Duration::from_millis(1010)).await;
    assert_eq!(burst(&stage, "/a", &token, 3).await, [200, 200, 429]);
}

#[tokio::test]
async fn concurrency_counts_what_is_open() {
    let stage = paced("{ limit: 1, algorithm: concurrency, per: [token] }").await;
    let token = stage.token("channel");
    stage.mock.fault("a.get=delay:200ms".parse().unwrap()).unwrap();
    let slow = stage.get("/a", &token);
    let quick = async {
        tokio::time::sleep(Duration::from_millis(80)).await;
        stage.get("/a", &token).await.status
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!((slow.status, quick), (200, 429));
    assert_eq!(stage.get("/a", &token).await.status, 200, "the place was given back");
}

#[tokio::test]
async fn budgets_are_told_where_the_descriptor_learns_them() {
    let stage = inline(&format!(
        "{SHOP}
rate_limits:
  minute:
    {{ limit: 4, window: 1m, algorithm: fixed, per: [token],
      learn: {{ limit: X-Limit, remaining: X-Left, used: $.budget.used, reset: {{ header: X-Reset, format: seconds }} }} }}
  flow:
    {{ limit: 1, window: 1h, algorithm: bucket, burst: 9, per: [token], counts: cost,
      learn: {{ limit: {{ header: X-Flow, pattern: '/([0-9]+)' }}, used: {{ header: X-Flow, pattern: '([0-9]+)/' }} }} }}
rate_limit: [minute, flow]
resources: {{ a: {{ operations: {{ get: {{ get: /a, cost: 2, returns: json }} }} }} }}
"
    ))
    .await;
    let token = stage.token("channel");
    for left in ["3", "2", "1", "0"] {
        let seen = stage.get("/a", &token).await;
        assert_eq!(
            (seen.status, seen.header("X-Limit"), seen.header("X-Left")),
            (200, Some("4"), Some(left))
        );
        let used = 4 - left.parse::<u64>().unwrap();
        let flow = format!("{}/9", used * 2);
        assert_eq!(seen.header("X-Flow"), Some(flow.as_str()));
        let reset: u64 = seen.header("X-Reset").unwrap().parse().unwrap();
        assert!((1..=60).contains(&reset), "{reset}");
    }
    let refused = stage.get("/a", &token).await;
    // What is refused takes nothing, of neither budget.
    assert_eq!(
        (refused.status, refused.header("X-Left"), refused.header("X-Flow")),
        (429, Some("0"), Some("8/9"))
    );
    assert_eq!(refused.body["budget"]["used"], 4);
    // Nobody without a token has a budget.
    let stranger = Seen::of(stage.bare("GET", "/a").send().await.unwrap()).await;
    assert_eq!((stranger.status, stranger.header("X-Left")), (401, None));
}

#[tokio::test]
async fn a_header_of_two_limits_tells_of_the_one_with_less_left() {
    for order in ["[wide, narrow]", "[narrow, wide]"] {
        let stage = inline(&format!(
            "{SHOP}
rate_limits:
  wide: {{ limit: 9, window: 1h, algorithm: fixed, per: [token], learn: {{ limit: X-Limit, remaining: X-Left }} }}
  narrow: {{ limit: 4, window: 1h, algorithm: fixed, per: [token], learn: {{ limit: X-Limit, remaining: X-Left }} }}
rate_limit: {order}
resources: {{ a: {{ operations: {{ get: {{ get: /a, returns: json }} }} }} }}
"
        ))
        .await;
        let seen = stage.get("/a", &stage.token("channel")).await;
        let told = (seen.header("X-Limit"), seen.header("X-Left"));
        assert_eq!(told, (Some("4"), Some("3")), "{order}");
    }
}

#[tokio::test]
async fn the_fields_of_the_ietf_are_told_when_asked_for() {
    let stage = acme().await;
    let silent = stage.get("/stock/count", &stage.token("account")).await;
    assert_eq!(silent.header("RateLimit"), None);
    let stage = acme_with(tollgate_mock::Builder::rate_limit_fields).await;
    let seen = stage.get("/stock/count", &stage.token("account")).await;
    assert_eq!(seen.header("RateLimit"), Some("\"per_token\";r=9;t=1"));
    assert_eq!(seen.header("RateLimit-Policy"), Some("\"per_token\";q=10;w=1"));
    // What the descriptor says in its own words is not said twice.
    let seen = stage.get("/reports/totals", &stage.token("account")).await;
    assert_eq!(
        (seen.header("RateLimit"), seen.header("X-Acme-Left")),
        (None, Some("4"))
    );
}
