//! The same request by each client.

use crate::{Result, peer::Peer};
use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use nix::sys::{
    resource::{UsageWho, getrusage},
    time::TimeValLike,
};
use serde::Deserialize;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::{alloc::System, str::FromStr};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TOKEN: &str = "a-token-of-the-bench";
const ORDER: i64 = 1042;
const WARM_UP: u64 = 2_000;

mod progenitor_client_of_shop {
    progenitor::generate_api!(spec = "api/shop.json", interface = Positional);
}

mod shop {
    tollgate::include_provider!(shop);
}

use shop::shop as tollgate_client_of_shop;

/// What one request costs.
pub(crate) struct Cost {
    pub(crate) microseconds: f64,
    pub(crate) allocations: f64,
    pub(crate) bytes: f64,
}

impl FromStr for Cost {
    type Err = Box<dyn std::error::Error + Send + Sync>;

    fn from_str(text: &str) -> Result<Self> {
        let mut numbers = text.split_whitespace().map(str::parse);
        let mut next = || -> Result<f64> { Ok(numbers.next().ok_or("a client did not tell what it cost")??) };
        Ok(Self {
            microseconds: next()?,
            allocations: next()?,
            bytes: next()?,
        })
    }
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is read, as an application would")]
struct Order {
    id: i64,
    number: String,
    status: Status,
    total: f64,
    currency: String,
    lines: Vec<Line>,
    note: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "it is read, as an application would")]
struct Line {
    sku: String,
    quantity: i64,
    price: f64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Open,
    Shipped,
    Cancelled,
}

/// Sends all requests by one client.
pub(crate) async fn measure(peer: Peer, url: &str, requests: u64, at_a_time: usize) -> Result<Cost> {
    match peer {
        Peer::Hyper => {
            let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
            let url: hyper::Uri = format!("{url}/orders/{ORDER}?expand=lines").parse()?;
            run(requests, at_a_time, || by_hyper(&client, &url)).await
        }
        Peer::Reqwest => {
            let client = reqwest::Client::new();
            run(requests, at_a_time, || by_reqwest(&client, url)).await
        }
        Peer::Progenitor => {
            let mut headers = reqwest::header::HeaderMap::new();
            headers.insert("x-shop-token", TOKEN.parse()?);
            let client = reqwest::Client::builder().default_headers(headers).build()?;
            let client = progenitor_client_of_shop::Client::new_with_client(url, client);
            run(requests, at_a_time, || by_progenitor(&client)).await
        }
        Peer::Tollgate | Peer::TollgateIgnoringDrift => {
            use tollgate_client_of_shop::{Client, Connection, Shop};
            let drift = match peer {
                Peer::TollgateIgnoringDrift => tollgate::Drift::Ignore,
                _ => tollgate::Drift::Report,
            };
            let connection = Connection::builder().base_url(url).drift(drift).build()?;
            let client = Client::with(&connection, Shop::new(TOKEN));
            run(requests, at_a_time, || by_tollgate(&client)).await
        }
    }
}

async fn by_hyper(
    client: &Client<hyper_util::client::legacy::connect::HttpConnector, Empty<Bytes>>,
    url: &hyper::Uri,
) -> Result<i64> {
    let request = hyper::Request::get(url)
        .header("x-shop-token", TOKEN)
        .body(Empty::new())?;
    let body = client.request(request).await?.into_body().collect().await?.to_bytes();
    Ok(serde_json::from_slice::<Order>(&body)?.id)
}

async fn by_reqwest(client: &reqwest::Client, url: &str) -> Result<i64> {
    let request = client
        .get(format!("{url}/orders/{ORDER}"))
        .query(&[("expand", "lines")])
        .header("x-shop-token", TOKEN);
    Ok(request.send().await?.error_for_status()?.json::<Order>().await?.id)
}

async fn by_progenitor(client: &progenitor_client_of_shop::Client) -> Result<i64> {
    Ok(client.get_order(ORDER, Some("lines")).await?.into_inner().id)
}

async fn by_tollgate(client: &tollgate_client_of_shop::ShopClient) -> Result<i64> {
    use tollgate_client_of_shop::orders::GetOrder;
    Ok(client
        .orders()
        .get(GetOrder::new(ORDER).expand("lines"))
        .send()
        .await?
        .id)
}

async fn run<Sent, Sending>(requests: u64, at_a_time: usize, send: Sent) -> Result<Cost>
where
    Sent: Fn() -> Sending,
    Sending: Future<Output = Result<i64>>,
{
    send_all(WARM_UP.min(requests), at_a_time, &send).await?;
    let (time, heap) = (processor_time()?, ALLOCATOR.stats());
    send_all(requests, at_a_time, &send).await?;
    let (time, heap) = (processor_time()? - time, ALLOCATOR.stats() - heap);
    #[expect(clippy::cast_precision_loss, reason = "these are far below 2^52")]
    let each = |count: u64| count as f64 / requests as f64;
    Ok(Cost {
        microseconds: each(time),
        allocations: each(u64::try_from(heap.allocations + heap.reallocations)?),
        bytes: each(u64::try_from(heap.bytes_allocated)?),
    })
}

async fn send_all<Sent, Sending>(requests: u64, at_a_time: usize, send: &Sent) -> Result<()>
where
    Sent: Fn() -> Sending,
    Sending: Future<Output = Result<i64>>,
{
    let mut sent = stream::iter((0..requests).map(|_| send())).buffer_unordered(at_a_time);
    while let Some(id) = sent.next().await {
        if id? != ORDER {
            return Err("the answer is another order".into());
        }
    }
    Ok(())
}

/// Of this process, in microseconds, in the program and in the system.
fn processor_time() -> Result<u64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let both = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(u64::try_from(both)?)
}
