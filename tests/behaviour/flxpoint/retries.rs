//! What is sent again, and what is not: the mock counts what was really done.

use crate::behaviour::support::{Stage, connection_to, ms};
use std::time::Duration;
use tollgate::{Decimal, ErrorKind, Kind};
use tollgate_mock::Fault;
use tollgate_providers::flxpoint::{
    Account, Client, ErrorBody, Flxpoint,
    account::GetAccount,
    fulfillment_requests::TakeProcessing,
    inventory::UpsertParents,
    models::{
        CustomPackageCreate, DimensionUnitAbbreviation, InventoryParentWrite, OrderStatusUpdate,
        ProductBuilderBuildOptions, WeightUnitAbbreviation,
    },
    orders::SetStatus,
    packages::CreateCustom,
    product_builders::RebuildVariant,
};

fn package() -> CreateCustom {
    let size = Decimal::from(10);
    let (cm, kg) = (DimensionUnitAbbreviation::Cm, WeightUnitAbbreviation::Kg);
    CreateCustom::new(CustomPackageCreate::new("Small box", size, size, size, cm, size, kg))
}

#[tokio::test]
async fn a_read_is_repeated_after_a_500() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.fault("account.get", 1, Fault::status(500));
    stage.account(1).account().get(GetAccount::new()).send().await.unwrap();
    let report = stage.report();
    assert_eq!(
        (report.answers("account.get", 500), report.answers("account.get", 200)),
        (1, 1)
    );
}

#[tokio::test]
async fn a_read_is_repeated_after_a_cut_connection() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.fault("account.get", 1, Fault::Reset);
    stage.account(1).account().get(GetAccount::new()).send().await.unwrap();
    assert_eq!(stage.report().calls("account.get"), 2);
}

#[tokio::test]
async fn a_post_is_not_repeated_after_a_500() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.fault("packages.create_custom", 1, Fault::status(500));
    let error = stage
        .account(1)
        .packages()
        .create_custom(package())
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Server));
    assert_eq!((error.attempts(), error.waited()), (1, Duration::ZERO));
    assert!(
        error.hint().unwrap().contains("repeat only what is idempotent"),
        "{error}"
    );
    let report = stage.report();
    assert_eq!(
        (
            report.calls("packages.create_custom"),
            report.effects("packages.create_custom")
        ),
        (1, 0)
    );
}

#[tokio::test]
async fn a_post_whose_answer_is_lost_is_done_once_and_not_repeated() {
    let stage = Stage::<Flxpoint>::new().await;
    let client = stage.account(1);
    // The connection is in use already: nothing below the client may repeat a request on a fresh one either.
    client.account().get(GetAccount::new()).send().await.unwrap();
    stage.fault("packages.create_custom", 1, Fault::Lost);
    let error = client.packages().create_custom(package()).send().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), error.status()),
        (ErrorKind::Network, 1, None)
    );
    let report = stage.report();
    assert_eq!(
        (
            report.calls("packages.create_custom"),
            report.effects("packages.create_custom")
        ),
        (1, 1),
        "{report}"
    );
}

#[tokio::test]
async fn a_post_that_comes_too_late_is_not_repeated() {
    let stage = Stage::<Flxpoint>::new().await;
    let connection = connection_to(&stage.mock).timeout(ms(200)).build().unwrap();
    stage.fault("packages.create_custom", 1, Fault::Delay(ms(900)));
    let client = Client::with(&connection, Account::new(stage.secret("account", 1)));
    let error = client.packages().create_custom(package()).send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert!(error.to_string().contains("200ms"), "{error}");
}

#[tokio::test]
async fn a_post_that_was_not_taken_is_repeated_and_done_once() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.fault("packages.create_custom", 1, Fault::status_after(429, ms(1000)));
    stage
        .account(1)
        .packages()
        .create_custom(package())
        .send()
        .await
        .unwrap();
    let report = stage.report();
    assert_eq!(report.answers("packages.create_custom", 429), 1);
    assert_eq!(
        (
            report.calls("packages.create_custom"),
            report.effects("packages.create_custom")
        ),
        (2, 1)
    );
}

#[tokio::test]
async fn a_post_that_the_descriptor_calls_idempotent_is_repeated() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.fault("inventory.upsert_parents", 1, Fault::Lost);
    let upsert = UpsertParents::new([InventoryParentWrite::new("MUG")]);
    stage.source(1).inventory().upsert_parents(upsert).send().await.unwrap();
    assert_eq!(stage.report().calls("inventory.upsert_parents"), 2);

    stage.fault("orders.set_status", 1, Fault::status(503));
    stage
        .channel(1)
        .orders()
        .set_status(SetStatus::new(5, OrderStatusUpdate::OnHold))
        .send()
        .await
        .unwrap();
    assert_eq!(stage.report().calls("orders.set_status"), 2);
}

#[tokio::test]
async fn a_get_with_side_effects_is_not_repeated() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.fault("fulfillment_requests.take_processing", 1, Fault::Lost);
    let take = || {
        stage
            .source(1)
            .fulfillment_requests()
            .take_processing(TakeProcessing::new())
            .send()
    };
    let error = take().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Network, 1));
    assert_eq!(stage.report().effects("fulfillment_requests.take_processing"), 1);
}

#[tokio::test]
async fn a_refusal_is_never_repeated() {
    let stage = Stage::<Flxpoint>::new().await;
    for status in [400, 404, 409, 422] {
        stage.fault("account.get", 1, Fault::status(status));
        let error = stage
            .account(u32::from(status))
            .account()
            .get(GetAccount::new())
            .send()
            .await
            .unwrap_err();
        assert_eq!((error.status(), error.attempts()), (Some(status), 1));
    }
    assert_eq!(stage.report().calls("account.get"), 4);
}

#[tokio::test]
async fn a_refusal_with_a_body_like_a_success_has_it_decoded() {
    let stage = Stage::<Flxpoint>::new().await;
    stage.fault("product_builders.rebuild_variant", 1, Fault::status(400));
    let rebuild = RebuildVariant::new(3, ProductBuilderBuildOptions::default());
    let error = stage
        .account(1)
        .product_builders()
        .rebuild_variant(rebuild)
        .send()
        .await
        .unwrap_err();
    assert!(error.is(Kind::Rejected));
    let Some(ErrorBody::ReBuildResponse(body)) = error.body() else {
        panic!("{error:?}")
    };
    assert_eq!(body.error.as_deref(), Some("a scripted fault: 400"));
}
