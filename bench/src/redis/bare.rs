//! A provider that answers at once and limits next to nothing, so that what is left is the admission.

use std::time::Duration;
use tollgate::{
    Anonymous, Budgets, Client, Connection, ConnectionError, DecodeError, EnvironmentSpec, Exchange, HttpReply,
    HttpRequest, Limit, Named, NoErrorBody, NoVariables, Operation, PermittedBy, Provider, ProviderSpec, Redis, Reply,
    Request, Settings, Spec, Ticked, Transport,
};

struct Bare;

impl Provider for Bare {
    type Environment = Only;
    type Variable = NoVariables;
    const SPEC: &'static ProviderSpec = &ProviderSpec {
        id: "bare",
        title: "Bare",
        environments: &[EnvironmentSpec {
            name: "production",
            base_url: "https://bare.example",
            hosts: &[],
        }],
        variables: &[],
        tokens: &[],
    };
}

#[derive(Clone, Copy, Default)]
struct Only;

impl Named for Only {
    fn index(self) -> usize {
        0
    }
}

const PLENTY: Limit = Limit {
    name: "plenty",
    limit: 1_000_000,
    window: Duration::from_secs(1),
    ..Limit::DEFAULT
};

/// `GET /`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call;

impl Operation for Call {
    type Output = ();
    type Failure = NoErrorBody;
    const SPEC: &'static Spec = &Spec {
        id: "bare.get",
        path: "/",
        settings: &Settings {
            limits: &[&PLENTY],
            ..Settings::DEFAULT
        },
        ..Spec::DEFAULT
    };
    fn encode(&self, _: &mut Request) {}
    fn decode(_: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl PermittedBy<Anonymous> for Call {
    const USE_MACRO: Ticked = Ticked::YES;
}

struct AtOnce;

impl Transport for AtOnce {
    fn exchange(&self, _: HttpRequest) -> Exchange {
        Box::pin(std::future::ready(Ok(HttpReply::new(200))))
    }
    fn budgets(&self) -> Budgets {
        Budgets::new()
    }
}

/// A client whose calls cost their admission, and little else.
pub(crate) fn client(redis: &Redis) -> Result<Client<Anonymous>, ConnectionError> {
    let builder = Connection::<Bare>::builder().transport(AtOnce).shared_limits(redis);
    Ok(Client::new(&builder.build()?, Anonymous))
}
