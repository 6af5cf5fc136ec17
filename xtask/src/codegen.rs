//! `generated/` from `providers/*.yaml`, and what the tests have of them and of Acme.

use crate::workspace;
use std::io;
use std::path::{Path, PathBuf};
use tollgate_codegen::disk::{self, DiskError, Outcome};
use tollgate_codegen::{Files, Options, cases, generate, print};
use tollgate_descriptor::diagnostic::Diagnostics;
use tollgate_descriptor::model::Model;
use tollgate_descriptor::source::Sources;

/// The descriptor of the made-up provider whose client the tests have.
const ACME: &str = "descriptor/tests/good/acme.yaml";

/// Writes what is generated, or with `check` says which files are stale.
pub(crate) fn run(check: bool) -> io::Result<bool> {
    let Some(models) = load(&workspace::descriptors()?)? else {
        return Ok(false);
    };
    let Some(acme) = load(&[PathBuf::from(ACME)])? else {
        return Ok(false);
    };
    let Some(generated) = clients(&models)? else {
        return Ok(false);
    };
    let Some(acme_clients) = clients(&acme)? else {
        return Ok(false);
    };
    let generated = Files::crate_of(generated);
    let tests = tests(&models, &acme, &acme_clients);
    Ok(bring(check, "generated", generated)? & bring(check, "tests", tests)?)
}

/// Writes or compares the files of one folder.
fn bring(check: bool, name: &str, files: Files) -> io::Result<bool> {
    let files = print::format(files).map_err(io::Error::other)?;
    // Relative, for messages without a path of this machine.
    let folder = PathBuf::from(name);
    if check {
        return match disk::check(&files, &folder, "cargo xtask codegen") {
            Ok(()) => {
                println!("{name}/: {} files are what the descriptors say", files.len());
                Ok(true)
            }
            Err(error @ DiskError::Stale { .. }) => {
                eprintln!("{error}");
                Ok(false)
            }
            Err(error) => Err(io::Error::other(error)),
        };
    }
    let Outcome {
        written,
        removed,
        unchanged,
    } = disk::write(&files, &folder).map_err(io::Error::other)?;
    for path in &written {
        println!("{name}/{path}");
    }
    for path in &removed {
        println!("{name}/{path} (removed)");
    }
    println!(
        "{name}/: {} written, {} removed, {unchanged} up to date",
        written.len(),
        removed.len()
    );
    Ok(true)
}

type Clients = Vec<(String, Files)>;

/// The clients by the provider's id; nothing if one cannot be generated yet, which is told.
fn clients(models: &[Model]) -> io::Result<Option<Clients>> {
    let mut clients = Vec::new();
    for model in models {
        match generate(model, &Options::checked_in()) {
            Ok(files) => clients.push((model.provider.id.clone(), files)),
            Err(diagnostics) => {
                tell(&diagnostics, &read(Path::new(&model.provider.file))?);
                return Ok(None);
            }
        }
    }
    Ok(Some(clients))
}

/// What the tests have: the client of Acme, the matrix of every provider as compile-fail cases, and a call of every
/// operation.
fn tests(providers: &[Model], acme: &[Model], acme_clients: &[(String, Files)]) -> Files {
    let mut files = Files::new();
    for (path, text) in acme_clients.iter().flat_map(|(_, client)| client.iter()) {
        files.insert(format!("scopes/src/{path}"), text);
    }
    let all = providers.iter().map(|model| (model, "tollgate_providers"));
    for (model, krate) in all.chain(acme.iter().map(|model| (model, "tollgate_scope_tests"))) {
        let provider = &model.provider.id;
        for (path, text) in cases::matrix(model, krate).iter() {
            files.insert(format!("scopes/matrix/{provider}/{path}"), text);
        }
        files.insert(format!("src/wire/{provider}.rs"), cases::wire(model, krate));
    }
    files
}

/// How many operations all descriptors have.
pub(crate) fn operations() -> io::Result<usize> {
    Ok(load(&workspace::descriptors()?)?
        .unwrap_or_default()
        .iter()
        .map(|model| model.operations().count())
        .sum())
}

/// A descriptor by its path below the root, under which name generated texts speak of it.
pub(crate) fn read(path: &Path) -> io::Result<Sources> {
    let name = path.to_string_lossy().replace('\\', "/");
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{name}: {error}"));
    let text = std::fs::read_to_string(workspace::root().join(path)).map_err(named)?;
    Ok(Sources::load(&name, text, |included| {
        std::fs::read_to_string(workspace::root().join(included))
    }))
}

/// All models; nothing if a descriptor has mistakes, which are told.
fn load(paths: &[PathBuf]) -> io::Result<Option<Vec<Model>>> {
    let mut models = Some(Vec::new());
    for path in paths {
        let sources = read(path)?;
        match tollgate_descriptor::load(&sources) {
            Ok(loaded) => {
                tell(&loaded.lints, &sources);
                if let Some(models) = &mut models {
                    models.push(loaded.model);
                }
            }
            Err(diagnostics) => {
                tell(&diagnostics, &sources);
                models = None;
            }
        }
    }
    Ok(models)
}

fn tell(diagnostics: &Diagnostics, sources: &Sources) {
    if !diagnostics.is_empty() {
        eprintln!("{}", diagnostics.render(sources, false));
    }
}
