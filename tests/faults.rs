//! Every generated provider, through every sort of trouble, from a fixed seed.
//!
//! `TOLLGATE_FAULTS_SEED` is the seed, `TOLLGATE_FAULTS_ONLY` a part of the names of faults, providers or operations.
//! docs/testing.md says more.

mod faults {
    mod cancel;
    mod clock;
    mod draw;
    mod plan;
    #[cfg(feature = "redis")]
    mod redis;
    #[cfg(feature = "redis")]
    #[path = "../../runtime/tests/redis/server.rs"]
    #[expect(
        dead_code,
        unexpected_cfgs,
        reason = "it is that of the runtime's tests, which need more of it"
    )]
    mod server;
    mod site;
    mod storm;
    mod trial;
    mod watch;
}
