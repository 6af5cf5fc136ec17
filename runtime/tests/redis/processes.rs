//! Several processes: this program, started again for one of its tests.

use crate::*;
use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};
use tollgate::Transport;

const URL: &str = "TOLLGATE_TEST_CHILD_URL";
const PREFIX: &str = "TOLLGATE_TEST_CHILD_PREFIX";

fn child(test: &str, url: &str, prefix: &str) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", &format!("processes::{test}"), "--ignored", "--nocapture"])
        .env(URL, url)
        .env(PREFIX, prefix)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn variable(name: &str) -> String {
    env::var(name).expect("this test is a part of another one, which starts it")
}

/// Prints when a request arrives, by the clock of the machine, in microseconds.
struct Print;

impl Transport for Print {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        Box::pin(async {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            println!("\narrived {}", now.as_micros());
            Ok(ok())
        })
    }
}

#[tokio::test]
#[ignore = "the child of `processes_share_a_limit_exactly`"]
async fn child_sends_five() {
    let redis = connect(&variable(URL), &variable(PREFIX)).await;
    let client = client(&redis, Print);
    for answer in futures_util::future::join_all((0..5).map(|_| client.call(ask::<Twice>()).send())).await {
        answer.unwrap();
    }
}

#[test]
fn processes_share_a_limit_exactly() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let children: Vec<Child> = (0..4).map(|_| child("child_sends_five", url, &prefix)).collect();
    let mut arrivals = Vec::new();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let lines = String::from_utf8(output.stdout).unwrap();
        let times = lines.lines().filter_map(|line| line.strip_prefix("arrived "));
        arrivals.extend(times.map(|time| time.parse::<u128>().unwrap()));
    }
    arrivals.sort_unstable();
    assert_eq!(arrivals.len(), 20);
    let pairs = arrivals.iter().zip(arrivals.iter().skip(2));
    let violations = pairs.filter(|(first, later)| **later - **first < WINDOW.as_micros());
    assert_eq!(violations.count(), 0, "{arrivals:?}");
}

/// A request that never has an answer.
struct Hang;

impl Transport for Hang {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        println!("\nhangs");
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
#[ignore = "the child of `a_killed_process_frees_its_places_when_their_lease_ends`"]
async fn child_hangs() {
    let redis = unused(&variable(URL), &variable(PREFIX)).await;
    let builder = Connection::<Toy>::builder().transport(Hang).shared_limits(&redis);
    let client = Client::new(
        &builder.timeout(Duration::from_secs(2)).build().unwrap(),
        Source::new(SECRET),
    );
    let calls = [client.call(ask::<Twice>()).send(), client.call(ask::<Twice>()).send()];
    futures_util::future::join_all(calls).await;
}

#[test]
fn a_killed_process_frees_its_places_when_their_lease_ends() {
    let server = any();
    let url = &server.url;
    let prefix = prefix();
    let mut hanging = child("child_hangs", url, &prefix);
    let lines = BufReader::new(hanging.stdout.take().unwrap()).lines();
    assert_eq!(
        lines
            .map_while(Result::ok)
            .filter(|line| line == "hangs")
            .take(2)
            .count(),
        2
    );
    hanging.kill().unwrap();
    hanging.wait().unwrap();
    let killed = Instant::now();
    let arrivals = Arrivals::new(0, 0);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let redis = connect(url, &prefix).await;
        let places = || {
            let mut connection = ::redis::Client::open(url.as_str()).unwrap().get_connection().unwrap();
            let keys: Vec<String> = ::redis::cmd("KEYS")
                .arg(format!("{prefix}*:places"))
                .query(&mut connection)
                .unwrap();
            let mut ends = Vec::new();
            for key in keys {
                let places: Vec<(String, f64)> = ::redis::cmd("ZRANGE")
                    .arg(key)
                    .arg(0)
                    .arg(-1)
                    .arg("WITHSCORES")
                    .query(&mut connection)
                    .unwrap();
                ends.extend(places.into_iter().map(|(place, _)| place));
            }
            ends.len()
        };
        assert_eq!(places(), 2);
        client(&redis, arrivals.clone())
            .call(ask::<Twice>())
            .send()
            .await
            .unwrap();
    });
    // Its requests might have arrived until the timeout of an attempt was over.
    assert!(
        arrivals.seen()[0] - killed > Duration::from_secs(2),
        "{:?}",
        arrivals.seen()[0] - killed
    );
}
