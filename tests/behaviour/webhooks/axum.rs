//! The extractor for axum.

use super::{
    schemes::{stripe_at, stripe_headers, stripe_vector},
    stripe::{Stripe, webhook::Event},
};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::FromRef,
    http::{Request, StatusCode},
    routing::post,
};
use tollgate::webhook::{Rejected, Verified};
use tower::ServiceExt;

async fn receive(Verified(delivery): Verified<Stripe>) -> String {
    match delivery.event {
        Event::InvoiceitemCreated(event) => event.data.object.id,
        other => format!("{other:?}"),
    }
}

fn router() -> Router {
    let webhooks = stripe_at(stripe_vector::TIME).max_body(4096);
    Router::new().route("/stripe", post(receive)).with_state(webhooks)
}

async fn answer(router: Router, headers: &[(String, String)], body: impl Into<Body>) -> (StatusCode, String) {
    let mut request = Request::post("/stripe");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = router.oneshot(request.body(body.into()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 4096).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_handler_gets_the_event() {
    let (status, body) = answer(router(), &stripe_headers(), stripe_vector::BODY).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "ii_123"));
}

#[tokio::test]
async fn what_is_refused_is_answered_without_a_word_of_why() {
    let none = Vec::new();
    let garbled = vec![("stripe-signature".to_owned(), "v1=beef".to_owned())];
    let doubled = [stripe_headers(), stripe_headers()].concat();
    let long = " ".repeat(4097);
    let cases = [
        (none, stripe_vector::BODY, 401),
        (stripe_headers(), "{}", 401),
        (garbled, stripe_vector::BODY, 400),
        (doubled, stripe_vector::BODY, 400),
        (stripe_headers(), long.as_str(), 413),
    ];
    for (headers, body, expected) in cases {
        let (status, text) = answer(router(), &headers, body.to_owned()).await;
        assert_eq!(status.as_u16(), expected);
        for secret in [stripe_vector::SECRET, "f0bdba6d", "evt_123", "beef", "v1="] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[tokio::test]
async fn a_body_without_an_end_is_read_to_its_limit_only() {
    let endless = futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>([b' '; 1024].to_vec()));
    let (status, _) = answer(router(), &stripe_headers(), Body::from_stream(endless)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_state_that_holds_more_gives_it_by_from_ref_and_the_handler_may_see_why() {
    #[derive(Clone)]
    struct State {
        webhooks: super::stripe::Webhooks,
    }
    impl FromRef<State> for super::stripe::Webhooks {
        fn from_ref(state: &State) -> Self {
            state.webhooks.clone()
        }
    }
    async fn explain(delivery: Result<Verified<Stripe>, Rejected>) -> String {
        delivery.map_or_else(|rejected| format!("{:?}", rejected.0.kind()), |_| "fine".to_owned())
    }
    let webhooks = stripe_at(stripe_vector::TIME);
    let router = Router::new()
        .route("/stripe", post(explain))
        .with_state(State { webhooks });
    let (_, body) = answer(router.clone(), &[], "").await;
    assert_eq!(body, "MissingSignature");
    let (_, body) = answer(router, &stripe_headers(), stripe_vector::BODY).await;
    assert_eq!(body, "fine");
}

#[tokio::test]
async fn the_mock_posts_over_a_socket() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/stripe", listener.local_addr().unwrap());
    let server = tokio::spawn(async move { axum::serve(listener, router()).await });
    let request = |body: &str| tollgate_mock::WebhookRequest {
        headers: stripe_headers(),
        body: body.as_bytes().to_vec(),
    };
    assert_eq!(request(stripe_vector::BODY).post(&url).await, Ok(200));
    assert_eq!(request("{}").post(&url).await, Ok(401));
    server.abort();
}
