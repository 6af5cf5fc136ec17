//! `tollgate mock`: a server that behaves as a descriptor says, until Ctrl-C.

mod webhook;

use crate::failure::{Failure, print, talk};
use crate::input;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tollgate_descriptor::model::{Carrier, Model, Scheme, TemplatePart, Token};
use tollgate_mock::{Mock, Report, Running, ScriptedFault, StartError};

/// Serves a descriptor on loopback, prints the base URL and the test tokens, and ends with a report.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  tollgate mock providers/flxpoint.yaml --port 4010\n  \
                        tollgate mock acme.yaml --latency 80ms --jitter 40ms --seed 7\n  \
                        tollgate mock acme.yaml --fault 'orders.create=2x503' --fault '*=429/2s'\n  \
                        tollgate mock acme.yaml --webhook-url http://127.0.0.1:8080/webhooks --webhook order.created\n\n\
                        A fault is OPERATION=[COUNTx]WHAT: the operation or `*`, how often, and a status (503), a status\n\
                        with a wait (429/2s) or headers (answer:302;Location=https://x.example), `reset`, `revoked`, `lost`\n\
                        (done, but not answered), `delay:500ms`, or a way to spoil the answer: `reset-head`, `reset-body`,\n\
                        `truncated`, `slow-head:1s`, `slow-body:1s`, `padded:16m`, `html`, `empty`, `body:TEXT`, `raw:BYTES`,\n\
                        `scrambled:7`, `no-content`, `headers:200`, `bad-chunks`, `http10`, `early-hints:3`, `smuggled`, `stale`.")]
pub(crate) struct Arguments {
    /// The descriptor; `-` reads standard input.
    file: String,
    /// The port on loopback; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The environment whose paths and token prefixes count; the first unless said.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// How long a round trip takes.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    latency: Duration,
    /// How much longer it may take.
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    jitter: Duration,
    /// Decides all that is made up: the same seed, the same answers.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// How many items each paged operation has.
    #[arg(long, default_value_t = 250)]
    items: u64,
    /// A failure for the next answers; may be repeated.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<ScriptedFault>,
    /// Tells the budgets of tokens in the fields `RateLimit` and `RateLimit-Policy` too.
    #[arg(long)]
    rate_limit_fields: bool,
    /// Tolerates query parameters, fields and values that the descriptor does not know.
    #[arg(long)]
    tolerant: bool,
    /// Does not tell of each request.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    webhooks: webhook::Arguments,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let model = input::load(&arguments.file)?.model;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Failure::io("start the server", &error))?;
    let report = runtime.block_on(serve(arguments, model))?;
    print(&format!("\n{report}"))
}

async fn serve(arguments: &Arguments, model: Model) -> Result<Report, Failure> {
    let deliveries = arguments.webhooks.deliveries(&model)?;
    let model = Arc::new(model);
    let mut builder = Mock::builder(Arc::clone(&model))
        .port(arguments.port)
        .latency(arguments.latency)
        .jitter(arguments.jitter)
        .seed(arguments.seed)
        .items(arguments.items);
    if let Some(environment) = &arguments.environment {
        builder = builder.environment(environment);
    }
    if arguments.tolerant {
        builder = builder.tolerant();
    }
    if arguments.rate_limit_fields {
        builder = builder.rate_limit_fields();
    }
    if !arguments.quiet {
        builder = builder.on_request(|seen| talk(format_args!("{seen}")));
    }
    builder = arguments
        .fault
        .iter()
        .cloned()
        .fold(builder, tollgate_mock::Builder::fault);

    let mock = builder.start().await.map_err(|error| refused(&error))?;
    print(&addresses(&mock, &model))?;
    if let Some(secret) = deliveries.as_ref().and_then(webhook::Deliveries::secret) {
        print(&format!("webhook_secret {secret}\n"))?;
    }
    let title = &model.provider.title;
    talk(format_args!("{title} is served; Ctrl-C ends it with a report"));
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    let ended = tokio::select! {
        // A receiver that does not answer keeps nobody from ending the server.
        biased;
        ended = interrupted.as_mut() => Some(ended),
        () = async { if let Some(deliveries) = &deliveries { deliveries.send(&model).await } } => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => interrupted.await,
    };
    ended.map_err(|error| Failure::io("wait for Ctrl-C", &error))?;
    Ok(mock.shutdown().await)
}

/// Where it serves, and what it accepts: a word, a name, and how it is sent.
fn addresses(mock: &Running, model: &Model) -> String {
    let mut text = format!("base_url {}\n", mock.base_url());
    for (name, url) in mock.hosts() {
        // A `String` takes whatever is written to it.
        let _ = writeln!(text, "host {name} {url}");
    }
    for (name, url) in mock.token_urls() {
        let _ = writeln!(text, "token_url {name} {url}");
    }
    for token in mock.tokens() {
        for (name, value) in token.headers() {
            let _ = writeln!(text, "token {} {name}: {value}", token.label());
        }
        for (name, value) in token.query() {
            let _ = writeln!(text, "token {} ?{name}={value}", token.label());
        }
        let label = token.label();
        let declared = model.tokens.iter().find(|declared| declared.name == label);
        for (name, value) in token.fields() {
            if declared.is_some_and(|declared| shows(declared, &name)) {
                continue;
            }
            // A private key has several lines.
            let value = value.replace('\n', "\\n");
            let _ = writeln!(text, "field {label} {name}: {value}");
        }
    }
    text
}

/// Whether a header or a query parameter shows a field as it is. Those of a grant are shown to the token endpoint only.
fn shows(token: &Token, field: &str) -> bool {
    let Scheme::Placed(placements) = &token.scheme else {
        return false;
    };
    let mut placements = placements.iter().filter(|placement| placement.at != Carrier::Body);
    let is_field = |part: &TemplatePart| matches!(part, TemplatePart::Hole(name) if name == field);
    placements.any(|placement| placement.value.0.iter().any(is_field))
}

fn refused(error: &StartError) -> Failure {
    let failure = Failure::usage(error.to_string());
    match error {
        StartError::Bind(_) => failure.help("another program may have the port; `--port 0` takes a free one"),
        _ => failure,
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let parsed = text
        .parse::<jiff::SignedDuration>()
        .ok()
        .and_then(|duration| Duration::try_from(duration).ok());
    parsed.ok_or_else(|| "a number and a unit is expected: `80ms`, `1.5s`".to_owned())
}
