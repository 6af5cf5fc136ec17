//! Where things are in this repository.

use std::io;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The descriptors, sorted, relative to [`root`]: their paths stand in generated texts.
pub(crate) fn descriptors() -> io::Result<Vec<PathBuf>> {
    let is_descriptor = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "yaml");
    let files = sorted(&root().join("providers"))?.into_iter().filter(is_descriptor);
    Ok(files
        .map(|path| path.strip_prefix(root()).map_or(path.clone(), Path::to_path_buf))
        .collect())
}

/// The manifests of the example crates, sorted.
pub(crate) fn example_crates() -> io::Result<Vec<PathBuf>> {
    let manifests = sorted(&root().join("examples"))?
        .into_iter()
        .map(|path| path.join("Cargo.toml"));
    Ok(manifests.filter(|path| path.is_file()).collect())
}

/// Every Rust file below a folder, sorted.
pub(crate) fn rust_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in sorted(folder)? {
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = std::fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
