//! Bodies that are not plain JSON, in both directions.

use super::scripted_account;
use crate::behaviour::support::{Stage, always, ok, sent, sent_text};
use serde_json::json;
use tollgate::{Bytes, Clearable, Decimal, ErrorKind, File, HttpReply, HttpRequest};
use tollgate_scope_tests::acme::{
    Acme,
    account::{ExportAccount, GetAccount, TermsAccount},
    models::{Attachment, AttachmentDetails, OrderPatch, OrderStatus, Plan, Refund},
    orders::{
        AttachOrder, AttachRaw, CancelOrder, CancelOrderReply, CreateOrderReply, NoteOrder, PatchOrder, RefundOrder,
    },
};

/// Everything that a careless body would trip over.
fn awkward() -> Bytes {
    let mut bytes: Vec<u8> = (0..=u8::MAX).collect();
    bytes.extend_from_slice(b"\r\n--tollgate-0000000000000000--\r\n\r\n--\0");
    bytes.into()
}

#[tokio::test]
async fn bytes_and_text_come_as_they_are() {
    let script = always(
        HttpReply::new(200)
            .header("content-type", "application/zip")
            .body(awkward()),
    );
    let client = scripted_account(&script);
    assert_eq!(
        client.account().export(ExportAccount::new()).send().await.unwrap(),
        awkward()
    );
    let error = client.account().terms(TermsAccount::new()).send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.raw()),
        (ErrorKind::Decode, &awkward()),
        "it is no text"
    );

    let script = always(HttpReply::new(200).body("Grüße\r\n"));
    assert_eq!(
        scripted_account(&script)
            .account()
            .terms(TermsAccount::new())
            .send()
            .await
            .unwrap(),
        "Grüße\r\n"
    );

    let stage = Stage::<Acme>::new().await;
    assert!(
        !stage
            .account(1)
            .account()
            .export(ExportAccount::new())
            .send()
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        stage
            .account(1)
            .account()
            .terms(TermsAccount::new())
            .send()
            .await
            .unwrap()
            .starts_with("sample-")
    );
}

#[tokio::test]
async fn what_wraps_a_success_is_taken_off() {
    let stage = Stage::<Acme>::new().await;
    let account = stage.account(1).account().get(GetAccount::new()).send().await.unwrap();
    assert_eq!(
        (account.id, account.name.as_deref(), account.plan),
        (7, Some("Acme"), Some(Plan::Pro))
    );
    assert_eq!(account.created_at.to_string(), "2026-01-02T03:04:05Z");

    let script = always(ok(&json!({ "id": 7, "created_at": "2026-01-02T03:04:05Z" })));
    let error = scripted_account(&script)
        .account()
        .get(GetAccount::new())
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("data"), "{error}");
}

#[tokio::test]
#[expect(deprecated, reason = "the provider's word for it, and still a call to get right")]
async fn a_form_has_each_value_under_its_name() {
    let refund = Refund::new("12.50".parse::<Decimal>().unwrap())
        .reasons(["too late", "a&b=c"])
        .note("50 % ü+");
    let script = always(HttpReply::new(204));
    scripted_account(&script)
        .orders()
        .refund(RefundOrder::new(7, refund.clone()))
        .send()
        .await
        .unwrap();
    let request = &script.requests()[0];
    assert_eq!(
        request.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let pairs: Vec<_> = form(sent_text(request));
    let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        pairs,
        [
            owned("amount", "12.5"),
            owned("reasons[]", "too late"),
            owned("reasons[]", "a&b=c"),
            owned("note", "50 % ü+"),
        ]
    );
    let stage = Stage::<Acme>::new().await;
    stage
        .account(1)
        .orders()
        .refund(RefundOrder::new(7, refund))
        .send()
        .await
        .unwrap();
}

/// The pairs of a form, decoded by another's rules.
fn form(text: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("https://form.example/?{text}")).unwrap();
    url.query_pairs().into_owned().collect()
}

fn attachment() -> Attachment {
    let details = AttachmentDetails::default().title("Invoice \"7\"").pages(2);
    let file = File::new(awkward())
        .file_name("in\"voice\r\n.pdf")
        .content_type("application/pdf");
    Attachment::new("invoice", details, file).previews([File::new(vec![1_u8, 2]), File::new(Vec::new())])
}

#[tokio::test]
async fn every_part_of_a_multipart_body_arrives_as_it_was() {
    let script = always(ok(&json!({})));
    scripted_account(&script)
        .orders()
        .attach(AttachOrder::new(7, attachment()))
        .send()
        .await
        .unwrap();
    let request = &script.requests()[0];
    assert_eq!(request.url(), "https://files.acme.example/orders/7/files");
    let parts = parts(request);
    let heads: Vec<_> = parts.iter().map(|(head, _)| head.as_str()).collect();
    assert_eq!(
        heads,
        [
            "Content-Disposition: form-data; name=\"purpose\"",
            "Content-Disposition: form-data; name=\"details\"\r\nContent-Type: application/json",
            "Content-Disposition: form-data; name=\"file\"; filename=\"in%22voice%0D%0A.pdf\"\r\nContent-Type: application/pdf",
            "Content-Disposition: form-data; name=\"previews\"; filename=\"file\"\r\nContent-Type: application/octet-stream",
            "Content-Disposition: form-data; name=\"previews\"; filename=\"file\"\r\nContent-Type: application/octet-stream",
        ]
    );
    assert_eq!(parts[0].1, b"invoice");
    let details: tollgate::Json = serde_json::from_slice(&parts[1].1).unwrap();
    assert_eq!(details, json!({ "title": "Invoice \"7\"", "pages": 2 }));
    assert_eq!(parts[2].1, awkward());
    assert_eq!((&parts[3].1[..], &parts[4].1[..]), (&[1_u8, 2][..], &[][..]));
}

/// Takes a multipart body apart, by the standard: heads and contents.
fn parts(request: &HttpRequest) -> Vec<(String, Vec<u8>)> {
    let media = request.header("content-type").unwrap();
    let boundary = media
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap()
        .trim_matches('"');
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let body = [b"\r\n", &request.body()[..]].concat();
    let mut sections = Vec::new();
    let mut rest = &body[..];
    while let Some(at) = position(rest, &delimiter) {
        sections.push(&rest[..at]);
        rest = &rest[at + delimiter.len()..];
    }
    assert_eq!(rest, b"--\r\n", "the last delimiter");
    let part = |section: &&[u8]| {
        let section = section.strip_prefix(b"\r\n").unwrap();
        let end = position(section, b"\r\n\r\n").unwrap();
        (
            String::from_utf8(section[..end].to_vec()).unwrap(),
            section[end + 4..].to_vec(),
        )
    };
    sections[1..].iter().map(part).collect()
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[tokio::test]
async fn the_mock_takes_files_and_media_types_as_declared() {
    let stage = Stage::<Acme>::new().await;
    let client = stage.account(1);
    client
        .orders()
        .attach(AttachOrder::new(7, attachment()))
        .send()
        .await
        .unwrap();
    client
        .orders()
        .attach_raw(AttachRaw::new("scan.bin", 7, awkward()))
        .send()
        .await
        .unwrap();
    client
        .orders()
        .patch(PatchOrder::new(7, OrderPatch::default().note("Fragile")))
        .send()
        .await
        .unwrap();
    let report = stage.report();
    for operation in ["orders.attach", "orders.attach_raw", "orders.patch"] {
        assert_eq!(report.effects(operation), 1, "{operation}");
    }
}

#[tokio::test]
#[expect(deprecated, reason = "the provider's word for it, and still a call to get right")]
async fn raw_bodies_say_what_they_are() {
    let script = always(ok(
        &json!({ "id": 7, "number": "A-7", "status": "open", "currency": "EUR" }),
    ));
    let client = scripted_account(&script);
    client
        .orders()
        .attach_raw(AttachRaw::new("scan.bin", 7, awkward()))
        .send()
        .await
        .unwrap();
    client.orders().note(NoteOrder::new(7, "# Grüße")).send().await.unwrap();
    let patch = OrderPatch::default()
        .note(Clearable::Clear)
        .tags(vec!["a".to_owned()])
        .status(OrderStatus::OnHold);
    client.orders().patch(PatchOrder::new(7, patch)).send().await.unwrap();
    let requests = script.requests();
    assert_eq!(requests[0].header("content-type"), Some("application/octet-stream"));
    assert_eq!(requests[0].body(), &awkward());
    assert!(
        requests[1].header("content-type").unwrap().starts_with("text/markdown"),
        "{requests:?}"
    );
    assert_eq!(sent_text(&requests[1]), "# Grüße");
    assert_eq!(requests[2].header("content-type"), Some("application/merge-patch+json"));
    assert_eq!(
        sent(&requests[2]),
        json!({ "note": null, "tags": ["a"], "status": "on hold" })
    );
}

#[tokio::test]
async fn parameters_of_a_body_stand_where_their_paths_say() {
    let script = always(HttpReply::new(204));
    let cancel = CancelOrder::new(7, "changed my mind").notify(false);
    let reply = scripted_account(&script).orders().cancel(cancel).send().await.unwrap();
    assert!(matches!(reply, CancelOrderReply::NoContent), "{reply:?}");
    assert_eq!(
        sent(&script.requests()[0]),
        json!({ "reason": "changed my mind", "options": { "notify": false } })
    );
}

#[tokio::test]
async fn each_status_has_an_answer_of_its_own() {
    let order = json!({ "id": 7, "number": "A-7", "status": "open", "currency": "EUR", "total": "12.50" });
    let pending = json!({ "ticket": "67e55044-10b1-426f-9247-bb680e5fe0c8", "poll": "https://acme.example/t/1" });
    let reply = async |status: u16, body: &tollgate::Json| {
        let script = always(HttpReply::new(status).json(body));
        scripted_account(&script)
            .orders()
            .create(super::keys::order())
            .send()
            .await
    };
    let Ok(CreateOrderReply::Created(created)) = reply(201, &order).await else {
        panic!("201")
    };
    assert_eq!(created.total, Some("12.50".parse::<Decimal>().unwrap()));
    assert!(matches!(reply(200, &order).await, Ok(CreateOrderReply::Ok(order)) if order.id == 7));
    let Ok(CreateOrderReply::Accepted(accepted)) = reply(202, &pending).await else {
        panic!("202")
    };
    assert_eq!(accepted.poll.as_str(), "https://acme.example/t/1");
    let error = reply(206, &order).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Decode, Some(206)));
    assert!(error.to_string().contains("206"), "{error}");
}
