//! A server with one answer.

use crate::Result;
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, header, service::service_fn};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use tokio::{io::AsyncReadExt, net::TcpListener};

const ORDER: &[u8] = br#"{"id":1042,"number":"A-1042","status":"shipped","total":118.5,"currency":"EUR","lines":[{"sku":"MUG-BLUE","quantity":2,"price":9.25},{"sku":"TRAY-OAK","quantity":1,"price":100.0}],"note":"leave at the door"}"#;

/// Prints its URL, and serves until its input ends.
pub(crate) async fn serve() -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}", listener.local_addr()?);
    let accept = async {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.set_nodelay(true);
                let service =
                    service_fn(|request: Request<Incoming>| async move { Ok::<_, Infallible>(answer(&request)) });
                // A client that goes is no failure of the measurement.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    };
    let mut input = Vec::new();
    tokio::select! {
        () = accept => {}
        _ = async { tokio::io::stdin().read_to_end(&mut input).await } => {}
    }
    Ok(())
}

fn answer(request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let known = request.headers().contains_key("x-shop-token") && request.uri().path() == "/orders/1042";
    let (status, body) = if known { (200, ORDER) } else { (404, &b"{}"[..]) };
    let mut response = Response::new(Full::new(Bytes::from_static(body)));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}
