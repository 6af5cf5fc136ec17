//! A value given that the token implies.

use tollgate_providers::flxpoint::{ChannelClient, listings::CountVariants};

async fn wrong(channel: &ChannelClient) {
    let _ = channel
        .listings()
        .count_variants(CountVariants::new().channel_id(7))
        .send()
        .await;
}

fn main() {}
