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
