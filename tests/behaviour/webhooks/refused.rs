//! What is not what the provider sent, just now, is refused, each with its reason.

use super::github;
use super::{
    At, Pairs, pairs,
    schemes::{
        GITHUB_BODY, GITHUB_SECRET, GITHUB_SIGNATURE, stripe_at, stripe_headers, stripe_vector, svix_at, svix_headers,
        svix_vector,
    },
    stripe, svix,
};
use proptest::prelude::*;
use tollgate::webhook::{SecretError, WebhookErrorKind as Kind};

fn svix_refusal(headers: &Pairs, body: &str) -> (Kind, u16) {
    let refused = svix_at(svix_vector::TIME).verify(headers, body.to_owned()).unwrap_err();
    let shown = format!("{refused} {refused:?}");
    let key = svix_vector::SECRET.trim_start_matches("whsec_");
    assert!(!shown.contains(key) && !shown.contains("g0hM9SsE"), "{shown}");
    assert_eq!(refused.body(), None, "nothing of an unverified body is given out");
    (refused.kind(), refused.status())
}

fn with(at: usize, value: &str) -> Pairs {
    let mut headers = svix_headers();
    value.clone_into(&mut headers[at].1);
    headers
}

#[test]
fn forged_deliveries_are_refused() {
    let body = svix_vector::BODY;
    assert_eq!(
        svix_refusal(&svix_headers(), r#"{"test": 2432232315}"#),
        (Kind::Mismatch, 401)
    );
    // The same JSON, written again.
    assert_eq!(
        svix_refusal(&svix_headers(), r#"{"test":2432232314}"#),
        (Kind::Mismatch, 401)
    );
    assert_eq!(svix_refusal(&svix_headers(), ""), (Kind::Mismatch, 401));
    assert_eq!(svix_refusal(&with(0, "msg_other"), body), (Kind::Mismatch, 401));
    assert_eq!(svix_refusal(&with(1, "1614265331"), body), (Kind::Mismatch, 401));
    let other = svix::Webhooks::new([concat!("whsec_", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]).unwrap();
    let refused = other
        .clock(At(svix_vector::TIME))
        .verify(&svix_headers(), body)
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Mismatch);
}

#[test]
fn replayed_deliveries_are_refused_by_their_age() {
    let refused = |later: i64| {
        let at = svix_vector::TIME + later;
        svix_at(at)
            .verify(&svix_headers(), svix_vector::BODY)
            .map_err(|refused| refused.kind())
    };
    assert!(refused(300).is_ok() && refused(-300).is_ok());
    assert_eq!(refused(301).unwrap_err(), Kind::TooOld);
    assert_eq!(refused(-301).unwrap_err(), Kind::InFuture);
    let later = stripe_at(stripe_vector::TIME + 301).verify(&stripe_headers(), stripe_vector::BODY);
    assert_eq!(later.unwrap_err().kind(), Kind::TooOld);
    let patient = stripe_at(stripe_vector::TIME + 301).tolerance(std::time::Duration::from_mins(10));
    assert!(patient.verify(&stripe_headers(), stripe_vector::BODY).is_ok());
}

#[test]
fn headers_that_are_missing_doubled_or_unreadable_have_their_own_errors() {
    let body = svix_vector::BODY;
    let without = |at: usize| {
        let mut headers = svix_headers();
        headers.remove(at);
        headers
    };
    assert_eq!(svix_refusal(&without(2), body), (Kind::MissingSignature, 401));
    assert_eq!(svix_refusal(&without(0), body), (Kind::MissingHeader, 400));
    assert_eq!(svix_refusal(&without(1), body), (Kind::MissingHeader, 400));
    for at in 0..3 {
        let mut headers = svix_headers();
        headers.push((headers[at].0.to_uppercase(), headers[at].1.clone()));
        assert_eq!(svix_refusal(&headers, body), (Kind::RepeatedHeader, 400));
    }
    let bytes: Vec<(&str, &[u8])> = vec![("svix-signature", b"v1,\xff\xfe")];
    let refused = svix_at(svix_vector::TIME).verify(&bytes, body).unwrap_err();
    assert_eq!(refused.kind(), Kind::Malformed);
}

#[test]
fn signatures_that_are_written_otherwise_are_malformed() {
    let body = svix_vector::BODY;
    let hex = "v1,83484cf52b04f8e4cf2531adfed9882ad4b26651 37b852442d594d20e2c9d4e1".replace(' ', "");
    let cut = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1O";
    let many = format!("{} ", svix_vector::SIGNATURE).repeat(33);
    let bare = svix_vector::SIGNATURE.trim_start_matches("v1,");
    for value in ["", "v1,", "v2,g0hM9SsE", bare, hex.as_str(), cut, many.trim()] {
        assert_eq!(svix_refusal(&with(2, value), body), (Kind::Malformed, 400), "{value}");
    }
    assert_eq!(svix_refusal(&with(1, "soon"), body), (Kind::Mismatch, 401));

    let webhooks = github::Webhooks::new([GITHUB_SECRET]).unwrap();
    let base64 = "sha256=dXEH6g6yUJ/CESIczphLijdXC211hsIsRvQ3nIsEPhc=";
    for value in [base64, &GITHUB_SIGNATURE[7..], &GITHUB_SIGNATURE[..70]] {
        let refused = webhooks.verify(&pairs(&[("X-Hub-Signature-256", value)]), GITHUB_BODY);
        assert_eq!(refused.unwrap_err().kind(), Kind::Malformed, "{value}");
    }
}

#[test]
fn a_time_beside_the_signature_has_to_be_there() {
    let without_time = stripe_vector::header().replace("t=", "x=");
    let headers = pairs(&[("Stripe-Signature", &without_time)]);
    let refused = stripe_at(stripe_vector::TIME)
        .verify(&headers, stripe_vector::BODY)
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Malformed);
}

#[test]
fn a_body_that_is_too_long_is_not_even_hashed() {
    let webhooks = svix_at(svix_vector::TIME).max_body(svix_vector::BODY.len() - 1);
    let refused = webhooks.verify(&svix_headers(), svix_vector::BODY).unwrap_err();
    assert_eq!((refused.kind(), refused.status()), (Kind::TooLarge, 413));
    assert!(
        webhooks
            .max_body(svix_vector::BODY.len())
            .verify(&svix_headers(), svix_vector::BODY)
            .is_ok()
    );
}

#[test]
fn either_of_two_secrets_may_match() {
    let old_and_new = ["another secret", stripe_vector::SECRET];
    for secrets in [old_and_new, [old_and_new[1], old_and_new[0]]] {
        let webhooks = stripe::Webhooks::new(secrets).unwrap().clock(At(stripe_vector::TIME));
        assert!(webhooks.verify(&stripe_headers(), stripe_vector::BODY).is_ok());
    }
}

#[test]
fn secrets_that_cannot_be_any_are_refused_and_not_shown() {
    let none: [&str; 0] = [];
    assert_eq!(svix::Webhooks::new(none).unwrap_err(), SecretError::None);
    assert_eq!(stripe::Webhooks::new([""]).unwrap_err(), SecretError::Empty);
    assert_eq!(svix::Webhooks::new([""]).unwrap_err(), SecretError::Empty);
    assert_eq!(svix::Webhooks::new(["whsec_"]).unwrap_err(), SecretError::Empty);
    assert_eq!(
        svix::Webhooks::new(["hunter2"]).unwrap_err(),
        SecretError::Prefix("whsec_")
    );
    let undecodable = svix::Webhooks::new(["whsec_hunter2!"]).unwrap_err();
    assert!(!format!("{undecodable} {undecodable:?}").contains("hunter2"));
    let shown = format!("{:?}", stripe::Webhooks::new(["hunter2"]).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
}

/// The vector with one thing changed, as a forger might.
#[derive(Clone, Debug)]
enum Change {
    BodyBit(prop::sample::Index, u8),
    BodyCut(prop::sample::Index),
    BodyMore(Vec<u8>),
    SignatureByte(prop::sample::Index, u8),
    Id(String),
    Time(i64),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<prop::sample::Index>(), 0..8_u8).prop_map(|(at, bit)| Change::BodyBit(at, bit)),
        any::<prop::sample::Index>().prop_map(Change::BodyCut),
        prop::collection::vec(any::<u8>(), 1..64).prop_map(Change::BodyMore),
        (any::<prop::sample::Index>(), 1..=255_u8).prop_map(|(at, by)| Change::SignatureByte(at, by)),
        "[ -~]{0,40}".prop_map(Change::Id),
        (-300..=300_i64).prop_map(Change::Time),
    ]
}

proptest! {
    #[test]
    fn whatever_is_changed_is_refused(change in change()) {
        let mut body = stripe_vector::BODY.as_bytes().to_vec();
        let mut time = stripe_vector::TIME;
        let mut signature = stripe_vector::SIGNATURE.to_owned();
        match &change {
            Change::BodyBit(at, bit) => {
                let at = at.index(body.len());
                body[at] ^= 1 << bit;
            }
            Change::BodyCut(at) => body.truncate(at.index(body.len())),
            Change::BodyMore(more) => body.extend(more),
            Change::SignatureByte(at, by) => {
                let at = at.index(32) * 2;
                let byte = u8::from_str_radix(&signature[at..at + 2], 16).unwrap() ^ by;
                signature.replace_range(at..at + 2, &format!("{byte:02x}"));
            }
            // Stripe's id is in the body, which is signed whole.
            Change::Id(id) => {
                prop_assume!(!stripe_vector::BODY.contains(&format!("\"id\": \"{id}\"")));
                let text = stripe_vector::BODY.replacen("evt_123", &id.replace(['"', '\\'], ""), 1);
                prop_assume!(text != stripe_vector::BODY);
                body = text.into_bytes();
            }
            Change::Time(by) => {
                prop_assume!(*by != 0);
                time += by;
            }
        }
        let headers = pairs(&[("Stripe-Signature", &format!("t={time},v1={signature}"))]);
        let refused = stripe_at(stripe_vector::TIME).verify(&headers, body).map_err(|refused| refused.kind());
        prop_assert_eq!(refused.unwrap_err(), Kind::Mismatch, "{:?}", change);
    }

    #[test]
    fn no_header_and_no_body_makes_it_panic(
        signature in prop::collection::vec(any::<u8>(), 0..80),
        time in "\\PC{0,30}",
        body in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let headers: Vec<(&str, Vec<u8>)> = vec![
            ("svix-id", b"id".to_vec()),
            ("svix-timestamp", time.into_bytes()),
            ("svix-signature", [b"v1,".to_vec(), signature].concat()),
        ];
        prop_assert!(svix_at(svix_vector::TIME).verify(&headers, body).is_err());
    }
}
