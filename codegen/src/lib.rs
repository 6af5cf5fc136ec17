//! Generates typed API clients from Tollgate provider descriptors.
