//! Transports beside the usual one: cassettes, `tower` services, and calls that block.

mod support;

use serde_json::json;
use std::path::PathBuf;
use support::{grants::*, *};
use tollgate::{
    Anonymous, Client, Connection, ErrorKind, HttpReply, Method, RecordingTransport, ReplayTransport,
    ScriptedTransport, Settings, Spec,
};

says! {
    Things = GET;
    Granted = Spec { holders: &["Machine"], ..GET };
    Again = Spec { settings: &Settings { retry: Some(&RETRY), ..PLAIN }, ..GET };
    Post = Spec { method: Method::Post, ..GET };
    InPath = Spec { path: "/bot{token}/things", ..GET };
}

/// A file of a test's own.
fn file(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}.json", std::process::id()));
    let _ = std::fs::remove_file(&path);
    path
}

/// Recorded and replayed alike; what each call answered.
async fn story(connection: &Connection<Toy>, secret: &str) -> Vec<serde_json::Value> {
    let in_header = Client::new(connection, Source::new(secret));
    let in_query = Client::new(connection, InQuery::new(secret));
    let mut first = ask::<Things>();
    first.query = Some("ä b".to_owned());
    let mut login = ask::<Post>();
    login.body = Some(json!({"client_secret": "a-client's-secret", "user": "ada"}));
    let mut echo = ask::<Post>();
    echo.body = Some(json!({"note": format!("my token is {secret}")}));
    vec![
        in_header.call(first).send().await.unwrap(),
        in_query.call(ask::<Things>()).send().await.unwrap(),
        in_header.call(ask::<InPath>()).send().await.unwrap(),
        in_header.call(login).send().await.unwrap(),
        in_header.call(echo).send().await.unwrap(),
        in_header.call(ask::<Things>()).send().await.unwrap(),
        in_header.call(ask::<Things>()).send().await.unwrap(),
    ]
}

#[tokio::test]
async fn what_was_recorded_is_played_without_a_network_and_holds_no_secret() {
    let secret = "s3cr3t \"quoted\"/+0123456789";
    let answers = [
        json!(1),
        json!({"echo": secret}),
        json!([2]),
        json!({"access_token": "granted-42", "expires_in": 60}),
        json!({"seen": "Bearer granted-42"}),
        json!("first"),
        json!("second"),
    ];
    let script = answers.iter().fold(ScriptedTransport::new(), |script, answer| {
        let reply = HttpReply::new(200)
            .header("set-cookie", "sid=a-cookie")
            .header("x-request-id", secret);
        script.then(reply.json(answer))
    });
    let path = file("story");
    let recording = RecordingTransport::new(script, &path)
        .hiding(&Source::new(secret))
        .hiding(&InQuery::new(secret));
    assert_eq!(story(&connection(recording), secret).await, answers);
    let text = std::fs::read_to_string(&path).unwrap();
    for hidden in ["s3cr3t", "0123456789", "granted-42", "a-client", "a-cookie"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    assert!(text.contains("ada"), "what is no secret stays: {text}");

    let replay = std::sync::Arc::new(ReplayTransport::open(&path).unwrap());
    let connection = support::connection(std::sync::Arc::clone(&replay));
    let played = story(&connection, "test-token").await;
    assert_eq!((&played[0], &played[2]), (&answers[0], &answers[2]));
    assert_eq!(played[1], json!({"echo": "[hidden]"}));
    assert_eq!(
        (&played[5], &played[6]),
        (&answers[5], &answers[6]),
        "in the order of the recording"
    );
    assert_eq!(replay.left(), 0);

    let client = Client::new(&connection, Source::new("test-token"));
    let error = client.call(ask::<Again>()).send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::Network, 1),
        "a repeat cannot help"
    );
    assert!(
        error
            .to_string()
            .contains("has played all 2 recordings of `GET /things`"),
        "{error}"
    );
    let mut other = ask::<Things>();
    other.query = Some("another".to_owned());
    let error = client.call(other).send().await.unwrap_err();
    assert!(
        error.to_string().contains("has no recording of `GET /things`"),
        "{error}"
    );
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test(start_paused = true)]
async fn tokens_that_were_granted_are_hidden_and_can_be_played() {
    let path = file("granted");
    let desk = Desk::new();
    let recording = RecordingTransport::new(desk.script(), &path).hiding(&Machine::new());
    let connection = Connection::<Short>::builder().transport(recording).build().unwrap();
    let client = Client::new(&connection, Machine::new());
    client.call(ask::<Granted>()).send().await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("granted-1") && !text.contains(KEY), "{text}");

    let replay = ReplayTransport::open(&path).unwrap();
    let connection = Connection::<Short>::builder().transport(replay).build().unwrap();
    let client = Client::new(&connection, Machine::new());
    client.call(ask::<Granted>()).send().await.unwrap();
    std::fs::remove_file(&path).unwrap();
}

/// Or else the grant would be missing in the cassette.
#[tokio::test(start_paused = true)]
async fn a_recording_asks_for_a_token_of_its_own_where_the_process_holds_one() {
    let path = file("held");
    let desk = Desk::new();
    // What is made of it shares its tokens, as the connections of a process do.
    let script = desk.script();
    let connection = Connection::<Short>::builder()
        .transport(script.clone())
        .build()
        .unwrap();
    let client = Client::new(&connection, Machine::new());
    client.call(ask::<Granted>()).send().await.unwrap();

    let recording = RecordingTransport::new(script, &path).hiding(&Machine::new());
    let connection = Connection::<Short>::builder().transport(recording).build().unwrap();
    let client = Client::new(&connection, Machine::new());
    client.call(ask::<Granted>()).send().await.unwrap();

    let replay = ReplayTransport::open(&path).unwrap();
    let connection = Connection::<Short>::builder().transport(replay).build().unwrap();
    let client = Client::new(&connection, Machine::new());
    client.call(ask::<Granted>()).send().await.unwrap();
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn secrets_are_hidden_by_their_names_wherever_they_stand() {
    let path = file("named");
    let reply = json!({
        "sessionToken": "session-0001",
        "credentials": [{"privateKey": "private-0002"}, {"value": "open"}],
        "apiKeys": ["key-0003", "key-0004"],
        "secret": {"value": "value-0005", "kind": "kept-0006"},
        "headers": {"Authorization": "Bearer bearer-0007"},
        "token_type": "kept-0008",
        "nextPageToken": "kept-0009",
        "otp": "1234",
        "id": "kept-12345",
        "echo": "bearer-0007 header-0011 pin=1234",
    });
    let script = ScriptedTransport::new().then(HttpReply::new(200).header("x-csrf-token", "header-0011").json(&reply));
    let recording = RecordingTransport::new(script, &path).hiding(&Source::new(SECRET));
    let client = Client::new(&connection(recording), Source::new(SECRET));
    client.call(ask::<Things>()).send().await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    for hidden in [
        "0001", "0002", "0003", "0004", "0005", "0007", "0011", "\"1234\"", "pin=1234",
    ] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
    for kept in ["kept-0006", "kept-0008", "kept-0009", "kept-12345", "open"] {
        assert!(text.contains(kept), "{kept} is missing in {text}");
    }
    std::fs::remove_file(&path).unwrap();
}

/// No repeat could help.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_recorded_is_not_repeated() {
    let careless = RecordingTransport::new(ScriptedTransport::new().then(ok()), file("unnamed"));
    let nowhere = file("nowhere").join("no-such-folder/file.json");
    let answers = ScriptedTransport::answering(|_| (ms(0), Ok(ok())));
    let unwritten = RecordingTransport::new(answers, nowhere).hiding(&Source::new(SECRET));
    for recording in [careless, unwritten] {
        let client = Client::new(&connection(recording), Source::new(SECRET));
        let error = client.call(ask::<Again>()).send().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Network, 1), "{error}");
    }
}

#[tokio::test]
async fn nothing_is_recorded_before_it_is_known_what_to_hide() {
    let path = file("careless");
    let script = ScriptedTransport::new().then(ok());
    let recording = RecordingTransport::new(script.clone(), &path);
    let client = Client::new(&connection(recording), Source::new(SECRET));
    let error = client.call(ask::<Things>()).send().await.unwrap_err();
    assert!(error.to_string().contains("`.hiding(&token)`"), "{error}");
    assert!(script.requests().is_empty() && !path.exists());
    let recording = RecordingTransport::new(ScriptedTransport::new().then(ok()), &path).hiding(&Anonymous);
    let client = Client::new(&connection(recording), Anonymous);
    client.call(ask::<Things>()).send().await.unwrap();
    assert!(path.exists());
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test]
async fn a_secret_that_is_known_late_is_taken_out_of_what_was_recorded_before() {
    let path = file("late");
    let script = ScriptedTransport::new();
    let script = script
        .then(HttpReply::new(200).json(&json!({"ticket": "late-ticket"})))
        .then(ok());
    let recording = RecordingTransport::new(script, &path).hiding(&Source::new(SECRET));
    let connection = connection(recording);
    let asks = Client::new(&connection, Source::new(SECRET));
    asks.call(ask::<Things>()).send().await.unwrap();
    assert!(
        std::fs::read_to_string(&path).unwrap().contains("late-ticket"),
        "nobody can know yet"
    );
    let shows = Client::new(&connection, Source::new("late-ticket"));
    shows.call(ask::<Things>()).send().await.unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("ticket") && !text.contains("late-ticket"), "{text}");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn what_is_no_cassette_is_said() {
    let path = file("odd");
    std::fs::write(&path, "{\"cassette\": 7, \"exchanges\": []}").unwrap();
    let error = ReplayTransport::open(&path).unwrap_err().to_string();
    assert!(error.contains("its version is 7"), "{error}");
    std::fs::write(&path, "hello").unwrap();
    assert!(
        ReplayTransport::open(&path)
            .unwrap_err()
            .to_string()
            .contains("is no cassette")
    );
    std::fs::remove_file(&path).unwrap();
    assert!(ReplayTransport::open(&path).is_err());
}

#[cfg(feature = "tower")]
mod tower {
    use super::*;
    use http_body_util::{BodyExt, Full};
    use std::{
        convert::Infallible,
        pin::Pin,
        sync::{Arc, Mutex},
        task::{Context, Poll},
    };
    use tollgate::{Bytes, TowerBody, TowerTransport};
    use tower_service::Service;

    type Seen = Arc<Mutex<Vec<String>>>;

    /// Answers each request with a body, and writes down what it was.
    #[derive(Clone)]
    struct Echo(Seen, &'static str);

    impl Service<http::Request<TowerBody>> for Echo {
        type Response = http::Response<Full<Bytes>>;
        type Error = Infallible;
        type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: http::Request<TowerBody>) -> Self::Future {
            let (seen, answer) = (Arc::clone(&self.0), self.1);
            Box::pin(async move {
                let (head, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let token = &head.headers["x-api-token"];
                seen.lock().unwrap().push(format!(
                    "{} {} {} {token:?} {}",
                    head.method,
                    head.uri,
                    token.to_str().unwrap(),
                    String::from_utf8_lossy(&body)
                ));
                Ok(http::Response::builder()
                    .status(200)
                    .header("x-a", "b")
                    .body(answer.into())
                    .unwrap())
            })
        }
    }

    /// A layer of a team's own, that fails when it is told to.
    #[derive(Clone)]
    struct Flaky<S>(S, Arc<Mutex<u32>>);

    impl<S: Service<http::Request<TowerBody>, Error = Infallible>> Service<http::Request<TowerBody>> for Flaky<S>
    where
        S::Future: Send + 'static,
    {
        type Response = S::Response;
        type Error = String;
        type Future = Pin<Box<dyn Future<Output = Result<S::Response, String>> + Send>>;

        fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
            self.0.poll_ready(cx).map_err(|never| match never {})
        }

        fn call(&mut self, request: http::Request<TowerBody>) -> Self::Future {
            let mut left = self.1.lock().unwrap();
            if *left > 0 {
                *left -= 1;
                return Box::pin(async { Err(format!("the mesh is away, and {SECRET} was to go there")) });
            }
            let answer = self.0.call(request);
            Box::pin(async move { answer.await.map_err(|never| match never {}) })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stack_of_services_is_a_transport() {
        let seen = Seen::default();
        let stack = Flaky(Echo(Arc::clone(&seen), "42"), Arc::new(Mutex::new(1)));
        let client = Client::new(&connection(TowerTransport::new(stack)), Source::new(SECRET));
        let mut ask = ask::<Post>();
        ask.query = Some("ä".to_owned());
        ask.body = Some(json!({"a": 1}));
        let error = client.call(ask.clone()).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        assert!(
            error.to_string().contains("the mesh is away") && !error.to_string().contains(SECRET),
            "{error}"
        );
        assert_eq!(client.call(ask).send().await.unwrap(), 42);
        let expected = format!("POST https://api.toy.example/v1/things?q=%C3%A4 {SECRET} Sensitive {{\"a\":1}}");
        assert_eq!(*seen.lock().unwrap(), [expected]);
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_not_read_to_its_end() {
        let stack = Echo(Seen::default(), "[0,0,0]");
        let client = Client::new(&connection(TowerTransport::new(stack).max_body(6)), Source::new(SECRET));
        let error = client.call(ask::<Again>()).send().await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Network, 1));
        assert!(error.to_string().contains("longer than 6 bytes"), "{error}");
    }
}

#[cfg(feature = "blocking")]
mod blocking {
    use super::*;
    use std::marker::PhantomData;
    use tollgate::{BatchSpec, Pager, PagerKind, ParamAt, Path};

    says! {
        ByPage = Spec {
            pager: Some(&Pager {
                kind: PagerKind::Page { page: ParamAt::Query("page"), first: 1 },
                items: Path(&[]),
                page_size: None,
                total: None,
                stop_short: false,
            }),
            ..GET
        };
        Batched = Spec { method: Method::Put, batch: Some(BatchSpec { max_items: 2 }), ..GET };
    }

    fn script(answers: impl IntoIterator<Item = serde_json::Value>) -> ScriptedTransport {
        answers.into_iter().fold(ScriptedTransport::new(), |script, answer| {
            // After a while, so that the clock of the calls' thread must run.
            script.then_after(ms(2), Ok(HttpReply::new(200).json(&answer)))
        })
    }

    #[test]
    fn a_program_without_a_runtime_can_call() {
        let script = script([json!(1), json!([1, 2]), json!([3]), json!([]), json!("a"), json!("b")]);
        let client = client(&script);
        assert_eq!(client.call(ask::<Things>()).send_blocking().unwrap(), 1);
        let items: Result<Vec<_>, _> = client.call(list::<ByPage>()).items_blocking().collect();
        assert_eq!(items.unwrap(), [1, 2, 3]);
        let put = Put::<Batched>(vec![json!(1), json!(2), json!(3)], PhantomData);
        let batch = client.call(put).send_all_blocking().unwrap();
        assert_eq!(batch.into_outputs().unwrap(), ["a", "b"]);
        assert_eq!(script.requests().len(), 6);
    }

    #[test]
    fn pages_come_one_by_one_and_threads_can_call_at_once() {
        let client = client(&script([json!([1, 2]), json!([])]));
        let pages: Vec<_> = client
            .call(list::<ByPage>())
            .pages_blocking()
            .map(Result::unwrap)
            .collect();
        assert_eq!(pages[0].items, [1, 2]);
        let many = ScriptedTransport::answering(|_| (ms(2), Ok(ok())));
        let client = super::client(&many);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| client.call(ask::<Things>()).send_blocking().unwrap());
            }
        });
        assert_eq!(many.requests().len(), 8);
    }

    #[tokio::test]
    async fn inside_of_a_runtime_it_is_an_error_and_nothing_is_sent() {
        let script = script([json!(1)]);
        let client = client(&script);
        let error = client.call(ask::<Things>()).send_blocking().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.to_string().contains("inside of a tokio runtime"), "{error}");
        let mut items = client.call(list::<ByPage>()).items_blocking();
        assert!(items.next().unwrap().is_err() && items.next().is_none());
        let put = Put::<Batched>(vec![json!(1)], PhantomData);
        assert!(client.call(put).send_all_blocking().is_err());
        assert!(script.requests().is_empty());
    }
}
