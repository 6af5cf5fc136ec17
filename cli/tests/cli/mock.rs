use crate::program::run;

#[test]
fn what_the_server_cannot_do_is_exit_code_2() {
    let fault = run(&["mock", "shop.yaml", "--fault", "orders.gte=503"]);
    assert_eq!(fault.code, Some(2), "{fault}");
    assert!(fault.talk.contains("orders.gte"), "{fault}");
    let time = run(&["mock", "shop.yaml", "--latency", "soon"]);
    assert_eq!(time.code, Some(2), "{time}");
    assert!(time.talk.contains("80ms"), "{time}");
}

#[test]
fn webhooks_that_cannot_be_sent_are_exit_code_2() {
    let acme = "../../../../descriptor/tests/good/acme.yaml";
    let refused = |arguments: &[&str], told: &str| {
        let run = run(&[&["mock"], arguments].concat());
        assert!(run.code == Some(2) && run.talk.contains(told), "{run}");
    };
    let loopback = "http://127.0.0.1:9/hooks";
    refused(&["shop.yaml", "--webhook-url", loopback], "no `webhooks`");
    refused(&[acme, "--webhook-url", "http://hooks.example/acme"], "loopback only");
    refused(&[acme, "--webhook-url", "https://127.0.0.1/acme"], "plain http");
    refused(
        &[acme, "--webhook-url", loopback, "--webhook", "order.lost"],
        "order.created",
    );
    refused(&[acme, "--webhook", "ping"], "--webhook-url");
}

#[test]
fn webhooks_are_sent_signed_once_the_server_is_up() {
    use crate::program::program;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::process::Stdio;

    let receiver = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/hooks?shop=1", receiver.local_addr().expect("an address"));
    let mut mock = program()
        .args([
            "mock",
            "../../../../descriptor/tests/good/acme.yaml",
            "--quiet",
            "--webhook-url",
            &url,
        ])
        .args(["--webhook", "ping", "--webhook", "order.created"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let lines = BufReader::new(mock.stdout.take().expect("it was piped")).lines();
    let mut lines = lines.map(|line| line.expect("a line"));
    let secret = lines.find_map(|line| line.strip_prefix("webhook_secret ").map(str::to_owned));
    // As Acme writes it: what every test knows, in base64.
    assert_eq!(secret.as_deref(), Some("acmewh_dGVzdC13ZWJob29rLXNlY3JldA=="));
    for event in ["ping", "order.created"] {
        let (mut stream, _) = receiver.accept().expect("a delivery");
        let mut reader = BufReader::new(stream.try_clone().expect("a reader"));
        let (mut head, mut length) = (String::new(), 0);
        while reader.read_line(&mut head).expect("a line") > 2 {}
        for line in head.lines() {
            if let Some(told) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = told.parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let body: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert!(head.starts_with("POST /hooks?shop=1 HTTP/1.1\r\n"), "{head}");
        assert!(head.to_ascii_lowercase().contains("acme-signature: "), "{head}");
        assert_eq!(body["type"], event);
        write!(stream, "HTTP/1.1 204 No Content\r\n\r\n").expect("answered");
    }
    let talk = BufReader::new(mock.stderr.take().expect("it was piped")).lines();
    let told: Vec<String> = talk
        .map(|line| line.expect("a line"))
        .filter(|line| line.starts_with("webhook "))
        .take(2)
        .collect();
    assert_eq!(told, ["webhook ping 204", "webhook order.created 204"]);
    mock.kill().expect("it runs");
    mock.wait().expect("it ends");
}

#[cfg(unix)]
#[test]
fn it_prints_where_it_serves_and_ends_with_a_report() {
    use crate::program::program;
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::process::{Command, Stdio};

    let mut mock = program()
        .args(["mock", "shop.yaml", "--quiet"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let mut output = BufReader::new(mock.stdout.take().expect("it was piped"));
    let mut line = || {
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        line.trim_end().to_owned()
    };
    let base_url = line();
    let address = base_url.strip_prefix("base_url http://").expect(&base_url).to_owned();
    let token = line();
    let header = token.strip_prefix("token account ").expect(&token).to_owned();

    let mut connection = TcpStream::connect(&address).expect("it listens");
    write!(
        connection,
        "GET /account HTTP/1.1\r\nHost: {address}\r\n{header}\r\nConnection: close\r\n\r\n"
    )
    .expect("sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let interrupted = Command::new("kill")
        .args(["-INT", &mock.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(interrupted.success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("the report");
    assert!(rest.contains("1 requests, 0 refused"), "{rest}");
    assert!(rest.contains("account.get: 1×200"), "{rest}");
    assert!(mock.wait().expect("it ends").success());
}

#[test]
fn every_part_of_every_test_token_is_printed() {
    use crate::program::program;
    use std::io::{BufRead as _, BufReader};
    use std::process::Stdio;

    let mut mock = program()
        .args(["mock", "../../../../descriptor/tests/good/harbor.yaml", "--quiet"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary runs");
    let lines = BufReader::new(mock.stdout.take().expect("it was piped")).lines();
    let lines = lines.map(|line| line.expect("a line"));
    // The last one of the descriptor, which has no fields.
    let lines: Vec<String> = lines.take_while(|line| !line.starts_with("token guest ")).collect();
    mock.kill().expect("it runs");
    mock.wait().expect("it ends");
    for line in [
        "token machine Authorization: Bearer test-machine",
        "field machine client_id: test-machine-client_id",
        "field machine client_secret: test-machine-client_secret",
        "field delegate refresh_token: test-delegate-refresh_token",
        "field pilot password: test-pilot-password",
    ] {
        assert!(
            lines.iter().any(|known| known == line),
            "`{line}` is missing in {lines:#?}"
        );
    }
    // What its header shows is not said twice.
    assert!(
        !lines.iter().any(|line| line.starts_with("field api_key")),
        "{lines:#?}"
    );
}
