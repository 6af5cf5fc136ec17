//! The runtime of Tollgate: what generated API clients call and users import.
