//! The macro front door.
