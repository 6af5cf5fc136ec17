//! The descriptors of the workspace, each operation asked for once without a token and once with one.

use crate::stage::{Stage, model};
use tollgate_descriptor::model::Guard;
use tollgate_mock::Mock;

async fn ask_everything(file: &str) {
    let mut model = model(file);
    for settings in &mut model.settings {
        settings.rate_limits.clear();
    }
    let stage = Stage::of(Mock::builder(model.clone())).await;
    for (resource, operation) in model.operations() {
        if model.setting(operation.settings).host.is_some() {
            continue;
        }
        let id = format!("{}.{}", resource.name, operation.name);
        let path = operation.path_text().replace('{', "1").replace('}', "");
        let method = operation.method.as_str();
        let bare = stage.bare(method, &path).send().await.unwrap().status();
        if operation.guard != Guard::Public {
            assert_eq!(bare, 401, "{id}");
        }
        let mut served = Vec::new();
        for token in stage.mock.tokens() {
            served.push(
                stage
                    .request(method, &path, &token)
                    .send()
                    .await
                    .unwrap()
                    .status()
                    .as_u16(),
            );
        }
        assert!(
            served.iter().any(|status| ![401, 403].contains(status)),
            "{id}: {served:?}"
        );
        assert!(
            served
                .iter()
                .all(|status| *status < 500 && *status != 404 && *status != 405),
            "{id}: {served:?}"
        );
    }
}

#[tokio::test]
async fn flxpoint() {
    ask_everything("providers/flxpoint.yaml").await;
}

#[tokio::test]
async fn flexport() {
    ask_everything("providers/flexport.yaml").await;
}

#[tokio::test]
async fn flex_forward() {
    ask_everything("providers/flex_forward.yaml").await;
}
