//! A mock that serves: the handle on it, and the connections behind.

use super::{StartError, known_operation};
use crate::arrival::Arrival;
use crate::auth::TestToken;
use crate::fault::ScriptedFault;
use crate::oauth;
use crate::report::Report;
use crate::way::{Ending, World};
use crate::wire::Wire;
use bytes::Bytes;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, io};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

/// How long open requests may take when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// A mock that serves. Dropping it stops it at once.
#[derive(Debug)]
pub struct Running {
    world: Arc<World>,
    environment: usize,
    address: SocketAddr,
    orders: Option<mpsc::UnboundedSender<Order>>,
    task: Option<JoinHandle<()>>,
}

/// What a handle tells its server.
#[derive(Debug)]
enum Order {
    /// Dropped once everything is closed.
    GoDown(oneshot::Sender<()>),
    ComeBack(TcpListener),
}

impl Running {
    pub(super) fn new(world: Arc<World>, environment: usize, listener: TcpListener, address: SocketAddr) -> Self {
        let (orders, given) = mpsc::unbounded_channel();
        let task = tokio::spawn(accept(listener, Arc::clone(&world), given));
        Self {
            world,
            environment,
            address,
            orders: Some(orders),
            task: Some(task),
        }
    }

    /// What stands for the base URL of the environment, its path included: `http://127.0.0.1:4010/v1`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("{}{}", self.world.origin, self.world.router.prefix(None))
    }

    /// What stands for an extra host of the environment: `http://127.0.0.1:4010/@host/files`.
    #[must_use]
    pub fn host_url(&self, name: &str) -> Option<String> {
        self.hosts()
            .into_iter()
            .find(|(host, _)| host == name)
            .map(|(_, url)| url)
    }

    /// Every extra host with what stands for it.
    #[must_use]
    pub fn hosts(&self) -> Vec<(String, String)> {
        let hosts = self.world.model.environments[self.environment].hosts.iter().enumerate();
        hosts
            .map(|(at, (name, _))| {
                (
                    name.clone(),
                    format!("{}{}", self.world.origin, self.world.router.prefix(Some(at))),
                )
            })
            .collect()
    }

    /// What stands for the token endpoints that are not below the base URL, by token type.
    #[must_use]
    pub fn token_urls(&self) -> Vec<(String, String)> {
        oauth::urls(&self.world.model, &self.world.origin, self.world.router.prefix(None))
    }

    /// Revokes a token by its label, `channel-2`. Of a short-lived one all that were issued are forgotten, and the next is
    /// good again; any other is not known any more.
    pub fn revoke(&self, label: &str) {
        let tokens = self.world.model.tokens.iter().filter(|token| token.grant.is_some());
        let names = tokens.map(|token| token.name.as_str());
        let is_issued = names.into_iter().any(|name| {
            let rest = label.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
        let mut state = self.world.state();
        if is_issued {
            state.issued.revoke(label);
        } else {
            state.revoked.insert(label.to_owned());
        }
    }

    /// Takes the credentials of a short-lived token no more, by its label, `machine-2`: token requests are refused.
    pub fn refuse_credentials(&self, label: &str) {
        self.world.state().issued.refuse(label);
    }

    /// The test token of a token type, `None` where the descriptor has no such type.
    #[must_use]
    pub fn token(&self, name: &str) -> Option<TestToken> {
        self.world.keyring.token(name)
    }

    /// The test tokens of all token types, in the descriptor's order.
    #[must_use]
    pub fn tokens(&self) -> Vec<TestToken> {
        self.world
            .model
            .tokens
            .iter()
            .filter_map(|token| self.token(&token.name))
            .collect()
    }

    /// A failure for the next answers of an operation.
    ///
    /// # Errors
    ///
    /// The descriptor has no such operation.
    pub fn fault(&self, fault: ScriptedFault) -> Result<(), StartError> {
        if fault.operation != "*" {
            known_operation(&self.world.model, &self.world.router, &fault.operation)?;
        }
        self.world.state().script.push(fault);
        Ok(())
    }

    /// Forgets the failures that are still to come, and says how many answers they would have spoiled.
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn clear_faults(&self) -> u32 {
        self.world.state().script.clear()
    }

    /// Goes down: open connections are cut, and new ones are refused, until [`come_back`](Self::come_back).
    pub async fn go_down(&self) {
        let (done, closed) = oneshot::channel();
        if let Some(orders) = &self.orders
            && orders.send(Order::GoDown(done)).is_ok()
        {
            // The other side is dropped when all is closed; nothing is ever sent.
            let _ = closed.await;
        }
    }

    /// Listens again, where it did before.
    ///
    /// # Errors
    ///
    /// Another program has taken the port in the meantime.
    pub async fn come_back(&self) -> Result<(), StartError> {
        let listener = TcpListener::bind(self.address).await.map_err(StartError::Bind)?;
        if let Some(orders) = &self.orders {
            // Without a server there is nothing that could come back.
            let _ = orders.send(Order::ComeBack(listener));
        }
        Ok(())
    }

    /// What happened so far.
    #[must_use]
    pub fn report(&self) -> Report {
        self.world.report()
    }

    /// Lets open requests end, for two seconds at most, and stops.
    pub async fn shutdown(mut self) -> Report {
        drop(self.orders.take());
        if let Some(task) = self.task.take() {
            // It is neither aborted nor does it panic.
            let _ = task.await;
        }
        self.world.report()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn accept(listener: TcpListener, world: Arc<World>, mut orders: mpsc::UnboundedReceiver<Order>) {
    let (stop, stopped) = watch::channel(());
    let mut listener = Some(listener);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                // The handle is gone: the server stops.
                None => break,
                Some(Order::GoDown(done)) => {
                    listener = None;
                    connections.shutdown().await;
                    drop(done);
                }
                Some(Order::ComeBack(again)) => listener = Some(again),
            },
            accepted = next(listener.as_ref()) => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&world), stopped.clone()));
                }
                // As a rule too many open files: better later than never.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop((listener, stop));
    let _ = tokio::time::timeout(GRACE, async { while connections.join_next().await.is_some() {} }).await;
}

async fn next(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn connection(stream: TcpStream, world: Arc<World>, mut stopped: watch::Receiver<()>) {
    // Answers are small, and waiting to fill a packet would blur the times that tests look at.
    let _ = stream.set_nodelay(true);
    let stream = Arc::new(stream);
    let wire = TokioIo::new(Wire(Arc::clone(&stream)));
    let service = service_fn(move |request| answer(Arc::clone(&world), Arc::clone(&stream), request));
    let mut connection = std::pin::pin!(http1::Builder::new().serve_connection(wire, service));
    tokio::select! {
        // A connection that was cut, by either side, is no news.
        _ = connection.as_mut() => return,
        // An error means that the sender is gone: the server stops.
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// The connection ends without an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is cut")
    }
}

impl std::error::Error for Cut {}

async fn answer(
    world: Arc<World>,
    stream: Arc<TcpStream>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Cut> {
    let method = request.method().as_str().to_owned();
    let arrival = Arrival::read(request).await.map_err(|_| Cut)?;
    match world.answer(arrival).await {
        Ending::Reply(reply) => Ok(reply.into_response(&method)),
        Ending::Spoiled(reply, spoil) => {
            let has_body = reply.has_body(&method);
            // The caller may be gone; then there is nobody to spoil it for.
            let _ = spoil.write(&stream, &reply, has_body, world.options.pace).await;
            Err(Cut)
        }
        Ending::Lost => Err(Cut),
        Ending::Reset => {
            let _ = stream.set_zero_linger();
            Err(Cut)
        }
    }
}
