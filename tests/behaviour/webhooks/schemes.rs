//! Known answers: each vector is published by the provider, or stands in the tests of its official library.

use super::{At, Pairs, github, pairs, plain, slack, stripe, svix};
use tollgate::webhook::WebhookErrorKind;

/// From the tests of Stripe's library for .NET.
pub(super) mod stripe_vector {
    pub(in crate::behaviour::webhooks) const TIME: i64 = 1_533_204_620;
    pub(in crate::behaviour::webhooks) const SECRET: &str = "webhook_secret";
    pub(in crate::behaviour::webhooks) const SIGNATURE: &str =
        "f0bdba6d4eacbd8ad8a3bbadd7248e633ec1477f7899c124c51b39405fa36613";
    pub(in crate::behaviour::webhooks) const BODY: &str = r#"{
  "id": "evt_123",
  "object": "event",
  "account": "acct_123",
  "api_version": "2017-05-25",
  "created": 1533204620,
  "data": {
    "object": {
      "id": "ii_123",
      "object": "invoiceitem",
      "amount": 1000,
      "currency": "usd",
      "customer": "cus_123",
      "date": 1533204620,
      "description": "Test Invoice Item",
      "discountable": false,
      "invoice": "in_123",
      "livemode": false,
      "metadata": {},
      "period": {
        "start": 1533204620,
        "end": 1533204620
      },
      "plan": null,
      "proration": false,
      "quantity": null,
      "subscription": null
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {
    "id": "req_123",
    "idempotency_key": "idempotency-key-123"
  },
  "type": "invoiceitem.created"
}
"#;

    pub(in crate::behaviour::webhooks) fn header() -> String {
        let old = "63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef";
        format!("t={TIME},v1={SIGNATURE},v0={old}")
    }
}

/// From the documentation of Svix and of Standard Webhooks.
pub(super) mod svix_vector {
    pub(in crate::behaviour::webhooks) const TIME: i64 = 1_614_265_330;
    pub(in crate::behaviour::webhooks) const SECRET: &str = concat!("whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    pub(in crate::behaviour::webhooks) const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    pub(in crate::behaviour::webhooks) const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    pub(in crate::behaviour::webhooks) const BODY: &str = r#"{"test": 2432232314}"#;
}

pub(super) fn stripe_headers() -> Pairs {
    pairs(&[("stripe-signature", &stripe_vector::header())])
}

pub(super) fn svix_headers() -> Pairs {
    pairs(&[
        ("svix-id", svix_vector::ID),
        ("svix-timestamp", &svix_vector::TIME.to_string()),
        ("svix-signature", svix_vector::SIGNATURE),
    ])
}

pub(super) fn stripe_at(time: i64) -> stripe::Webhooks {
    stripe::Webhooks::new([stripe_vector::SECRET]).unwrap().clock(At(time))
}

pub(super) fn svix_at(time: i64) -> svix::Webhooks {
    svix::Webhooks::new([svix_vector::SECRET]).unwrap().clock(At(time))
}

pub(super) const GITHUB_SECRET: &str = "It's a Secret to Everybody";
pub(super) const GITHUB_BODY: &str = "Hello, World!";
pub(super) const GITHUB_SIGNATURE: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

#[test]
fn stripe_signs_the_time_in_the_same_header() {
    let delivery = stripe_at(stripe_vector::TIME + 100)
        .verify(&stripe_headers(), stripe_vector::BODY)
        .unwrap();
    assert_eq!(delivery.id.as_deref(), Some("evt_123"));
    assert_eq!(delivery.name.as_deref(), Some("invoiceitem.created"));
    assert_eq!(delivery.timestamp.unwrap().as_second(), stripe_vector::TIME);
    let stripe::webhook::Event::InvoiceitemCreated(event) = delivery.event else {
        panic!("another event");
    };
    assert_eq!(event.account.as_deref(), Some("acct_123"));
    assert_eq!(event.data.object.amount, 1000);
    assert_eq!(event.created.as_second(), stripe_vector::TIME);
}

#[test]
fn github_signs_the_body_alone() {
    let webhooks = github::Webhooks::new([GITHUB_SECRET]).unwrap();
    let headers = pairs(&[
        ("X-Hub-Signature-256", GITHUB_SIGNATURE),
        ("X-GitHub-Event", "greeting"),
        ("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"),
    ]);
    let delivery = webhooks.verify(&headers, GITHUB_BODY).unwrap();
    assert_eq!(delivery.id.as_deref(), Some("72d3162e-cc78-11e3-81ab-4c9367dc0958"));
    assert_eq!(delivery.timestamp, None);
    let github::webhook::Event::Unknown { name, body } = delivery.event else {
        panic!("another event");
    };
    assert_eq!((name.as_str(), &*body), ("greeting", GITHUB_BODY.as_bytes()));
}

#[test]
fn a_body_that_does_not_fit_its_event_is_an_error_that_keeps_it() {
    let webhooks = github::Webhooks::new([GITHUB_SECRET]).unwrap();
    let headers = pairs(&[("X-Hub-Signature-256", GITHUB_SIGNATURE), ("X-GitHub-Event", "ping")]);
    let refused = webhooks.verify(&headers, GITHUB_BODY).unwrap_err();
    assert_eq!((refused.kind(), refused.status()), (WebhookErrorKind::Unreadable, 400));
    assert_eq!(refused.body().map(|body| &**body), Some(GITHUB_BODY.as_bytes()));
    assert!(!refused.to_string().contains("World"), "{refused}");

    let nameless = webhooks.verify(&headers[..1], GITHUB_BODY).unwrap_err();
    assert_eq!(nameless.kind(), WebhookErrorKind::Unreadable);
    assert!(nameless.to_string().contains("no name of an event"), "{nameless}");
}

#[test]
fn svix_signs_id_time_and_body_with_an_encoded_secret() {
    let webhooks = svix_at(svix_vector::TIME);
    let delivery = webhooks.verify(&svix_headers(), svix_vector::BODY).unwrap();
    assert_eq!(delivery.event.test, 2_432_232_314);
    assert_eq!(delivery.id.as_deref(), Some(svix_vector::ID));
    assert_eq!(delivery.body, svix_vector::BODY);

    // Several signatures: of another version, of another key, and the one that counts.
    let other = "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=";
    let several = format!("v2,AAAA {other} {}", svix_vector::SIGNATURE);
    let mut headers = svix_headers();
    headers[2].1 = several;
    assert!(webhooks.verify(&headers, svix_vector::BODY).is_ok());
    other.clone_into(&mut headers[2].1);
    let refused = webhooks.verify(&headers, svix_vector::BODY).unwrap_err();
    assert_eq!(refused.kind(), WebhookErrorKind::Mismatch);
}

#[test]
fn slack_signs_a_version_and_the_time_over_any_body() {
    let secret = "8f742231b10e8888abcd99yyyzzz85a5";
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
        &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
        &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
        &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let webhooks = slack::Webhooks::new([secret]).unwrap().clock(At(1_531_420_618 + 299));
    let headers = pairs(&[
        (
            "X-Slack-Signature",
            "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        ),
        ("X-Slack-Request-Timestamp", "1531420618"),
    ]);
    // A form: the signature holds, and it is no JSON. The error gives the verified form.
    let verified = webhooks.verify(&headers, body).unwrap_err();
    assert_eq!(verified.kind(), WebhookErrorKind::Unreadable);
    assert_eq!(verified.body().map(|body| &**body), Some(body.as_bytes()));
    let forged = webhooks
        .verify(&headers, body.replace("roadrunner", "coyote"))
        .unwrap_err();
    assert_eq!(forged.kind(), WebhookErrorKind::Mismatch);
    assert_eq!(forged.body(), None);
}

#[test]
fn what_nobody_signs_is_only_read() {
    let webhooks = plain::Webhooks::unsigned();
    let none: &[(&str, &str)] = &[];
    let delivery = webhooks.receive(none, r#"{"event":"paid","order":7}"#).unwrap();
    let plain::webhook::Event::Paid(paid) = delivery.event else {
        panic!("another event");
    };
    assert_eq!(paid.order, 7);
    let unknown = webhooks.receive(none, r#"{"event":"sent"}"#).unwrap().event;
    assert!(matches!(unknown, plain::webhook::Event::Unknown { name, .. } if name == "sent"));
    let broken = webhooks.receive(none, r#"{"event":"paid"}"#).unwrap_err();
    assert_eq!(broken.kind(), WebhookErrorKind::Unreadable);
    assert_eq!(
        broken.body().map(|body| &**body),
        Some(br#"{"event":"paid"}"#.as_slice())
    );
}
