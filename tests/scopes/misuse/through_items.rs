//! A wrong token, item after item.

use tollgate_providers::flxpoint::{SourceClient, listings::SearchVariants, models::ListingVariantSearch};

async fn wrong(source: &SourceClient, search: ListingVariantSearch) {
    let mut items = source.listings().search_variants(SearchVariants::new(search)).items();
    while let Some(Ok(item)) = items.next().await {
        let _ = item.sku;
    }
}

fn main() {}
