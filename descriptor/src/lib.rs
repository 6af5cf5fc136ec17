//! Reads Tollgate provider descriptors: YAML to a checked model, with diagnostics.
