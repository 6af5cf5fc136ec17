//! A wrong token, part after part.

use tollgate_providers::flxpoint::{ChannelClient, inventory::UpdateVariants};

async fn wrong(channel: &ChannelClient) {
    let batch = channel
        .inventory()
        .update_variants(UpdateVariants::new(Vec::new()))
        .send_all()
        .await;
    assert!(batch.is_success());
}

fn main() {}
