//! `rediss://`, against a server with a certificate of its own.

use crate::{server::RedisServer, *};
use std::{
    env, fs,
    process::{Command, Output},
};

const URL: &str = "TOLLGATE_TEST_TLS_URL";

/// What a test of this program says of itself where these certificates are the system's.
fn called_by_one_who_knows(certificates: &std::path::Path, url: &str) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "tls::child_calls_over_tls", "--ignored", "--nocapture"])
        .env(URL, url)
        .env("SSL_CERT_FILE", certificates)
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap()
}

#[tokio::test]
#[ignore = "the child of `tls_is_spoken_with_a_server_whose_certificate_is_known_and_no_other`"]
async fn child_calls_over_tls() {
    let redis = connect(&env::var(URL).unwrap(), &prefix()).await;
    let client = client(&redis, Answer);
    client.call(ask::<Twice>()).send().await.unwrap();
}

/// Answers everything.
struct Answer;

impl Transport for Answer {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        Box::pin(async { Ok(ok()) })
    }
}

#[test]
fn tls_is_spoken_with_a_server_whose_certificate_is_known_and_no_other() {
    let server = RedisServer::start_with_tls();
    let own = server.folder().join("server.crt");
    assert!(called_by_one_who_knows(&own, &server.tls_url()).status.success());

    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let others = server.folder().join("other.crt");
    fs::write(&others, other.cert.pem()).unwrap();
    let refused = called_by_one_who_knows(&others, &server.tls_url());
    assert!(!refused.status.success());
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(why.contains("certificate"), "{why}");
}
