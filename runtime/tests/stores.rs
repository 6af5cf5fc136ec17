//! Stores of tokens: what outlives a process, and who asks when several share one.

mod support;

use futures_util::FutureExt;
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};
use support::{grants::*, *};
use tollgate::{
    Client, ErrorKind, FileStore, ProcessStore, ScriptedTransport, Secret, Spec, StoreError, StoreFuture, StoreLock,
    StoredToken, Timestamp, TokenFault, TokenKey, TokenStore,
};

says! {
    Things = Spec { holders: &["Machine"], ..GET };
}

async fn call<T: tollgate::Credential>(client: &Client<T>) {
    client.call(ask::<Things>()).send().await.unwrap();
}

const LEASE: Duration = Duration::from_mins(1);

fn token(text: &str) -> StoredToken {
    StoredToken {
        token: Secret::new(text),
        obtained_at: Timestamp::UNIX_EPOCH,
        expires_at: None,
        refresh_token: None,
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// The files of a store with this ending.
fn files(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect()
}

#[tokio::test]
async fn a_store_keeps_and_forgets() {
    let folder = folder();
    let stores: [Box<dyn TokenStore>; 2] = [
        Box::new(FileStore::new(folder.path().join("a/b"))),
        Box::new(ProcessStore::new()),
    ];
    for store in stores {
        let (one, other) = (TokenKey::from_digest(&[1; 32]), TokenKey::from_digest(&[2; 32]));
        assert!(store.load(&one).await.unwrap().is_none());
        let lock = store.lock(&one, LEASE).await.unwrap();
        store.save(&one, &token("first"), &lock).await.unwrap();
        store.save(&one, &token("second"), &lock).await.unwrap();
        assert_eq!(store.load(&one).await.unwrap().unwrap().token.expose(), "second");
        assert!(store.load(&other).await.unwrap().is_none());
        store.remove(&other).await.unwrap();
        store.remove(&one).await.unwrap();
        assert!(store.load(&one).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_lock_keeps_others_waiting_until_it_is_dropped() {
    let folder = folder();
    let file = || FileStore::new(folder.path());
    let memory = ProcessStore::new();
    let pairs: [(Box<dyn TokenStore>, Box<dyn TokenStore>); 2] = [
        // Two handles on one file, as two processes have them.
        (Box::new(file()), Box::new(file())),
        (Box::new(memory.clone()), Box::new(memory)),
    ];
    for (one, other) in pairs {
        let key = TokenKey::from_digest(&[7; 32]);
        let held = one.lock(&key, LEASE).await.unwrap();
        let other_key = TokenKey::from_digest(&[8; 32]);
        drop(other.lock(&other_key, LEASE).await.unwrap());
        let waiting = tokio::spawn(async move { other.lock(&key, LEASE).await.map(drop) });
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished());
        drop(held);
        waiting.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_longer_than_a_lease_gives_up() {
    let folder = folder();
    let key = TokenKey::from_digest(&[7; 32]);
    let one = FileStore::new(folder.path());
    let _held = one.lock(&key, Duration::from_secs(5)).await.unwrap();
    let other = FileStore::new(folder.path());
    let error = other.lock(&key, Duration::from_secs(5)).await.unwrap_err();
    assert!(error.to_string().contains("for too long"), "{error}");
}

/// As when a disk stalls for longer than anybody waits.
#[test]
fn a_write_that_nobody_waits_for_keeps_the_lock_until_it_has_ended() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    // One thread for all that blocks, so that it can be kept busy.
    let runtime = runtime.enable_all().max_blocking_threads(1).build().unwrap();
    let folder = folder();
    let store = FileStore::new(folder.path());
    let key = TokenKey::from_digest(&[7; 32]);
    runtime.block_on(async {
        let lock = store.lock(&key, LEASE).await.unwrap();
        let (go_on, stalled) = std::sync::mpsc::channel::<()>();
        let stall = tokio::task::spawn_blocking(move || stalled.recv());
        let older = token("older");
        assert!(store.save(&key, &older, &lock).now_or_never().is_none());
        drop(lock);
        let path = &files(folder.path(), "lock")[0];
        let other_process = std::fs::File::open(path).unwrap();
        assert!(other_process.try_lock().is_err(), "the write has not ended");
        go_on.send(()).unwrap();
        stall.await.unwrap().unwrap();
        tokio::task::spawn_blocking(|| ()).await.unwrap();
        assert_eq!(store.load(&key).await.unwrap().unwrap().token.expose(), "older");
        other_process.try_lock().unwrap();
    });
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let inside = folder.path().join("tokens");
    let store = FileStore::new(&inside);
    let key = TokenKey::from_digest(&[7; 32]);
    let lock = store.lock(&key, LEASE).await.unwrap();
    store.save(&key, &token("fake"), &lock).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inside), 0o700);
    for ending in ["json", "lock"] {
        let files = files(&inside, ending);
        assert_eq!(files.len(), 1);
        assert_eq!(mode(&files[0]), 0o600, "{ending}");
    }
    // Nothing is left of what was written beside.
    assert_eq!(std::fs::read_dir(&inside).unwrap().count(), 2);
}

#[tokio::test]
async fn a_damaged_file_is_as_good_as_none() {
    let folder = folder();
    let store = FileStore::new(folder.path());
    let key = TokenKey::from_digest(&[7; 32]);
    let lock = store.lock(&key, LEASE).await.unwrap();
    store.save(&key, &token("fake"), &lock).await.unwrap();
    let file = &files(folder.path(), "json")[0];
    let whole = std::fs::read(file).unwrap();
    for damage in [&whole[..whole.len() / 2], b"", b"\0\xFF", b"{\"version\":9}"] {
        std::fs::write(file, damage).unwrap();
        assert!(store.load(&key).await.unwrap().is_none());
    }
    store.save(&key, &token("again"), &lock).await.unwrap();
    assert_eq!(store.load(&key).await.unwrap().unwrap().token.expose(), "again");
}

#[tokio::test(start_paused = true)]
async fn the_next_run_of_a_program_finds_the_token() {
    let folder = folder();
    let desk = Desk::new();
    for _ in 0..3 {
        // A script of its own is a process of its own: nothing in memory is shared.
        let script = desk.script();
        let connection = short(&script)
            .token_store(FileStore::new(folder.path()))
            .build()
            .unwrap();
        call(&Client::new(&connection, Machine::new())).await;
        assert_eq!(shown(&script), ["granted-1"]);
    }
    assert_eq!(desk.given(), 1);
    let text = std::fs::read_to_string(&files(folder.path(), "json")[0]).unwrap();
    assert!(
        text.contains("granted-1") && !text.contains("s3cret") && !text.contains(ID),
        "{text}"
    );
}

#[tokio::test]
async fn runs_at_the_same_time_ask_once() {
    let folder = folder();
    let desk = Desk::new().delay(ms(100));
    let runs = (0..8).map(|_| {
        let (desk, path) = (desk.clone(), folder.path().to_owned());
        tokio::spawn(async move {
            let connection = short(&desk.script()).token_store(FileStore::new(path)).build().unwrap();
            call(&Client::new(&connection, Machine::new())).await;
        })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.unwrap();
    }
    assert_eq!(desk.given(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_another_run_has_replaced_is_taken_from_the_store() {
    let folder = folder();
    let desk = Desk::new();
    let run = || {
        let connection = short(&desk.script())
            .token_store(FileStore::new(folder.path()))
            .build()
            .unwrap();
        Client::new(&connection, Machine::new())
    };
    let (one, other) = (run(), run());
    call(&one).await;
    call(&other).await;
    desk.revoke();
    call(&one).await;
    call(&other).await;
    assert_eq!(desk.given(), 2, "the second run found the new one");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_left_aside() {
    let folder = folder();
    let file = folder.path().join("a file where a folder should be");
    std::fs::write(&file, "").unwrap();
    let desk = Desk::new();
    let script = desk.script();
    let connection = short(&script).token_store(FileStore::new(&file)).build().unwrap();
    let client = Client::new(&connection, Machine::new());
    call(&client).await;
    call(&client).await;
    assert_eq!(desk.given(), 1);
}

/// What goes wrong with a store.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Fails,
    Panics,
    /// It panics before there is anything to wait for.
    PanicsAtOnce,
    NeverAnswers,
}

const TROUBLES: [Trouble; 4] = [
    Trouble::Fails,
    Trouble::Panics,
    Trouble::PanicsAtOnce,
    Trouble::NeverAnswers,
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    Load,
    Save,
    Lock,
}

/// A store with one thing wrong, as long as it is.
#[derive(Clone)]
struct Troubled {
    inner: ProcessStore,
    trouble: Arc<Mutex<Option<(Ask, Trouble)>>>,
}

impl Troubled {
    fn new(ask: Ask, trouble: Trouble) -> Self {
        Self {
            inner: ProcessStore::new(),
            trouble: Arc::new(Mutex::new(Some((ask, trouble)))),
        }
    }

    fn recovers(&self) {
        *self.trouble.lock().unwrap() = None;
    }

    fn answer<'a, T: Send + 'a>(&self, ask: Ask, answer: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        let trouble = *self.trouble.lock().unwrap();
        match trouble.filter(|(asked, _)| *asked == ask) {
            None => answer,
            Some((_, Trouble::Fails)) => Box::pin(async { Err(StoreError::new("out of order")) }),
            Some((_, Trouble::Panics)) => Box::pin(async { panic!("a store of somebody else's") }),
            Some((_, Trouble::PanicsAtOnce)) => panic!("a store of somebody else's"),
            Some((_, Trouble::NeverAnswers)) => Box::pin(std::future::pending()),
        }
    }
}

impl TokenStore for Troubled {
    fn load<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, Option<StoredToken>> {
        self.answer(Ask::Load, self.inner.load(key))
    }
    fn save<'a>(&'a self, key: &'a TokenKey, token: &'a StoredToken, lock: &'a StoreLock) -> StoreFuture<'a, ()> {
        self.answer(Ask::Save, self.inner.save(key, token, lock))
    }
    fn remove<'a>(&'a self, key: &'a TokenKey) -> StoreFuture<'a, ()> {
        self.inner.remove(key)
    }
    fn lock<'a>(&'a self, key: &'a TokenKey, lease: Duration) -> StoreFuture<'a, StoreLock> {
        self.answer(Ask::Lock, self.inner.lock(key, lease))
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_panics_or_hangs_keeps_no_token_from_calls() {
    for ask in [Ask::Load, Ask::Save, Ask::Lock] {
        for trouble in TROUBLES {
            let script = Desk::new().script();
            let store = Troubled::new(ask, trouble);
            let connection = short(&script).token_store(store).build().unwrap();
            let client = Client::new(&connection, Machine::new());
            let calls = async { tokio::join!(call(&client), call(&client)) };
            let done = tokio::time::timeout(Duration::from_mins(3), calls).await;
            assert!(done.is_ok(), "{ask:?} {trouble:?}");
            assert_eq!(token_requests(&script).len(), 1, "{ask:?} {trouble:?}");
        }
    }
}

/// Two processes that show one refresh token look like a theft; two that show one client secret do not.
#[tokio::test(start_paused = true)]
async fn a_refresh_token_is_not_shown_without_the_lock_and_is_once_there_is_one() {
    for trouble in TROUBLES {
        let script = Desk::new().script();
        let store = Troubled::new(Ask::Lock, trouble);
        let connection = short(&script).token_store(store.clone()).build().unwrap();
        let client = Client::new(&connection, Delegate::new());
        let (one, other) = tokio::join!(client.call(ask::<Things>()).send(), client.call(ask::<Things>()).send());
        for error in [one.unwrap_err(), other.unwrap_err()] {
            assert_eq!(
                error.kind(),
                ErrorKind::Token(TokenFault::Store),
                "{trouble:?}: {error}"
            );
        }
        assert!(token_requests(&script).is_empty());
        store.recovers();
        // Nobody asks again for a moment.
        tokio::time::advance(Duration::from_secs(2)).await;
        call(&client).await;
        assert_eq!(token_requests(&script).len(), 1, "{trouble:?}");
    }
}

/// Somebody with the lock may keep a newer one meanwhile.
#[tokio::test(start_paused = true)]
async fn what_was_got_without_the_lock_is_not_kept() {
    let script = Desk::new().script();
    let store = Troubled::new(Ask::Lock, Trouble::Fails);
    let run = |script: &ScriptedTransport| {
        let connection = short(script).token_store(store.clone()).build().unwrap();
        Client::new(&connection, Machine::new())
    };
    call(&run(&script)).await;
    let next = Desk::new().script();
    call(&run(&next)).await;
    assert_eq!((token_requests(&script).len(), token_requests(&next).len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn only_what_persists_goes_into_the_store() {
    let folder = folder();
    let desk = Desk::new();
    let script = desk.script();
    let connection = short(&script)
        .token_store(FileStore::new(folder.path()))
        .build()
        .unwrap();
    call(&Client::new(&connection, Person::new())).await;
    assert_eq!(desk.given(), 1);
    assert!(files(folder.path(), "json").is_empty());
}
