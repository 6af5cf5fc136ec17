//! The whole way on one machine: a descriptor, its matrix, its mock, and calls with the generated client.
//!
//! `cargo run --example quickstart`

use futures_util::TryStreamExt as _;
use std::error::Error;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tollgate_cli::matrix::Matrix;
use tollgate_descriptor::{diagnostic::Diagnostics, load, source::Sources, syntax};
use tollgate_mock::{Mock, Running};
use tollgate_providers::flxpoint::inventory::UpsertParents;
use tollgate_providers::flxpoint::listings::{CountVariants, ListVariants};
use tollgate_providers::flxpoint::models::{InventoryParentWrite, InventoryVariantWrite};
use tollgate_providers::flxpoint::{Channel, ChannelClient, Client, Connection, Source};

const DESCRIPTOR: &str = "providers/flxpoint.yaml";
const LISTINGS: u64 = 250;
const VARIANTS: usize = 45;
const TASKS: usize = 8;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../providers/flxpoint.yaml"))?;
    let sources = Sources::from_text(DESCRIPTOR, text);
    let model = load(&sources).map_err(|found| found.render(&sources, false))?.model;
    let descriptor = syntax::parse(&sources, &mut Diagnostics::new());
    println!("{}", Matrix::new(&model, descriptor.as_ref()).overview());

    println!("## What was done\n");
    let mock = Mock::builder(model)
        .items_of("listings.list_variants", LISTINGS)
        .latency(Duration::from_millis(20))
        .jitter(Duration::from_millis(20))
        .start()
        .await?;
    println!(
        "The mock serves {DESCRIPTOR} on {}: 2 requests in any second per token, as Flxpoint has it.",
        mock.base_url()
    );
    let connection = Connection::builder().base_url(mock.base_url()).build()?;
    let channel = Client::with(&connection, Channel::new(secret(&mock, "channel")?));
    let source = Client::with(&connection, Source::new(secret(&mock, "source")?));
    // `source.listings().list_variants(…)` does not compile: a source token does not hold the scope `sales`.

    // Two tokens, two budgets: both at once.
    tokio::try_join!(page(&channel), push(&source))?;
    share(&channel).await?;
    let report = mock.report();
    assert_eq!(report.rejected(), 0, "the limit was never broken");

    mistake(&connection, &mock).await?;
    println!("\n{report}");
    without_limiter(&mock).await
}

/// Pages through all listings of the channel.
async fn page(client: &ChannelClient) -> Result<(), Box<dyn Error>> {
    let listings: Vec<_> = client
        .listings()
        .list_variants(ListVariants::new())
        .items()
        .try_collect()
        .await?;
    println!("The channel token read {} listings, page by page.", listings.len());
    assert_eq!(u64::try_from(listings.len())?, LISTINGS);
    Ok(())
}

/// Pushes more variants than one call may hold.
async fn push(client: &Client<Source>) -> Result<(), Box<dyn Error>> {
    let parents = (1..=VARIANTS).map(|number| {
        let mut parent = InventoryParentWrite::new(format!("MUG-{number}"));
        parent.variants = Some(vec![InventoryVariantWrite::new(format!("MUG-{number}-BLUE"))]);
        parent
    });
    let batch = client
        .inventory()
        .upsert_parents(UpsertParents::new(parents.collect::<Vec<_>>()))
        .send_all()
        .await;
    let sizes: Vec<_> = batch.parts().iter().map(|part| part.range.len().to_string()).collect();
    println!(
        "The source token pushed {VARIANTS} variants in {} calls of {}.",
        sizes.len(),
        sizes.join(", ")
    );
    assert!(batch.is_success());
    assert_eq!(sizes, ["20", "20", "5"]);
    Ok(())
}

/// Shares one token among many tasks.
async fn share(client: &ChannelClient) -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        tasks.spawn(client.listings().count_variants(CountVariants::new()).send());
    }
    for answer in tasks.join_all().await {
        answer?;
    }
    let took = started.elapsed().as_secs_f64();
    println!("{TASKS} tasks shared the channel token for {TASKS} calls: {took:.1} s, and no 429.");
    Ok(())
}

/// A secret of one type under the name of another: what no compiler can see, the provider says, and the error explains.
async fn mistake(connection: &Connection, mock: &Running) -> Result<(), Box<dyn Error>> {
    let impostor = Client::with(connection, Channel::new(secret(mock, "source")?));
    match impostor.verify().await {
        Ok(_) => Err("the mock let a source token read listings".into()),
        Err(error) => {
            println!("\nA source token that is said to be a channel token compiles, and then:\n\n{error}");
            assert!(error.hint().is_some(), "it says what to do");
            Ok(())
        }
    }
}

/// The same burst without the limiter, on a token of its own.
async fn without_limiter(mock: &Running) -> Result<(), Box<dyn Error>> {
    let token = mock.token("channel").ok_or("no such token type")?.number(2);
    let url = format!("{}/listing/variants/count", mock.base_url());
    let http = reqwest::Client::new();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let request = token
            .headers()
            .iter()
            .fold(http.get(&url), |request, (name, value)| request.header(name, value));
        tasks.spawn(request.send());
    }
    let mut refused = 0;
    for answer in tasks.join_all().await {
        refused += usize::from(answer?.status().as_u16() == 429);
    }
    println!("What the limiter saved: the same {TASKS} calls at once, without it, were refused {refused} times.");
    assert!(refused > 0, "the mock enforces the limit");
    Ok(())
}

fn secret(mock: &Running, token: &str) -> Result<String, Box<dyn Error>> {
    Ok(mock.token(token).ok_or("no such token type")?.value())
}
