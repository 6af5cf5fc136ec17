//! Headers that nobody passes as a parameter.

mod support;

use support::*;
use tollgate::{
    Client, Connection, ConnectionError, EnvironmentSpec, ErrorKind, Named, Provider, ProviderSpec, ScriptedTransport,
    Settings, Spec, VariableSpec,
};

struct Shop;

impl Provider for Shop {
    type Environment = Environment;
    type Variable = Tenant;
    const SPEC: &'static ProviderSpec = &ProviderSpec {
        id: "shop",
        title: "Shop",
        environments: &[EnvironmentSpec {
            name: "production",
            base_url: "https://api.shop.example",
            hosts: &[],
        }],
        variables: &[VariableSpec {
            name: "tenant",
            env: None,
            default: None,
            pattern: None,
            allowed: &[],
        }],
        tokens: &[],
    };
}

#[derive(Clone, Copy, Default)]
struct Tenant;

impl Named for Tenant {
    fn index(self) -> usize {
        0
    }
}

says! {
    Tenanted = Spec { settings: &Settings { headers: &[("x-tenant", "id={tenant}")], retry: Some(&RETRY), ..PLAIN }, ..GET };
    Plain = Spec { settings: &PLAIN, ..GET };
    Blank = Spec { settings: &PLAIN, accept: None, ..GET };
    Picky = Spec { settings: &Settings { headers: &[("Accept", "application/vnd.toy+json")], ..PLAIN }, ..GET };
}

fn tenant(value: &str) -> (ScriptedTransport, Client<Source>) {
    let script = ScriptedTransport::new().then(ok());
    let builder = Connection::<Shop>::builder().transport(script.clone());
    let connection = builder.variable(Tenant, value).build().unwrap();
    (script, Client::new(&connection, Source::new(SECRET)))
}

#[tokio::test(start_paused = true)]
async fn a_variable_with_a_line_break_is_no_header_and_no_failure_of_the_network() {
    let (script, client) = tenant("blue\r\nx-admin: 1");
    let error = client.call(ask::<Tenanted>()).send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
    assert!(error.to_string().contains("`x-tenant`"), "{error}");
    assert!(script.requests().is_empty());
    let (script, client) = tenant("blue");
    client.call(ask::<Tenanted>()).send().await.unwrap();
    assert_eq!(script.requests()[0].header("x-tenant"), Some("id=blue"));
}

#[test]
fn a_user_agent_with_a_line_break_is_refused() {
    let builder = Connection::<Toy>::builder().transport(ScriptedTransport::new());
    let error: ConnectionError = builder.user_agent("mine\r\nx-admin: 1").build().unwrap_err();
    assert!(error.to_string().contains("user agent"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn json_is_asked_for_where_nothing_else_is_said() {
    let script = ScriptedTransport::new().then(ok()).then(ok()).then(ok());
    let client = client(&script);
    client.call(ask::<Plain>()).send().await.unwrap();
    client.call(ask::<Blank>()).send().await.unwrap();
    client.call(ask::<Picky>()).send().await.unwrap();
    let accepts: Vec<_> = script
        .requests()
        .iter()
        .map(|request| {
            request
                .headers()
                .get_all("accept")
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        accepts,
        [vec!["application/json"], vec![], vec!["application/vnd.toy+json"]]
    );
}
