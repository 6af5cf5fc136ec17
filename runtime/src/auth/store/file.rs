//! Tokens in files.

use super::{StoreError, StoreFuture, StoreLock, StoredToken, TokenKey, TokenStore};
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use zeroize::Zeroizing;

/// No token is longer; whatever is, is something else.
const LONGEST: u64 = 256 * 1024;
/// How often a lock is tried that another process holds.
const POLL: Duration = Duration::from_millis(50);

/// Keeps tokens in a directory, one file each, so that the next run of a program need not ask for one again.
///
/// **Tokens stand there in clear**: whoever can read the files can use the tokens until they end. The directory is made
/// for its owner alone (mode 0700) and so is each file (0600) where the system knows such modes; elsewhere, choose a
/// directory that only the user can read. Credentials are never written, but for a refresh token that the provider has
/// replaced. File names are hashes.
///
/// It is safe between processes of one machine: a file is replaced whole or not at all, and a lock file lets only one
/// process ask at a time. A damaged file is as good as none, and is told as a warning.
#[derive(Clone, Debug)]
pub struct FileStore {
    directory: PathBuf,
}

impl FileStore {
    /// A store in this directory, which is made when the first token is saved.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
        }
    }

    fn path(&self, key: &TokenKey, ending: &str) -> PathBuf {
        self.directory.join(format!("{}.{ending}", key.as_str()))
    }

    fn make_directory(&self) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.directory)
    }
}

/// A locked file. The lock ends when the last of all who hold it lets go.
type Held = Arc<File>;

/// A file for its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn read(path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let length = file.metadata()?.len().min(LONGEST);
    // Room for all of it and one more byte, so that no growing buffer leaves a copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1));
    file.take(LONGEST).read_to_end(&mut text)?;
    Ok(Some(text))
}

/// Writes a file beside, and puts it in the place of the other in one step.
fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{count}.new", std::process::id()));
    let _ = fs::remove_file(&beside);
    let mut file = private().write(true).create_new(true).open(&beside)?;
    let written = file.write_all(text).and_then(|()| file.sync_all());
    let replaced = written.and_then(|()| fs::rename(&beside, path));
    if replaced.is_err() {
        let _ = fs::remove_file(&beside);
    }
    replaced
}

/// Does something that may block, away from the tasks.
async fn blocking<T: Send + 'static>(
    what: &'static str,
    act: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(act).await {
        Ok(Ok(done)) => Ok(done),
        // The paths of files are hashes, and the kinds of errors are fixed words.
        Ok(Err(error)) => Err(StoreError::new(format!("cannot {what} the file of a token: {error}"))),
        Err(_) => Err(StoreError::new(format!(
            "cannot {what} the file of a token: the runtime stops"
        ))),
    }
}

impl TokenStore for FileStore {
    fn load<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, Option<StoredToken>> {
        Box::pin(async move {
            let path = self.path(key, "json");
            let Some(text) = blocking("read", move || read(&path)).await? else {
                return Ok(None);
            };
            let token = StoredToken::from_clear_json(&text);
            if token.is_none() {
                tracing::warn!(target: "tollgate::token", ?key, "the file of a token is damaged, and taken for none");
            }
            Ok(token)
        })
    }

    /// The operating system ends no lock of a process that lives, and a write has the lock until it has ended, also where
    /// nobody waits for it any more. So no later lock can have been given.
    fn save<'a>(&'a self, key: &'a TokenKey, token: &'a StoredToken, lock: &'a StoreLock) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let Some(held) = lock.guard::<Held>().cloned() else {
                return Err(StoreError::new("the lock of a token is of another store"));
            };
            let (store, path, text) = (self.clone(), self.path(key, "json"), token.to_clear_json());
            blocking("write", move || {
                store.make_directory()?;
                let replaced = replace(&path, &text);
                drop(held);
                replaced
            })
            .await
        })
    }

    fn remove<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let path = self.path(key, "json");
            blocking("remove", move || match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            })
            .await
        })
    }

    /// The operating system ends the lock of a process that dies, so nobody waits for the lease of a dead one. Whoever
    /// waits longer than a lease gives up.
    fn lock<'a>(&'a self, key: &'a TokenKey, lease: Duration) -> StoreFuture<'a, StoreLock> {
        Box::pin(async move {
            let (store, path) = (self.clone(), self.path(key, "lock"));
            let open = move || {
                store.make_directory()?;
                private().write(true).create(true).truncate(false).open(path)
            };
            let mut file = blocking("lock", open).await?;
            let mut waited = Duration::ZERO;
            loop {
                let (same, held) = blocking("lock", move || match file.try_lock() {
                    Ok(()) => Ok((file, true)),
                    Err(TryLockError::WouldBlock) => Ok((file, false)),
                    Err(TryLockError::Error(error)) => Err(error),
                })
                .await?;
                if held {
                    return Ok(StoreLock::new(Held::new(same)));
                }
                if waited >= lease {
                    return Err(StoreError::new("another process has the lock of a token for too long"));
                }
                file = same;
                tokio::time::sleep(POLL).await;
                waited += POLL;
            }
        })
    }
}
